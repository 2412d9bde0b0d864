import { randomUUID } from 'node:crypto';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import type { Logger } from '../core/log.ts';
import type { Edge } from '../pipeline/context.ts';
import { openSource } from '../source/open.ts';
import type { Source } from '../source/port.ts';
import { openStorage } from '../storage/open.ts';
import type { Storage } from '../storage/port.ts';
import { openLog } from './log.ts';
import type { GlobalOptions } from './options.ts';
import { showProgress } from './progress.ts';
import { secretsOf } from './redact.ts';

/** A configuration with everything that it names, open. */
export interface Project {
  readonly config: Config;
  readonly storage: Storage;
  readonly log: Logger;
  openSource(): Promise<Source>;
  edge(signal: AbortSignal): Edge;
}

export async function openProject(globals: GlobalOptions): Promise<Project> {
  const { config, env } = await loadConfig({
    ...(globals.config === undefined ? {} : { file: globals.config }),
    cwd: process.cwd(),
    env: process.env,
  });
  const log = await openLog(config.workDir, globals, randomUUID(), secretsOf(env));
  return {
    config,
    log,
    storage: await openStorage(config.lake, env),
    openSource: () => openSource(config.source, { env, log }),
    edge: (signal) => ({ clock: Date.now, newId: randomUUID, log, onProgress: showProgress(globals), signal }),
  };
}
