import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { resolveConfig } from '../../config/resolve.ts';
import { ensureFolder } from '../../core/ensure-folder.ts';
import { silentLogger, type ProgressListener } from '../../core/log.ts';
import { defaultPatience } from '../../source/http/retry.ts';
import { openSource } from '../../source/open.ts';
import { discoverTables } from './discover.ts';
import type { DraftSource } from './draft.ts';
import { FOLDER_DEPTH, type SourceFolder } from './proposal.ts';

/** Fetches a source as a whole and looks at what it holds, as a folder's files are looked at. */
export type LookInto = (directory: string, source: DraftSource) => Promise<SourceFolder>;

/** Somebody waits: what cannot be reached is named by hand. */
const PATIENCE = { ...defaultPatience, retries: 1 };

/**
 * What is downloaded stays in the work folder, where the first run finds it.
 *
 * @throws IgarapeError SOURCE_… where the source cannot be read
 */
export function lookingInto(
  env: Readonly<Record<string, string | undefined>>,
  onProgress: ProgressListener,
): LookInto {
  return async (directory, drafted) => {
    const resolved = resolveConfig({ source: drafted, tables: [{ name: 'sample', pk: 'id' }] }, directory);
    if (resolved.kind !== 'valid' || resolved.config.source === undefined)
      throw new RangeError('A source that was answered is one.');
    const { source: config, workDir } = resolved.config;
    const runDir = await mkdtemp(join(tmpdir(), 'igarape-init-'));
    try {
      const source = await openSource(config, { env, patience: PATIENCE });
      const { tables } = await source.open(
        [{ name: 'all', pattern: '**/*', seen: undefined, isMany: true }],
        {
          workDir: join(workDir, 'source'),
          runDir: join(runDir, 'fetched'),
          log: silentLogger,
          onProgress,
          signal: new AbortController().signal,
          skipDownload: false,
        },
      );
      const state = tables.get('all');
      const folder = join(runDir, 'files');
      await mkdir(folder);
      for (const part of state?.kind === 'present' ? (state.many?.parts ?? []) : []) {
        const { path, name } = await part.fetch();
        await ensureFolder(dirname(join(folder, name)));
        await symlink(path, join(folder, name));
      }
      const path = drafted.type === 'files' ? drafted.path : '';
      return { path, ...(await discoverTables(folder, FOLDER_DEPTH)) };
    } finally {
      await rm(runDir, { recursive: true, force: true, maxRetries: 3 });
    }
  };
}
