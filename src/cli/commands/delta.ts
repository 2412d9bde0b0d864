import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IgarapeError } from '../../core/errors.ts';
import type { HistoryEntry } from '../../delta/log/history.ts';
import type { VersionOrTime } from '../../delta/log/versions.ts';
import type { DeltaTable } from '../../delta/table.ts';
import { openedRows } from '../delta-rows.ts';
import { openNamedTable } from '../named-table.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../print.ts';
import { renderDeltaHistory, renderDescription } from '../render/delta.ts';
import { type OutputOptions, rowsOutput } from '../rows-output.ts';
import { untilStopped } from '../stop.ts';

export interface AtOptions {
  readonly version?: number;
  readonly timestamp?: string;
}

interface HistoryOptions {
  readonly limit?: number;
}

interface ReadOptions extends AtOptions, OutputOptions {
  readonly columns?: readonly string[];
  readonly where?: string;
}

interface ChangesOptions extends OutputOptions {
  readonly from: string;
  readonly to?: string;
}

/** `igarape delta describe PATH` */
export const describe: DeltaCommand<AtOptions> = command(async (table, options, globals) => {
  print(await table.describe(at(options)), globals, renderDescription);
});

/** `igarape delta history PATH` */
export const history: DeltaCommand<HistoryOptions> = command(async (table, { limit = Infinity }, globals) => {
  const entries: HistoryEntry[] = [];
  for await (const entry of table.history()) {
    if (entries.push(entry) >= limit) break;
  }
  print(entries, globals, renderDeltaHistory);
});

/** `igarape delta read PATH` */
export const read: DeltaCommand<ReadOptions> = command(async (table, options, globals, folder) => {
  const output = rowsOutput(options, globals);
  const version = at(options);
  const { columns, where } = options;
  const rows = await table.read({
    ...(version === undefined ? {} : { at: version }),
    ...(columns === undefined ? {} : { columns }),
    ...(where === undefined ? {} : { where }),
    ...(output.mostRows === undefined ? {} : { limit: output.mostRows }),
  });
  await output.write(openedRows(rows), folder);
});

/** `igarape delta changes PATH` */
export const changes: DeltaCommand<ChangesOptions> = command(async (table, options, globals, folder) => {
  const output = rowsOutput(options, globals);
  const { from, to } = options;
  const rows = await table.changes({
    from: versionOrTime(from),
    ...(to === undefined ? {} : { to: versionOrTime(to) }),
  });
  await output.write(openedRows(rows), folder);
});

export interface DeltaCommand<Options> {
  command(args: readonly string[], options: Options, globals: GlobalOptions): Promise<number>;
}

type Work<Options> = (
  table: DeltaTable,
  options: Options,
  globals: GlobalOptions,
  folder: string,
) => Promise<void>;

type Open<Options> = (
  path: string,
  globals: GlobalOptions,
  workDir: string,
  options: Options,
) => Promise<DeltaTable>;

/**
 * Opens the table that the command names, or makes one, for as long as the work takes, with an empty folder that is gone
 * afterwards.
 */
export function command<Options>(
  work: Work<Options>,
  open: Open<Options> = openNamedTable,
): DeltaCommand<Options> {
  return {
    async command([path = ''], options, globals) {
      const folder = await mkdtemp(join(tmpdir(), 'igarape-delta-'));
      try {
        await untilStopped(async (signal) => {
          await using table = await open(path, globals, join(folder, 'work'), options);
          signal.addEventListener('abort', () => table.engine.interrupt());
          await work(table, options, globals, folder);
        });
      } finally {
        await rm(folder, { recursive: true, force: true, maxRetries: 3 });
      }
      return 0;
    },
  };
}

export function at({ version, timestamp }: AtOptions): VersionOrTime | undefined {
  if (version !== undefined && timestamp !== undefined) {
    throw new IgarapeError('USAGE', '--version and --timestamp do not go together.', {
      hint: 'Give one of them.',
    });
  }
  return version ?? timestamp;
}

function versionOrTime(text: string): VersionOrTime {
  return /^\d+$/.test(text) ? Number(text) : text;
}
