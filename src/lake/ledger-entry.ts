import type { AddedColumns } from '../changes/change-file.ts';
import type { ChangeCounts } from '../changes/compare.ts';
import type { Schema } from '../core/schema.ts';
import type { SeenFile } from '../source/port.ts';

/** What is known of a committed run whatever it did. */
export interface RunHead {
  readonly run: number;
  /** Unique to the attempt that became this run. */
  readonly attempt: string;
  /** Name and version of the program. */
  readonly writer: string;
  /** ISO 8601, UTC, by the writer's clock. */
  readonly committedAt: string;
  readonly source: { readonly id: string; readonly version: string; readonly timeMicros?: string };
  /** Set where a backfill made the entry: the version that it began with. */
  readonly backfillFrom?: string;
}

/** A committed run, and with it everything that the lake was then. */
export interface LedgerEntry extends RunHead {
  /** Every table of the lake, also those that this run did not touch. */
  readonly tables: Readonly<Record<string, TableState>>;
  /** What the run told its caller, also of tables that were held or failed. */
  readonly report: Readonly<Record<string, TableReport>>;
}

/** A committed run by itself, without what the lake was beside it. */
export interface PastEntry extends RunHead {
  /** At least the tables that this run published something of. */
  readonly tables: Readonly<Record<string, TableRun>>;
  readonly report: Readonly<Record<string, TableReport>>;
}

/** How the files of a table ended, as far as that tells whether they were cut off. */
export interface FileEnds {
  /** Of files of lines: whether the last line of one had no end. */
  readonly isUnended?: boolean;
  /** Of many files, how many were empty; undefined for none. */
  readonly emptyFiles?: number;
}

/** What a run did to a table. */
export interface TableRun extends ChangeCounts, FileEnds {
  readonly operation: 'full-load' | 'cdc' | 'unchanged';
  /** What this run publishes of the table. */
  readonly file: PublishedFile | null;
  /** Counts full-loads from 0: replay starts at the last one. */
  readonly epoch: number;
  readonly primaryKey: readonly string[];
  /** What the table was last read from. */
  readonly seen: SeenFile;
  /** Of a table that only ever grows: where the list of the files is that it was taken from. */
  readonly taken?: { readonly key: string };
  /** By which options it was read: a hash. Entries of earlier versions have none. */
  readonly readAs?: string;
  /** What that file had that was no row. */
  readonly rejects?: Rejects;
  /** Of the table's last change: microseconds since 1970, as text, for they do not fit a JSON number for sure. */
  readonly lastTimestampMicros: string;
  readonly lastSequence: number;
}

/** A table as a run left it. */
export interface TableState extends TableRun {
  readonly schema: Schema;
  readonly base: Base;
}

/** A file of a folder. */
export interface Part {
  readonly name: string;
  readonly sizeBytes: number;
}

/** A visible file, or a folder of several: where it is staged, where it goes, and what it holds. */
export interface PublishedFile {
  readonly kind: 'full-load' | 'cdc';
  readonly key: string;
  readonly stagedKey: string;
  readonly sizeBytes: number;
  /** Hex; of a folder, that of its parts' one after the other. */
  readonly sha256: string;
  readonly rows: number;
  /** Of a folder. */
  readonly parts?: readonly (Part & { readonly sha256: string })[];
  /** Of a change file: the columns that it adds. */
  readonly cdcColumns?: AddedColumns;
}

/** The snapshot that the next one is compared with. */
export interface Base {
  /** The whole table of its time, then a segment a run with what changed: see `changes/base.ts`. */
  readonly segments: readonly Segment[];
  /** Rows of the table. */
  readonly rows: number;
  /** How its hashes were taken, or that it has none; null where they cannot be used, for two keys share one. */
  readonly hashVersion: string | null;
}

/** A file, or a folder of several. */
export interface Segment {
  readonly key: string;
  readonly sizeBytes: number;
  readonly rows: number;
  /** Of a folder. */
  readonly parts?: readonly Part[];
}

/** Lines that were set aside when a table's file was read. */
export interface Rejects {
  /** A CSV file of them in the lake. */
  readonly key: string;
  readonly lines: number;
}

export interface TableReport extends ChangeCounts {
  readonly operation: 'full-load' | 'cdc' | 'unchanged' | 'held' | 'failed';
  /** The published file's key in the lake. */
  readonly file: string | null;
  readonly bytes: number;
  readonly reason?: string;
  /** Of a table that was held or failed: the code of what it met. */
  readonly code?: string;
  /** How many lines of the file were no rows and were set aside; left out where none were. */
  readonly rejected?: number;
}
