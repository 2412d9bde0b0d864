import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { IgarapeError } from '../../core/errors.ts';
import type { LedgerEntry } from '../../lake/ledger-entry.ts';
import { meansMany } from '../../source/match.ts';
import type { Source, TableRequest, TableState } from '../../source/port.ts';
import type { Edge } from '../context.ts';
import { withRunDir } from '../run-dir.ts';
import type { Finding } from './check.ts';

/**
 * Opens the source as a run would, and tells which file each table is read from.
 *
 * @throws IgarapeError SOURCE_… it cannot be read; TABLE_… a table has not exactly one file.
 */
export async function lookAtSource(
  { tables, workDir }: Config,
  source: Source,
  newest: LedgerEntry | undefined,
  edge: Edge,
): Promise<Finding> {
  const { log, onProgress, signal } = edge;
  const requests = tables.map(({ name, file, mode }): TableRequest => {
    // What the lake knows of another source says nothing of this one.
    const seen = newest?.source.id === source.id ? newest.tables[name]?.seen : undefined;
    return { name, pattern: file, isMany: mode === 'append' || meansMany(file), seen };
  });
  const { version, tables: states } = await withRunDir(workDir, edge, (runDir) =>
    source.open(requests, {
      workDir: join(workDir, 'source'),
      runDir,
      log,
      onProgress,
      signal,
      skipDownload: false,
    }),
  );
  const lines = requests.map((request) => describe(request, states.get(request.name)));
  const found = `${source.id}, version ${version.label}: ${lines.map(({ text }) => text).join('; ')}`;
  const broken = lines.find(({ code }) => code !== undefined);
  if (broken?.code === undefined) return { found };
  throw new IgarapeError(
    broken.code,
    { quoted: found },
    {
      hint: 'Set "file" of each such table so that exactly one file of the source matches, or to a pattern with "*" whose matches are the table together.',
    },
  );
}

interface Line {
  readonly text: string;
  readonly code?: 'TABLE_MISSING' | 'TABLE_AMBIGUOUS';
}

function describe({ name, pattern, seen }: TableRequest, state: TableState | undefined): Line {
  switch (state?.kind) {
    case 'present':
      return { text: `${name} is read from ${state.name}` };
    case 'unchanged':
      return { text: `${name} is read from ${state.seen?.name ?? seen?.name ?? pattern}, unchanged` };
    case 'ambiguous':
      return { text: `${name} could be ${state.names.join(' or ')}`, code: 'TABLE_AMBIGUOUS' };
    case 'missing':
    case undefined:
      return { text: `${name} has no file that matches ${JSON.stringify(pattern)}`, code: 'TABLE_MISSING' };
  }
}
