import { homedir } from 'node:os';
import type { SourceConfig } from '../config/config.ts';
import type { Patience } from './http/retry.ts';
import type { Source } from './port.ts';

/** What sources take from the edge of the program. */
export interface SourceEdge {
  /** Credentials, proxies and endpoints. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's home folder, where Kaggle's own credential files are; the real one by default. */
  readonly home?: string;
  /** How long a server is asked again that does not answer. */
  readonly patience?: Patience;
}

/** The source that a configuration names, where it names one. */
export async function openAnySource(
  config: SourceConfig | undefined,
  edge: SourceEdge,
): Promise<Source | undefined> {
  return config === undefined ? undefined : openSource(config, edge);
}

/** The source that a configuration names; loads only what that kind of source needs, and asks for nothing yet. */
export async function openSource(config: SourceConfig, edge: SourceEdge): Promise<Source> {
  if (config.type === 'files') return (await import('./files.ts')).openFilesSource(config);
  if (config.type === 'http') return (await import('./http/http.ts')).openHttpSource(config, edge);
  if (config.type === 's3') return (await import('./s3.ts')).openS3Source(config, edge);
  return (await import('./kaggle/kaggle.ts')).openKaggleSource(config, { home: homedir(), ...edge });
}
