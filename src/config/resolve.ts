import type { S3Access } from '../core/s3-access.ts';
import { ONCE } from '../core/once.ts';
import { resolve as resolvePath } from 'node:path';
import { bareRecord } from '../core/bare-record.ts';
import { ROW_PLACE } from '../core/row-place.ts';
import type {
  Config,
  DuplicatesRule,
  CsvOptions,
  EngineConfig,
  ForeignTableConfig,
  HookConfig,
  LakeConfig,
  MaintenanceConfig,
  NotificationsConfig,
  SourceConfig,
  TableConfig,
  Timer,
  VariableValue,
} from './config.ts';
import { ROW_KEY } from './config.ts';
import { crossCheck } from './cross-check.ts';
import { keysAt } from './keys.ts';
import { type Problem, problemsOf } from './problem.ts';
import { separatorOf } from './csv-schema.ts';
import { dateFormatsIn } from './date-format.ts';
import { MILLISECONDS } from './allowed.ts';
import { USUAL_SEED } from './models-schema.ts';
import { configSchema, DUPLICATES } from './schema.ts';
import { defaultFilePattern } from './table-name.ts';
import { canonicalTypeName } from './type-name.ts';
import type {
  Written,
  WrittenCsv,
  WrittenForeignFiles,
  WrittenHook,
  WrittenMaintenance,
  WrittenNotifications,
  WrittenS3,
  WrittenSeed,
  WrittenTable,
  WrittenVariable,
} from './written.ts';

export type Resolved =
  | { readonly kind: 'valid'; readonly config: Config }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] };

/** A configuration as written → as used, or every problem that it has. Relative paths start at `folder`. */
export function resolveConfig(raw: unknown, folder: string): Resolved {
  const parsed = configSchema.safeParse(raw, ONCE);
  const problems = [
    ...(parsed.success ? [] : problemsOf(parsed.error.issues, raw, keysAt)),
    ...crossCheck(raw, folder),
  ];
  if (!parsed.success || problems.length > 0) return { kind: 'invalid', problems: withoutRepeats(problems) };
  return { kind: 'valid', config: spellOut(parsed.data, folder) };
}

function engineOf(written: Written['engine']): EngineConfig {
  if (written?.type === 'spark') return { type: 'spark', remote: written.remote };
  if (written?.type !== 'databricks') return { type: 'duckdb' };
  const { host, warehouse_id: warehouse, cluster_id: cluster = '' } = written;
  return {
    type: 'databricks',
    ...(host === undefined ? {} : { host }),
    compute:
      warehouse === undefined ? { kind: 'cluster', id: cluster } : { kind: 'warehouse', id: warehouse },
    credentials: undefined,
  };
}

function spellOut(written: Written, folder: string): Config {
  const s3 = s3Options(written.aws ?? written.s3);
  return {
    source: sourceOf(written, folder, s3),
    lake: { uri: lakeUri(written, folder), s3 },
    timer: timerOf(written),
    layout: written.layout,
    compat: written.compat,
    cdcColumns: written.cdc_columns,
    compression: written.compression,
    memoryLimit: written.memory_limit,
    queryTimeoutMs: written.query_timeout * 1000,
    workDir: resolvePath(folder, written.work_dir),
    layers: written.layers,
    engine: engineOf(written.engine),
    models: resolvePath(folder, written.models),
    seeds: {
      usual: seedOf('seed', USUAL_SEED),
      named: Object.fromEntries(
        Object.entries(written.seeds).map(([name, seed]) => [name, seedOf(name, seed)]),
      ),
    },
    vars: Object.fromEntries(
      Object.entries(written.vars).map(([name, value]) => [name, variableValue(value)]),
    ),
    maintenance: maintenanceOf(written.maintenance),
    notifications: notificationsOf(written.notifications, folder),
    tables: written.tables.flatMap((table) => (table.bronze === undefined ? [tableOf(table)] : [])),
    foreignTables: written.tables.flatMap((table) =>
      table.bronze === undefined ? [] : [foreignTableOf(table, table.bronze, folder, s3)],
    ),
  };
}

function sourceOf(written: Written, folder: string, s3: S3Access): SourceConfig | undefined {
  const { dataset_name: dataset } = written;
  const source = written.source ?? (dataset === undefined ? undefined : { type: 'kaggle', dataset });
  if (source === undefined) return undefined;
  if (source.type === 'files') {
    return { type: 'files', path: resolvePath(folder, source.path), name: source.path, folder };
  }
  if (source.type === 'http') return { type: 'http', url: source.url };
  if (source.type === 's3') {
    const own = source.s3 === undefined ? s3 : s3Options(source.s3);
    return { type: 's3', uri: withoutEndSlash(source.uri), s3: own };
  }
  return {
    type: 'kaggle',
    dataset: source.dataset,
    ...(source.version === undefined ? {} : { version: source.version }),
    ...(source.endpoint === undefined ? {} : { endpoint: withoutEndSlash(source.endpoint) }),
  };
}

function lakeUri(written: Written, folder: string): LakeConfig['uri'] {
  if (written.aws !== undefined) {
    const prefix = (written.aws.prefix ?? '').split('/').filter((part) => part !== '');
    return `s3://${[written.aws.bucket, ...prefix].join('/')}`;
  }
  const lake = written.lake ?? './lake';
  return lake.startsWith('s3://') ? withoutEndSlash(lake) : resolvePath(folder, lake);
}

function s3Options(written: WrittenS3 | undefined): S3Access {
  if (written === undefined) return {};
  return {
    ...(written.region === undefined ? {} : { region: written.region }),
    ...(written.endpoint === undefined ? {} : { endpoint: withoutEndSlash(written.endpoint) }),
    ...(written.force_path_style === undefined ? {} : { forcePathStyle: written.force_path_style }),
    ...(written.profile === undefined ? {} : { profile: written.profile }),
    ...(written.role_arn === undefined ? {} : { roleArn: written.role_arn }),
    ...(written.sse === undefined ? {} : { sse: written.sse }),
    ...(written.storage_class === undefined ? {} : { storageClass: written.storage_class }),
  };
}

function timerOf({ timer }: Written): Timer | undefined {
  if (timer === undefined) return undefined;
  if ('cron' in timer) return { kind: 'cron', pattern: timer.cron, timezone: timer.timezone };
  return { kind: 'interval', everyMs: Math.round(timer.value * MILLISECONDS[timer.unit]) };
}

function variableValue(written: WrittenVariable): VariableValue {
  if (written === null) return null;
  return typeof written === 'object' ? written.map(String) : String(written);
}

function maintenanceOf(written: WrittenMaintenance): MaintenanceConfig {
  return {
    optimize: written.optimize,
    optimizeAfterFiles: written.optimize_after_files,
    vacuum: written.vacuum,
    vacuumEveryMs: written.vacuum_every_days * MILLISECONDS.days,
  };
}

function notificationsOf(
  { on_failure, on_hold, on_success, openlineage }: WrittenNotifications,
  folder: string,
): NotificationsConfig {
  return {
    onFailure: hookOf(on_failure),
    onHold: hookOf(on_hold),
    onSuccess: hookOf(on_success),
    openLineage:
      openlineage === undefined
        ? undefined
        : {
            namespace: openlineage.namespace,
            to:
              'file' in openlineage
                ? { kind: 'file', path: resolvePath(folder, openlineage.file) }
                : { kind: 'webhook', url: openlineage.url, headers: openlineage.headers },
          },
  };
}

function hookOf(written: WrittenHook | undefined): HookConfig | undefined {
  if (written === undefined) return undefined;
  return 'command' in written
    ? { kind: 'command', command: written.command }
    : { kind: 'webhook', url: written.url, headers: written.headers };
}

function tableOf(table: WrittenTable): TableConfig {
  return {
    name: table.name,
    file: table.file ?? defaultFilePattern(table.name),
    mode: table.mode,
    format: table.format,
    sheet: table.sheet,
    range: table.range,
    sqliteTable: table.table,
    csv: csvOptions(table),
    isSeparatorGiven: table.sep !== undefined,
    key: table.pk === 'row' ? [ROW_KEY] : keyOf(table),
    isRowKey: table.pk === 'row',
    duplicates: duplicatesOf(table),
    dateField:
      table.date_field === undefined || table.date_field.trim() === '' ? undefined : table.date_field,
    types: bareRecord(
      Object.fromEntries(
        Object.entries(table.types).flatMap(([column, written]) => {
          const type = canonicalTypeName(written);
          return type === undefined ? [] : [[column, type] as const];
        }),
      ),
    ),
    ignore: table.ignore,
    schema: table.schema,
    updateWhen: table.update_when,
    maxDeleteRatio: table.max_delete_ratio,
    maxUpdateRatio: table.max_update_ratio,
    history: table.history,
    maxFilesPerRun: table.max_files_per_run,
  };
}

function seedOf(name: string, written: WrittenSeed): TableConfig {
  return tableOf({ ...WHOLE_FILE, ...written, name });
}

const WHOLE_FILE = {
  mode: 'append',
  format: 'csv',
  bad_lines: 'refuse',
  ignore: [],
  schema: 'evolve',
  update_when: 'content',
  max_delete_ratio: 1,
  max_update_ratio: 1,
  history: 'latest',
} as const;

function csvOptions(table: WrittenCsv): CsvOptions {
  const { escape = '' } = table;
  return {
    separator: separatorOf(table.sep ?? ','),
    quote: table.quote,
    escape: escape === table.quote ? '' : escape,
    encoding: table.encoding.toLowerCase(),
    skip: table.skip,
    header: table.header,
    columns: table.columns,
    comment: table.comment ?? '',
    footer: table.footer,
    badLines: table.bad_lines,
    nulls: typeof table.null === 'string' ? [table.null] : table.null,
    trim: table.trim,
    decimal: table.decimal,
    thousands: table.thousands ?? '',
    dateFormats: dateFormatsIn(table.date_format),
    booleans: table.booleans,
  };
}

function foreignTableOf(
  table: WrittenTable,
  { from, compat, order_by }: WrittenForeignFiles,
  folder: string,
  s3: S3Access,
): ForeignTableConfig {
  const patterns = typeof from === 'string' ? [from] : from;
  return {
    name: table.name,
    key: keyOf(table),
    from: patterns.map((pattern) => (pattern.startsWith('s3://') ? pattern : resolvePath(folder, pattern))),
    s3,
    compat,
    orderBy: order_by,
    maxFilesPerRun: table.max_files_per_run,
  };
}

function keyOf({ pk, mode }: WrittenTable): readonly string[] {
  if (mode === 'append' || pk === undefined) return ROW_PLACE;
  return typeof pk === 'string' ? [pk] : pk;
}

function duplicatesOf({ duplicates = '' }: WrittenTable): DuplicatesRule | undefined {
  const [, keep, by] = DUPLICATES.exec(duplicates) ?? [];
  return (keep === 'first' || keep === 'last') && by !== undefined ? { keep, by } : undefined;
}

function withoutEndSlash(address: string): string {
  return address.replace(/\/+$/, '');
}

function withoutRepeats(problems: readonly Problem[]): Problem[] {
  const seen = new Set<string>();
  return problems.filter(({ path }) => {
    const at = JSON.stringify(path);
    return !seen.has(at) && seen.add(at);
  });
}
