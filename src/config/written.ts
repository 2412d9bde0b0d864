import type { TableFormat } from './table-name.ts';
/** What a user writes, once validated: defaults are filled in, short forms not yet spelled out. */
export interface Written {
  readonly $schema?: string | undefined;
  readonly source?: WrittenSource | undefined;
  readonly dataset_name?: string | undefined;
  readonly lake?: string | undefined;
  readonly s3?: WrittenS3 | undefined;
  readonly aws?: (WrittenS3 & { readonly bucket: string; readonly prefix?: string | undefined }) | undefined;
  readonly timer?: WrittenTimer | undefined;
  readonly layout: 'flat' | 'nested';
  readonly compat: 'op' | 'dms' | null;
  readonly cdc_columns: { readonly operation: string; readonly timestamp: string; readonly sequence: string };
  readonly compression: 'snappy' | 'zstd' | 'gzip' | 'none';
  readonly memory_limit: string;
  readonly query_timeout: number;
  readonly work_dir: string;
  readonly cleanup?: { readonly enabled: boolean; readonly keep_last_n_cdc_files: number } | undefined;
  readonly layers: readonly ('bronze' | 'silver' | 'gold')[];
  readonly engine?:
    | { readonly type: 'duckdb' }
    | { readonly type: 'spark'; readonly remote?: string | undefined }
    | {
        readonly type: 'databricks';
        readonly host?: string | undefined;
        readonly warehouse_id?: string | undefined;
        readonly cluster_id?: string | undefined;
      }
    | undefined;
  readonly models: string;
  readonly vars: Readonly<Record<string, WrittenVariable>>;
  readonly seeds: Readonly<Record<string, WrittenSeed>>;
  readonly maintenance: WrittenMaintenance;
  readonly notifications: WrittenNotifications;
  readonly tables: readonly WrittenTable[];
}

type WrittenScalar = string | number | boolean;

export type WrittenVariable = WrittenScalar | readonly WrittenScalar[] | null;

export type WrittenSource =
  | { type: 'kaggle'; dataset: string; version?: number | undefined; endpoint?: string | undefined }
  | { type: 'files'; path: string }
  | { type: 'http'; url: string }
  | { type: 's3'; uri: string; s3?: WrittenS3 | undefined };

export interface WrittenS3 {
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly force_path_style?: boolean | undefined;
  readonly profile?: string | undefined;
  readonly role_arn?: string | undefined;
  readonly sse?: string | undefined;
  readonly storage_class?: string | undefined;
}

export type WrittenTimer =
  | { unit: 'seconds' | 'minutes' | 'hours' | 'days'; value: number }
  | { cron: string; timezone: string };

export interface WrittenTable extends WrittenCsv {
  readonly name: string;
  readonly file?: string | undefined;
  readonly format?: TableFormat | undefined;
  readonly mode: 'snapshot' | 'append';
  readonly pk?: string | readonly string[] | undefined;
  readonly duplicates?: string | undefined;
  readonly date_field?: string | undefined;
  readonly types: Readonly<Record<string, string>>;
  readonly sheet?: string | undefined;
  readonly range?: string | undefined;
  readonly table?: string | undefined;
  readonly ignore: readonly string[];
  readonly schema: 'evolve' | 'freeze';
  readonly update_when: 'content' | 'timestamp';
  readonly max_delete_ratio: number;
  readonly max_update_ratio: number;
  readonly history: 'latest' | 'scd2';
  readonly max_files_per_run?: number | undefined;
  readonly bronze?: WrittenForeignFiles | undefined;
}

export interface WrittenForeignFiles {
  readonly from: string | readonly string[];
  readonly compat: 'op' | 'dms';
  readonly order_by: string;
}

export interface WrittenMaintenance {
  readonly optimize: boolean;
  readonly optimize_after_files: number;
  readonly vacuum: boolean;
  readonly vacuum_every_days: number;
}

export type WrittenDateFormats = string | readonly string[];

export interface WrittenCsv {
  readonly sep?: string | undefined;
  readonly quote: string;
  readonly escape?: string | undefined;
  readonly encoding: string;
  readonly skip: number;
  readonly header: boolean;
  readonly columns?: readonly string[] | undefined;
  readonly comment?: string | undefined;
  readonly footer: number;
  readonly bad_lines: 'refuse' | 'reject';
  readonly null: string | readonly string[];
  readonly trim: boolean;
  readonly decimal: '.' | ',';
  readonly thousands?: string | undefined;
  readonly date_format?: WrittenDateFormats | Readonly<Record<string, WrittenDateFormats>> | undefined;
  readonly booleans?: { readonly true: readonly string[]; readonly false: readonly string[] } | undefined;
}

export interface WrittenSeed extends Omit<WrittenCsv, 'bad_lines'> {
  readonly types: Readonly<Record<string, string>>;
}

export type WrittenHook = { command: string } | { url: string; headers: Readonly<Record<string, string>> };

export interface WrittenNotifications {
  readonly on_failure?: WrittenHook | undefined;
  readonly on_hold?: WrittenHook | undefined;
  readonly on_success?: WrittenHook | undefined;
  readonly openlineage?:
    | { url: string; headers: Readonly<Record<string, string>>; namespace: string }
    | { file: string; namespace: string }
    | undefined;
}
