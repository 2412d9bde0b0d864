import type { S3Access } from '../core/s3-access.ts';
import type { ColumnType } from '../core/schema.ts';
import type { Databricks } from './databricks.ts';
import type { TableFormat } from './table-name.ts';

/** A validated configuration: short forms spelled out, defaults filled in, paths absolute. */
export interface Config {
  /** Undefined where change files of others feed every table. */
  readonly source: SourceConfig | undefined;
  readonly lake: LakeConfig;
  readonly timer: Timer | undefined;
  readonly layout: 'flat' | 'nested';
  readonly compat: 'op' | 'dms' | null;
  readonly cdcColumns: CdcColumns;
  readonly compression: Compression;
  /** A size as DuckDB reads it, e.g. `1GB`. */
  readonly memoryLimit: string;
  readonly queryTimeoutMs: number;
  readonly workDir: string;
  /** The layers of Delta tables that are fed, in their order; empty for change files alone. */
  readonly layers: readonly ('bronze' | 'silver' | 'gold')[];
  readonly engine: EngineConfig;
  /** The folder of the models of silver and gold, absolute. */
  readonly models: string;
  /** How the models' seeds are read: as usual, and otherwise, by name. */
  readonly seeds: SeedsConfig;
  /** Values of the models' variables, by name. */
  readonly vars: Readonly<Record<string, VariableValue>>;
  /** The upkeep of the layers' tables. */
  readonly maintenance: MaintenanceConfig;
  /** Who is told how a run went. */
  readonly notifications: NotificationsConfig;
  /** The tables that are taken from the source. */
  readonly tables: readonly TableConfig[];
  /** Bronze tables that are fed by change files of others. */
  readonly foreignTables: readonly ForeignTableConfig[];
}

/** What computes tables of models as a whole. `remote` is an address that is read by `parseRemote`, and may hold a secret. */
export type EngineConfig =
  | { readonly type: 'duckdb' }
  | { readonly type: 'spark'; readonly remote: string | undefined }
  | ({ readonly type: 'databricks' } & Omit<Databricks, 'host'> & Partial<Pick<Databricks, 'host'>>);

export interface SeedsConfig {
  readonly usual: TableConfig;
  readonly named: Readonly<Record<string, TableConfig>>;
}

/** A variable's value as it is written, or the values of a list. */
export type VariableValue = string | readonly string[] | null;

export interface NotificationsConfig {
  readonly onFailure: HookConfig | undefined;
  readonly onHold: HookConfig | undefined;
  readonly onSuccess: HookConfig | undefined;
  readonly openLineage:
    | {
        readonly namespace: string;
        readonly to: WebhookConfig | { readonly kind: 'file'; readonly path: string };
      }
    | undefined;
}

export type HookConfig = WebhookConfig | { readonly kind: 'command'; readonly command: string };

/** `${NAME}` in address and headers stands for a variable of the environment. */
export interface WebhookConfig {
  readonly kind: 'webhook';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface MaintenanceConfig {
  readonly optimize: boolean;
  /** How many small files may gather before they are put together. */
  readonly optimizeAfterFiles: number;
  readonly vacuum: boolean;
  /** How long two vacuums of a table lie apart at least. */
  readonly vacuumEveryMs: number;
}

export interface ForeignTableConfig {
  readonly name: string;
  readonly key: readonly string[];
  /** Patterns, each an absolute path or `s3://bucket/pattern`. */
  readonly from: readonly string[];
  /** How their bucket is reached. */
  readonly s3: S3Access;
  readonly compat: 'op' | 'dms';
  readonly orderBy: string;
  readonly maxFilesPerRun: number | undefined;
}

export type Compression = 'snappy' | 'zstd' | 'gzip' | 'none';

export type SourceConfig =
  /** `endpoint` is a base URL without `/api/v1`; `version` pins a version number. */
  | {
      readonly type: 'kaggle';
      readonly dataset: string;
      readonly version?: number;
      readonly endpoint?: string;
    }
  /** `path` is absolute: a folder, an archive or one file; `name` is the path as the configuration writes it. */
  | { readonly type: 'files'; readonly path: string; readonly name: string; readonly folder?: string }
  | { readonly type: 'http'; readonly url: string }
  | { readonly type: 's3'; readonly uri: string; readonly s3: S3Access };

export interface LakeConfig {
  /** An absolute path, or `s3://bucket/prefix`. */
  readonly uri: string;
  readonly s3: S3Access;
}

export type Timer =
  | { readonly kind: 'interval'; readonly everyMs: number }
  | { readonly kind: 'cron'; readonly pattern: string; readonly timezone: string };

/** The names of the columns that change files add. */
export interface CdcColumns {
  readonly operation: string;
  readonly timestamp: string;
  readonly sequence: string;
}

export interface TableConfig {
  readonly name: string;
  /** A glob over the names inside the source. */
  readonly file: string;
  /** Whether its files are the whole table each time, or only ever gain rows. */
  readonly mode: 'snapshot' | 'append';
  /** Undefined: told by the file's ending. */
  readonly format: TableFormat | undefined;
  readonly csv: CsvOptions;
  /** The sheet of a workbook, and the part of it: `B2:F`. */
  readonly sheet: string | undefined;
  readonly range: string | undefined;
  /** The table of a database. */
  readonly sqliteTable: string | undefined;
  /** Else a file of tab-separated values has tabs. */
  readonly isSeparatorGiven: boolean;
  readonly key: readonly string[];
  /** Whether the whole row is the key: its one column is then added to the table. */
  readonly isRowKey: boolean;
  /** Which row of a key stays where it has several; undefined: none may have. */
  readonly duplicates: DuplicatesRule | undefined;
  readonly dateField: string | undefined;
  /** Types that are given instead of found, by column; `bigint`, `decimal(12,2)` … */
  readonly types: Readonly<Record<string, ColumnType>>;
  /** Columns whose change alone is no change. */
  readonly ignore: readonly string[];
  readonly schema: 'evolve' | 'freeze';
  readonly updateWhen: 'content' | 'timestamp';
  /** The share of the base's rows, 0 to 1, that may be gone without approval. */
  readonly maxDeleteRatio: number;
  /** The share of the rows that stay, 0 to 1, that may be updated without approval. */
  readonly maxUpdateRatio: number;
  /** What its bronze table keeps of a row: the last state, or every version. */
  readonly history: 'latest' | 'scd2';
  /** The most change files that one run applies to its bronze table. */
  readonly maxFilesPerRun: number | undefined;
}

/** The column that a table has where the whole row is its key. */
export const ROW_KEY = '_row_key';

/** Of several rows the one whose value in a column is the greatest (`last`) or the least. */
export interface DuplicatesRule {
  readonly keep: 'first' | 'last';
  readonly by: string;
}

/** How the dates and times of a column are written; of all columns, where it is undefined. */
export interface DateFormats {
  readonly column: string | undefined;
  readonly formats: readonly string[];
}

export interface CsvOptions {
  readonly separator: string;
  /** Empty: nothing is quoted. */
  readonly quote: string;
  /** Empty: a quote in a quoted field is written twice. */
  readonly escape: string;
  /** A label that `encodingName` knows. */
  readonly encoding: string;
  /** Lines before the header, or before the first row. */
  readonly skip: number;
  readonly header: boolean;
  /** The names of all columns, instead of the header's. */
  readonly columns: readonly string[] | undefined;
  /** What lines begin with that are no rows; empty: none are. */
  readonly comment: string;
  /** Lines at the end that are no rows. */
  readonly footer: number;
  readonly badLines: 'refuse' | 'reject';
  /** What stands for no value, besides an empty field. */
  readonly nulls: readonly string[];
  /** Whether blanks around values are dropped. */
  readonly trim: boolean;
  readonly decimal: '.' | ',';
  /** The mark between groups of three digits; empty: none. */
  readonly thousands: string;
  /** How dates and times are written, besides as ISO 8601. */
  readonly dateFormats: readonly DateFormats[];
  /** How true and false are written, besides `true` and `false`. */
  readonly booleans: { readonly true: readonly string[]; readonly false: readonly string[] } | undefined;
}
