import type { Logger, ProgressListener } from '../core/log.ts';

/** A state of a source, as a whole. */
export interface SourceVersion {
  /** Kaggle's version number; elsewhere a fingerprint of what was listed. */
  readonly label: string;
  /** When the source says that it was published, in microseconds since 1970 (UTC). */
  readonly timeMicros?: bigint;
}

/**
 * What is remembered, in the ledger, of the file that a table was last read from, so that a later run can tell cheaply
 * that it is the same. Everything is text or a number, for it is kept as JSON.
 */
export interface SeenFile {
  /** The label of the source version that the table was taken from. */
  readonly version: string;
  /** The file's name inside the source; of a table of many files their pattern. */
  readonly name: string;
  /** Of many files, how many they are: size, hash and marks are then of them all. */
  readonly files?: number;
  readonly sizeBytes: number;
  /** SHA-256 of the file's bytes, hex; empty where nobody here has read them. */
  readonly sha256: string;
  /** Of a table whose files are dated snapshots, the date of the one that was taken: `YYYY-MM-DD`. */
  readonly date?: string;
  /** The dates that were taken before that one, back to the first: the days between them. */
  readonly daysBack?: string;
  /** The date that a backfill was told to begin with, where the table was first taken by one. */
  readonly datesFrom?: string;
  /** Set where there were later dates then, which are still to be taken. */
  readonly hasLater?: true;
  /** What the source offers beside the size to notice a change: mtime, ETag, Last-Modified, archive hash. */
  readonly marks?: Readonly<Record<string, string>>;
}

/** A table's file on local disk, ready to be read. */
export interface FetchedFile {
  readonly kind: 'file';
  /** The source's own file where it is a local one: never written to, moved or removed by the reader. */
  readonly path: string;
  /** The file's name inside the source; its ending tells the format. */
  readonly name: string;
  /**
   * What to remember of the file once its table is committed. Takes a reading of the file where its hash is not known
   * yet, so run it beside the real one: `await Promise.all([read(file.path), file.hash()])`.
   */
  hash(): Promise<SeenFile>;
  /** To be called after the last reading: throws a retryable `TABLE_UNREADABLE` where the file was changed meanwhile. */
  confirm(): Promise<void>;
}

/** The files that make up a table together, on local disk, in the order of their names. */
export interface FetchedFiles extends Pick<FetchedFile, 'hash' | 'confirm'> {
  readonly kind: 'files';
  /** The pattern that they match. */
  readonly name: string;
  readonly files: readonly FetchedFile[];
}

export type Fetched = FetchedFile | FetchedFiles;

/** A table's state at a source version. */
export type TableState =
  | Unchanged
  /** No file of this version matches the table's pattern; `names` are those that there are, where they are known. */
  | { readonly kind: 'missing'; readonly pattern: string; readonly names?: readonly string[] }
  /** More than one file matches a pattern that means one. */
  | { readonly kind: 'ambiguous'; readonly pattern: string; readonly names: readonly string[] }
  /**
   * There is a file, `name` inside the source, or there are files that match the pattern `name`; a closer look (a hash)
   * may show the same bytes as before.
   */
  | {
      readonly kind: 'present';
      readonly name: string;
      /** Of the file, or of all files together, as the source has them. */
      readonly sizeBytes: number;
      readonly date?: FoundDate;
      /** Of a table of many files, each of them. */
      readonly many?: ManyFiles;
      /** Of a file that is an object of a bucket: the object. */
      readonly there?: FileThere;
      fetch(): Promise<Fetched | Unchanged>;
    };

/** A file that others may read where it lies. */
export interface FileThere {
  /** `s3://bucket/key`. */
  readonly uri: string;
  /** Its last bytes, all where it has fewer. @throws IgarapeError TABLE_UNREADABLE, retryable: it is another one by now. */
  end(bytes: number): Promise<Buffer>;
  /** What to remember of it once its table is committed. */
  readonly seen: SeenFile;
  /** As of {@link FetchedFile.confirm}. */
  confirm(): Promise<void>;
}

export interface ManyFiles {
  /** In the order of their names. */
  readonly parts: readonly Part[];
  /** What is remembered of them all, but for their bytes. */
  readonly seen: Omit<SeenFile, 'sha256'>;
}

/** One of the files that make up a table. */
export interface Part {
  readonly name: string;
  readonly sizeBytes: number;
  /** Beside the size, what the source tells of its bytes without a reading; undefined where that is nothing. */
  readonly mark?: string;
  /** Of a file that is an object of a bucket: the object. */
  readonly there?: FileThere;
  fetch(): Promise<FetchedFile>;
}

/** The date of the snapshot that was found. */
export interface FoundDate {
  /** `YYYY-MM-DD`. */
  readonly value: string;
  /** False where there are later dates. */
  readonly isLast: boolean;
  /** Names of the source that are left out, for what stands in the place of a date is none. */
  readonly misdated?: readonly string[];
  /** Names of the source with dates before this one. */
  readonly earlier?: readonly DatedName[];
}

export interface DatedName {
  readonly name: string;
  /** `YYYY-MM-DD`. */
  readonly date: string;
}

/** Which date of a table of dated snapshots is wanted next; dates are `YYYY-MM-DD`. */
export interface DateWanted {
  /** The one that was taken last. */
  readonly after?: string;
  /** The first that counts; where it is not given, a table begins with its newest. */
  readonly from?: string;
  /** The last that counts. */
  readonly until?: string;
}

/** Known to hold the same bytes as the request's `seen` did. */
export interface Unchanged {
  readonly kind: 'unchanged';
  /**
   * Set where it took a look at the content, or a request beyond the first, to know that: what to remember from now on
   * (a new version number, ETag or archive hash), so that the next run knows it for less. A file whose time alone has
   * moved is not worth an entry in the ledger.
   */
  readonly seen?: SeenFile;
  readonly date?: FoundDate;
}

export interface SourceSnapshot {
  readonly version: SourceVersion;
  readonly tables: ReadonlyMap<string, TableState>;
}

/** A table as the source must find it. */
export interface TableRequest {
  readonly name: string;
  /**
   * A glob over the names inside the source, e.g. `**\/clientes.{csv,csv.gz,parquet,jsonl}`; all files that match are the
   * table where it means many (`meansMany`), else exactly one must.
   */
  readonly pattern: string;
  /** What the table was last read from; undefined at first sight, or to force a reading. */
  readonly seen: SeenFile | undefined;
  /** Set where all files that match are the table, whatever the pattern says. */
  readonly isMany?: boolean;
  /** Counts where the pattern has a date in it. */
  readonly date?: DateWanted;
}

export interface SourceContext {
  /** A folder of the source's own for downloads and unpacked files; may vanish between runs. */
  readonly workDir: string;
  /** A folder of this run's own: what is fetched lies there until the run ends, and goes with it. */
  readonly runDir: string;
  readonly log: Logger;
  readonly onProgress: ProgressListener;
  readonly signal: AbortSignal;
  /** Use what an earlier run has downloaded, and do not ask the network. */
  readonly skipDownload: boolean;
}

/**
 * Where snapshots come from. Errors are `SOURCE_…` codes: nothing can be read now, or ever. A single broken file is
 * thrown by its `fetch` as `SOURCE_…` or `TABLE_…` and concerns that table alone.
 */
export interface Source {
  /** Names the source for good (`kaggle:owner/slug`): a lake remembers which one feeds it. Holds no secret. */
  readonly id: string;

  /** The newest version and the state of each requested table in it, found with as little reading as can be. */
  open(tables: readonly TableRequest[], context: SourceContext): Promise<SourceSnapshot>;

  /** Past versions, oldest first; undefined where the source keeps none. */
  versions?(context: Pick<SourceContext, 'log' | 'signal'>): Promise<readonly SourceVersion[]>;

  /** As {@link Source.open}, of a past version. */
  openVersion?(
    label: string,
    tables: readonly TableRequest[],
    context: SourceContext,
  ): Promise<SourceSnapshot>;
}
