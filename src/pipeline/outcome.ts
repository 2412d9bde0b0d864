import type { ChangeFileRequest } from '../changes/change-file.ts';
import type { ChangeCounts } from '../changes/compare.ts';
import type { Guard } from '../changes/guards.ts';
import type { SampleChange } from '../changes/sample.ts';
import type { ErrorCode, IgarapeError } from '../core/errors.ts';
import type { Schema } from '../core/schema.ts';
import type { FileEnds } from '../lake/ledger-entry.ts';
import type { RowsThere } from '../lake/stage.ts';
import type { TakenFile } from '../lake/taken-files.ts';
import type { SchemaChange } from '../snapshot/evolve.ts';
import type { Fetched, FoundDate, SeenFile } from '../source/port.ts';
import type { RejectedLines } from '../snapshot/raw-table.ts';

/** What examining a table's newest state has shown. Nothing is written to the lake yet. */
export type TableOutcome = Shown & {
  /** Set where the configuration has a Spark, which was, or was not, given the table to compare. */
  readonly comparedBy?: ComparedBy;
};

export type ComparedBy =
  /** `statements`: how many it took. */
  | { readonly engine: 'spark'; readonly statements: number }
  | { readonly engine: 'duckdb'; readonly reason: string };

type Shown =
  /** The rows are those of the base. */
  | { readonly kind: 'unchanged'; readonly rows: number; readonly seen?: SeenFile }
  | HeldTable
  | { readonly kind: 'failed'; readonly error: IgarapeError }
  | ExaminedTable;

/** A table that a guard holds back; `guards` is empty where no approval helps. */
export interface HeldTable {
  readonly kind: 'held';
  readonly reason: string;
  readonly code: ErrorCode;
  readonly guards: readonly Guard[];
  readonly schemaChange?: SchemaChange;
  /** How many changes are held back; left out where it did not come to a comparison. */
  readonly counts?: ChangeCounts;
  /** Some of them. */
  readonly samples: readonly SampleChange[];
  /** Lines of the file that are no rows. */
  readonly rejects?: readonly RejectedLines[] | undefined;
}

/** How the changes that the engine holds are to be read. */
export interface Compared {
  readonly change: SchemaChange;
  readonly key: readonly string[];
}

/** A table with something to commit: changes, a first snapshot, or only a new base, schema or progress. */
export interface ExaminedTable {
  readonly kind: 'examined';
  readonly operation: 'full-load' | 'cdc' | 'unchanged';
  readonly counts: ChangeCounts;
  readonly schema: Schema;
  /** Undefined for a full-load. */
  readonly schemaChange: SchemaChange | undefined;
  readonly primaryKey: readonly string[];
  /** Undefined for a full-load, where every row is inserted. */
  readonly compared: Compared | undefined;
  readonly file: Pick<Fetched, 'hash'>;
  /** Of a table of dated snapshots, the one that was examined. */
  readonly date?: FoundDate;
  /** Of a table that only ever grows, the files that it is taken from now; undefined where these are as before. */
  readonly taken?: readonly TakenFile[];
  /** Lines of the file that are no rows and were set aside, as local files. */
  readonly rejects: readonly RejectedLines[] | undefined;
  readonly ends?: FileEnds;
  /** Undefined where the old base serves as it is. */
  readonly base: NextBase | undefined;
  /** Writes the change file where the lake is; undefined where the engine has the changes. */
  readonly writeChanges?: (request: ChangeFileRequest) => Promise<RowsThere>;
}

/** The table's next base. */
export type NextBase = BaseHere | BaseThere;

/** A base that is written where the lake is; at a first load it is the full-load, too. */
export interface BaseThere {
  readonly kind: 'there';
  /** Rows of the table. */
  readonly rows: number;
  readonly hashVersion: string | null;
  /** Writes it for an attempt. */
  readonly write: (attempt: string) => Promise<RowsThere>;
}

/** A base whose new segment is a local file. */
export interface BaseHere {
  /** Stands alone, or follows the segments that there are. */
  readonly kind: 'full' | 'delta';
  readonly path: string;
  readonly segmentRows: number;
  /** Rows of the table. */
  readonly rows: number;
  readonly hashVersion: string | null;
}

/** An error's message and hint, for a table's reason. */
export function sentence(error: IgarapeError): string {
  if (error.hint === undefined) return error.message;
  return `${error.message}${/[.!?…]$/.test(error.message) ? '' : '.'} ${error.hint}`;
}
