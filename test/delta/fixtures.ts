import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import type { ErrorCode } from '../../src/core/errors.ts';
import type { OpenOptions } from '../../src/delta/open-table.ts';

/** Tables written by other engines, kept beside the project; see the README there. */
const ROOT = fileURLToPath(new URL('../../../shared/data/delta', import.meta.url));

export const areFixturesHere: boolean = existsSync(ROOT);

export interface Expectation {
  readonly name: string;
  /** The table's folder. */
  readonly table: string;
  /** The version that the rows are those of; the newest where it is left out. */
  readonly version?: number;
  /** Parquet files with the rows. */
  readonly rows: string;
}

/** Every table that comes with its rows, at every version that it has them for. */
export function expectations(): Expectation[] {
  const golden = folders('golden').flatMap((name): Expectation[] => {
    const folder = join(ROOT, 'golden', name);
    if (!existsSync(join(folder, 'expected'))) return [];
    return [
      { name: `golden/${name}`, table: join(folder, 'delta'), rows: join(folder, 'expected/*.parquet') },
    ];
  });
  const dat = folders('dat').flatMap((name) =>
    folders(`dat/${name}/expected`).map((version): Expectation => {
      const folder = join(ROOT, 'dat', name);
      return {
        name: `dat/${name} ${version}`,
        table: join(folder, 'delta'),
        ...(version === 'latest' ? {} : { version: Number(version.slice(1)) }),
        rows: join(folder, 'expected', version, 'table_content/*.parquet'),
      };
    }),
  );
  return [...golden, ...dat];
}

/** Every table without rows to compare with has to stand in one of the catalogues below. */
export function tablesWithoutRows(): string[] {
  const golden = folders('golden').filter((name) => !existsSync(join(ROOT, 'golden', name, 'expected')));
  return [
    ...golden.filter((name) => name !== 'hive').map((name) => `golden/${name}/delta`),
    ...folders('golden/hive/delta').map((name) => `golden/hive/delta/${name}`),
    ...folders('kernel').map((name) => `kernel/${name}`),
  ];
}

export function fixture(name: string): string {
  return join(ROOT, name);
}

function folders(name: string): string[] {
  const folder = join(ROOT, name);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}

/** Where the log does not say enough: what a reader of the table has to be told. */
export const TOLD: Readonly<Record<string, OpenOptions>> = {
  // Its partition values are times without a zone, of a writer in this one.
  'golden/data-reader-partition-values': { partitionTimeZone: 'America/Los_Angeles' },
};

/** Tables that must not be read, and what has to be said. */
export const REFUSED: Readonly<Record<string, { readonly code: ErrorCode; readonly message: RegExp }>> = {
  // A clone: it has no schema of its own, only files by absolute paths of a machine that is not there.
  'golden/data-reader-absolute-paths-escaped-chars/delta': {
    code: 'DELTA_CORRUPT',
    message: /no metaData action/,
  },
  // Its metadata is a stub for the commitInfo beside it.
  'golden/deltalog-commit-info/delta': { code: 'DELTA_CORRUPT', message: /The schema: it is missing/ },
  'golden/deltalog-invalid-protocol-version/delta': {
    code: 'DELTA_UNSUPPORTED',
    message: /reader version 99/,
  },
  'golden/deltalog-state-reconstruction-from-checkpoint-missing-protocol/delta': {
    code: 'DELTA_CORRUPT',
    message: /no protocol action/,
  },
  'golden/deltalog-state-reconstruction-without-protocol/delta': {
    code: 'DELTA_CORRUPT',
    message: /no protocol action/,
  },
  'golden/no-delta-log-folder/delta': { code: 'DELTA_NOT_FOUND', message: /is not a Delta table/ },
  'golden/versions-not-contiguous/delta': {
    code: 'DELTA_CORRUPT',
    message: /0{19}1\.json: this commit is missing/,
  },
};

export interface State {
  readonly version: number;
  readonly files: number;
  readonly rows: number;
  /** The version of the checkpoint that the state begins with. */
  readonly checkpoint?: number;
}

/** Tables that come without their rows: what is live at their newest version. */
export const STATES: Readonly<Record<string, State>> = {
  // A file is added as file:/x and removed as file:///x or /x: one file in every spelling.
  'golden/canonicalized-paths-normal-b/delta': { version: 1, files: 0, rows: 0 },
  'golden/canonicalized-paths-special-a/delta': { version: 1, files: 0, rows: 0 },
  'golden/canonicalized-paths-special-b/delta': { version: 1, files: 0, rows: 0 },
  'golden/hive/delta/deltatbl-column-names-case-insensitive': { version: 0, files: 4, rows: 10 },
  'golden/hive/delta/deltatbl-deleted-path': { version: 0, files: 2, rows: 10 },
  'golden/hive/delta/deltatbl-incorrect-format-config': { version: 0, files: 2, rows: 10 },
  'golden/hive/delta/deltatbl-map-types-correctly': { version: 0, files: 1, rows: 1 },
  'golden/hive/delta/deltatbl-non-partitioned': { version: 0, files: 2, rows: 10 },
  'golden/hive/delta/deltatbl-not-allow-write': { version: 0, files: 2, rows: 10 },
  'golden/hive/delta/deltatbl-partition-prune': { version: 0, files: 5, rows: 5 },
  'golden/hive/delta/deltatbl-partitioned': { version: 0, files: 4, rows: 10 },
  'golden/hive/delta/deltatbl-schema-match': { version: 0, files: 4, rows: 10 },
  'golden/hive/delta/deltatbl-special-chars-in-partition-column': { version: 0, files: 4, rows: 10 },
  'golden/hive/delta/deltatbl-touch-files-needed-for-partitioned': { version: 0, files: 4, rows: 10 },
  'kernel/cdf-column-mapping-id-mode': { version: 4, files: 3, rows: 3 },
  'kernel/cdf-column-mapping-name-mode': { version: 4, files: 3, rows: 3 },
  'kernel/cdf-column-mapping-name-mode-3-7': { version: 4, files: 3, rows: 3 },
  'kernel/cdf-table-backtick-column-names': { version: 1, files: 4, rows: 5 },
  'kernel/cdf-table-delete-conditional-all-rows': { version: 1, files: 0, rows: 0 },
  'kernel/cdf-table-delete-conditional-two-rows': { version: 1, files: 3, rows: 8 },
  'kernel/cdf-table-delete-unconditional': { version: 1, files: 0, rows: 0 },
  'kernel/cdf-table-non-partitioned': { version: 4, files: 11, rows: 11 },
  'kernel/cdf-table-partitioned': { version: 2, files: 1, rows: 2 },
  'kernel/cdf-table-simple': { version: 2, files: 0, rows: 0 },
  'kernel/cdf-table-with-cdc-and-dvs': { version: 25, files: 2, rows: 5 },
  'kernel/cdf-table-with-dv': { version: 6, files: 1, rows: 10 },
  'kernel/timestamp-partitioned-table': { version: 0, files: 1, rows: 1 },
  'kernel/v2-checkpoints-json-with-last-checkpoint': { version: 0, files: 2, rows: 10, checkpoint: 0 },
  'kernel/v2-checkpoints-json-with-sidecars': { version: 6, files: 101, rows: 1233, checkpoint: 6 },
  'kernel/v2-checkpoints-json-without-sidecars': { version: 2, files: 3, rows: 11, checkpoint: 2 },
  'kernel/v2-checkpoints-parquet-with-sidecars': { version: 6, files: 101, rows: 1233, checkpoint: 6 },
  'kernel/v2-checkpoints-parquet-without-sidecars': { version: 2, files: 3, rows: 11, checkpoint: 2 },
};
