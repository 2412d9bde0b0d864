import type { Told } from '../core/language/sentence.ts';
import * as z from 'zod';
import { CDC_COLUMNS } from './cdc-columns.ts';
import {
  BUCKET_NAME,
  isFilePattern,
  isInterval,
  isLake,
  isSize,
  isWebAddress,
  MILLISECONDS,
  S3_URI,
} from './allowed.ts';
import { cronRule, isCronPattern, isTimezone } from './cron.ts';
import { csvKeys } from './csv-schema.ts';
import { engineSchema } from './engine-schema.ts';
import { notificationsSchema } from './notifications-schema.ts';
import { modelKeys, typesByColumn } from './models-schema.ts';
import { isTableName, TABLE_NAME_RULE } from './table-name.ts';
import { check, rule } from './rule.ts';
import type { Written } from './written.ts';

/** How `duplicates` is written: what is kept, and by which column. */
export const DUPLICATES: RegExp = /^(first|last) by (\S.*)$/;

const S3_URI_RULE =
  's3://bucket/prefix, where the name of a bucket is of 3 to 63 small letters, digits, dots and hyphens';

const nonEmpty = (allowed: Told = 'a text that is not empty'): z.ZodString =>
  check((text) => text.trim() !== '', allowed);
const webAddress = (): z.ZodString => check(isWebAddress, 'an address that begins with http:// or https://');
const dataset = (): z.ZodString =>
  z
    .string()
    .regex(
      /^[A-Za-z0-9][\w-]*\/[A-Za-z0-9][\w.-]*$/,
      rule('owner/slug, as the address of its page ends: kaggle.com/datasets/owner/slug'),
    );

const s3Options = {
  region: nonEmpty()
    .optional()
    .meta({ description: 'The region. Default: `AWS_REGION`, `AWS_DEFAULT_REGION` or the AWS profile.' }),
  endpoint: webAddress().optional().meta({
    description:
      'The address of another S3 server (MinIO, SeaweedFS, R2 …). Default: `AWS_ENDPOINT_URL_S3`, then `AWS_ENDPOINT_URL`.',
  }),
  force_path_style: z.boolean().optional().meta({
    description:
      '`true` puts the bucket into the path instead of the host name, which most servers but AWS need.',
  }),
  profile: nonEmpty().optional().meta({
    description: 'A profile of `~/.aws/config`. Default: the AWS chain (environment, profile, SSO, role).',
  }),
  role_arn: z
    .string()
    .regex(/^arn:[\w-]+:iam::\d+:role\/\S+$/, rule('a role: arn:aws:iam::123456789012:role/name'))
    .optional()
    .meta({ description: 'A role that is assumed with the credentials found.' }),
  sse: z
    .string()
    .regex(/^(?:AES256|aws:kms(?::\S+)?)$/, rule('AES256, aws:kms or aws:kms:<key id>'))
    .optional()
    .meta({
      description: 'Encryption at rest of what is written: `AES256`, `aws:kms` or `aws:kms:<key id>`.',
    }),
  storage_class: z
    .string()
    .regex(
      /^(?!GLACIER$|DEEP_ARCHIVE$)[A-Z][A-Z0-9_]*$/,
      rule(
        'a storage class that can be read at once: STANDARD, STANDARD_IA, INTELLIGENT_TIERING, GLACIER_IR …',
      ),
    )
    .optional()
    .meta({ description: 'The storage class of what is written.' }),
};

const s3 = z.strictObject(s3Options);

const source = z
  .discriminatedUnion('type', [
    z
      .strictObject({
        type: z.literal('kaggle').meta({ description: 'A Kaggle data set.' }),
        dataset: dataset().meta({ description: 'The data set: `owner/slug`.' }),
        version: z
          .int(rule('a version number: 1, 2, 3 …'))
          .min(1, rule('a version number: 1, 2, 3 …'))
          .optional()
          .meta({ description: 'Always this version instead of the newest.' }),
        endpoint: webAddress()
          .optional()
          .meta({ description: 'Another server, without `/api/v1`. `KAGGLE_API_ENDPOINT` goes before it.' }),
      })
      .meta({ title: 'kaggle' }),
    z
      .strictObject({
        type: z.literal('files').meta({ description: 'A folder, an archive or one file on this machine.' }),
        path: nonEmpty('a path').meta({ description: 'Where it is.' }),
      })
      .meta({ title: 'files' }),
    z
      .strictObject({
        type: z.literal('http').meta({ description: 'An archive or one file behind an address.' }),
        url: webAddress().meta({ description: 'The address.' }),
      })
      .meta({ title: 'http' }),
    z
      .strictObject({
        type: z.literal('s3').meta({ description: 'The objects of a bucket under a prefix.' }),
        uri: z
          .string()
          .regex(S3_URI, { error: S3_URI_RULE })
          .meta({ description: 'The bucket and the prefix: `s3://bucket/prefix`.' }),
        s3: s3.optional().meta({
          description: 'How this bucket is reached. Default: the `s3` (or `aws`) of the configuration.',
        }),
      })
      .meta({ title: 's3' }),
  ])
  .meta({
    description: 'Where the snapshots come from. Needed unless change files of others feed every table.',
  });

const timer = z
  .union([
    z
      .strictObject({
        unit: z.enum(['seconds', 'minutes', 'hours', 'days']).meta({ description: 'The unit of `value`.' }),
        value: z
          .number()
          .positive(rule('a number above 0'))
          .meta({ description: 'How many units lie between two starts; at least one second in all.' }),
      })
      .refine(({ unit, value }) => isInterval(value * MILLISECONDS[unit]), {
        path: ['value'],
        error: 'a number that makes an interval from 1 second to 366 days',
      })
      .meta({ title: 'interval' }),
    z
      .strictObject({
        cron: z
          .string()
          .refine(isCronPattern, { error: ({ input }) => cronRule(String(input)) })
          .meta({ description: 'A cron pattern of 5 fields, or 6 with seconds first.' }),
        timezone: check(isTimezone, 'a time zone name such as America/Sao_Paulo or UTC')
          .default('UTC')
          .meta({ description: 'The time zone that the pattern is read in.' }),
      })
      .meta({ title: 'cron' }),
  ])
  .meta({ description: 'When `run --schedule` starts a cycle: every so often, or by a cron pattern.' });

const LAYERS = ['bronze', 'silver', 'gold'];

const wholeNumber = (): z.ZodInt =>
  z.int(rule('a whole number, 1 or more')).min(1, rule('a whole number, 1 or more'));

const maintenance = z
  .strictObject({
    optimize: z
      .boolean()
      .default(true)
      .meta({ description: 'Whether small files of a table are put together.' }),
    optimize_after_files: wholeNumber().default(50).meta({
      description:
        'How many files below a quarter of the size that files are put together to (256 MB) may gather first, in the same partition as others.',
    }),
    vacuum: z.boolean().default(true).meta({
      description:
        'Whether files are removed that no version within the retention of the table (7 days) needs.',
    }),
    vacuum_every_days: wholeNumber()
      .default(7)
      .meta({ description: 'How many days lie between two removals at least.' }),
  })
  .prefault({})
  .meta({ description: "The upkeep of the layers' tables, after a run has changed them." });

const columnName = (): z.ZodString => nonEmpty('a column name');

const cdcColumns = z
  .strictObject({
    operation: columnName().default(CDC_COLUMNS.operation).meta({ description: 'Holds `I`, `U` or `D`.' }),
    timestamp: columnName()
      .default(CDC_COLUMNS.timestamp)
      .meta({ description: 'When the change was published.' }),
    sequence: columnName()
      .default(CDC_COLUMNS.sequence)
      .meta({ description: 'Rises with every change of a table.' }),
  })
  .refine(
    (names) => new Set(Object.values(names).map((name) => name.toLowerCase())).size === 3,
    rule('three names that differ'),
  )
  .prefault({})
  .meta({ description: 'Other names for the three columns that change files add.' });

const table = z.strictObject({
  name: check(isTableName, TABLE_NAME_RULE).meta({ description: `The table's name: ${TABLE_NAME_RULE}.` }),
  file: check(isFilePattern, 'a pattern over the names inside the source, with "/" and without ".."')
    .optional()
    .meta({
      description:
        "A pattern over the names inside the source. Default: the table's name with any ending that tells a format (`csv`, `tsv`, `tab`, `txt`, `parquet`, `json`, `jsonl`, `ndjson`, `xlsx`, `sqlite`, `sqlite3`, `db`, `avro`), packed or not (`gz`, `zst`, `bz2`, `zip`), in any folder. With `*`, `?` or `[…]` of its own (`vendas_*.csv`, `dt=*/part-*.parquet`) all files that match are the table; else more than one match is an error. With `{date}` (`vendas_{date}.csv`) each date is a snapshot of its own.",
    }),
  format: z.enum(['csv', 'parquet', 'jsonl', 'xlsx', 'sqlite', 'avro']).optional().meta({
    description:
      "The file's format; `jsonl` is JSON of any form: objects one a line, a list of them, or a document with one such list. Default: told by its bytes, and else its ending.",
  }),
  sheet: nonEmpty('the name of a sheet').optional().meta({
    description: 'Excel: the sheet. Default: the one with the name of the table, or the only one.',
  }),
  range: z
    .string()
    .regex(
      /^[A-Z]{1,3}[1-9][0-9]{0,6}(?::[A-Z]{1,3}(?:[1-9][0-9]{0,6})?)?$/,
      rule('a range such as B2, B2:F or B2:F100'),
    )
    .optional()
    .meta({ description: 'Excel: the part of the sheet, its header included: `B2`, `B2:F`, `B2:F100`.' }),
  table: nonEmpty('the name of a table').optional().meta({
    description: 'SQLite: the table or view. Default: the one with the name of the table, or the only one.',
  }),
  ...csvKeys,
  mode: z.enum(['snapshot', 'append']).default('snapshot').meta({
    description:
      'What the files are: the whole table each time (`snapshot`), or files that only ever gain rows (`append`): what is new is inserted, nothing is compared.',
  }),
  pk: z
    .union([columnName(), z.array(columnName()).min(1, rule('at least one column name'))])
    .optional()
    .meta({
      description:
        'The column, or the columns, that tell one row from another; `"row"` where only the whole row does: rows that are alike are counted (a column of that name is `["row"]`). Needed but for `"mode": "append"`, whose rows are told apart by their place.',
    }),
  duplicates: z
    .string()
    .regex(DUPLICATES, rule('"last by <column>" or "first by <column>"'))
    .optional()
    .meta({
      description:
        'Which row stays where a key has several: `"last by DtAtualizacao"`, the one with the greatest value there, or `"first by …"`; a column of text only where `types` says so. Default: such a table is refused.',
    }),
  date_field: z
    .string()
    .optional()
    .meta({ description: 'A column that says when a row was last changed. Absent or `""`: none.' }),
  types: typesByColumn,
  ignore: z.array(columnName()).default([]).meta({ description: 'Columns whose change alone is no change.' }),
  schema: z
    .enum(['evolve', 'freeze'])
    .default('evolve')
    .meta({ description: 'What a new column does: `evolve` adds it, `freeze` holds the table.' }),
  update_when: z.enum(['content', 'timestamp']).default('content').meta({
    description:
      'What makes an update: a difference anywhere in the row (`content`), or a later `date_field` (`timestamp`).',
  }),
  max_delete_ratio: z
    .number()
    .min(0, rule('a number from 0 to 1'))
    .max(1, rule('a number from 0 to 1'))
    .default(0.3)
    .meta({ description: 'The share of rows that may be gone in one version without approval: 0 to 1.' }),
  max_update_ratio: z
    .number()
    .min(0, rule('a number from 0 to 1'))
    .max(1, rule('a number from 0 to 1'))
    .default(0.5)
    .meta({
      description:
        'The share of the rows that stay that may be updated in one version without approval: 0 to 1. Fewer than 20 updates never need it, nor does a new column that fills every row. `1` for a table whose rows all change each time.',
    }),
  history: z.enum(['latest', 'scd2']).default('latest').meta({
    description:
      'What the bronze table keeps of a row: its last state (`latest`), or every version with `valid_from`, `valid_to` and `is_current` (`scd2`).',
  }),
  max_files_per_run: wholeNumber()
    .optional()
    .meta({ description: 'The most change files that one run applies to the bronze table. Default: all.' }),
  bronze: z
    .strictObject({
      from: z.union([filesPattern(), z.array(filesPattern()).min(1, rule('at least one pattern'))]).meta({
        description:
          'Where the files are: a pattern over a folder (relative to the configuration) or a bucket, `../old/cdc/clientes/*.parquet`, `s3://bucket/cdc/clientes_*.parquet`; or several.',
      }),
      compat: z
        .enum(['op', 'dms'])
        .default('op')
        .meta({ description: 'The column that holds the operation: `op`, or `Op` as AWS DMS writes it.' }),
      order_by: columnName().meta({
        description: 'The column that tells which of two changes of a row is the later one.',
      }),
    })
    .optional()
    .meta({
      description:
        'Change files that something else writes: the bronze table is fed by them, and the source is not asked for this table.',
    }),
});

function filesPattern(): z.ZodString {
  return check(isLake, `a pattern over Parquet files, in a folder or under ${S3_URI_RULE}`);
}

/** The one description of a configuration: its validation, its JSON Schema and its page in the documentation. */
export const configSchema: z.ZodType<Written> = z.strictObject({
  $schema: z.string().optional().meta({ description: 'The JSON Schema, for editors.' }),
  source: source.optional(),
  dataset_name: dataset()
    .optional()
    .meta({ description: 'Short form of `"source": { "type": "kaggle", "dataset": … }`.' }),
  lake: check(isLake, `a folder or ${S3_URI_RULE}`)
    .optional()
    .meta({ description: 'Where the lake is: a folder, or `s3://bucket/prefix`. Default: `./lake`.' }),
  s3: s3
    .optional()
    .meta({ description: 'How S3 is reached. Credentials come from the environment, never from here.' }),
  aws: z
    .strictObject({
      bucket: z
        .string()
        .regex(BUCKET_NAME, rule('the name of a bucket: 3 to 63 small letters, digits, dots and hyphens'))
        .meta({ description: 'The bucket of the lake.' }),
      prefix: z.string().optional().meta({ description: 'The prefix of the lake inside the bucket.' }),
      ...s3Options,
    })
    .optional()
    .meta({ description: 'Short form of `"lake": "s3://<bucket>/<prefix>"` and `s3` together.' }),
  timer: timer.optional(),
  layout: z
    .enum(['flat', 'nested'])
    .default('flat')
    .meta({ description: '`nested` gives each table a folder of its own under `full-load/` and `cdc/`.' }),
  compat: z.enum(['op', 'dms']).nullable().default(null).meta({
    description:
      'Change files as other consumers read them: `op` (one added column `op`) or `dms` (as AWS DMS writes).',
  }),
  cdc_columns: cdcColumns,
  compression: z.enum(['snappy', 'zstd', 'gzip', 'none']).default('snappy').meta({
    description: 'How full-load and change files are compressed; the base and the tables of layers are zstd.',
  }),
  memory_limit: check(isSize, 'a size such as 512MB, 1GB or 1.5GiB')
    .default('1GB')
    .meta({ description: 'How much memory the data engine may take, for tables of any size.' }),
  query_timeout: z
    .int(rule('a whole number of seconds, 1 or more'))
    .min(1, rule('a whole number of seconds, 1 or more'))
    .max(1_000_000, rule('at most 1,000,000 seconds'))
    .default(600)
    .meta({ description: 'Seconds that a query may take before it is broken off.' }),
  work_dir: nonEmpty('a path')
    .default('.igarape')
    .meta({ description: 'A folder for downloads, logs and caches; it may be removed at any time.' }),
  cleanup: z
    .strictObject({
      enabled: z.boolean().default(true).meta({ description: 'Accepted and without effect.' }),
      keep_last_n_cdc_files: z
        .int(rule('a whole number, 0 or more'))
        .min(0, rule('a whole number, 0 or more'))
        .default(5)
        .meta({ description: 'Accepted and without effect.' }),
    })
    .optional()
    .meta({
      description:
        'Of the earlier pipeline, which kept local copies of change files. There are none any more, and what is published is never removed.',
    }),
  layers: z
    .array(z.enum(['bronze', 'silver', 'gold']))
    .refine(
      (layers) => layers.every((layer, index) => layer === LAYERS[index]),
      rule('["bronze"], ["bronze", "silver"] or ["bronze", "silver", "gold"], or none'),
    )
    .default([])
    .meta({
      description:
        'The layers of Delta tables that a run feeds after the change files: `["bronze", "silver", "gold"]`, or the first of them. Default: none.',
    }),
  engine: engineSchema,
  models: nonEmpty('a path').default('./models').meta({
    description:
      'The folder of the models: `silver/*.sql` and `gold/*.sql` in it, in folders of these too, `seeds/*.csv`, and `tests/*.yaml` and `*.sql`.',
  }),
  ...modelKeys,
  maintenance,
  notifications: notificationsSchema,
  tables: z
    .array(table)
    .min(1, rule('at least one table'))
    .meta({ description: 'The tables that are taken from the source.' }),
});
