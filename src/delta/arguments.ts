import type { ConvertOptions } from './operations/convert-table.ts';
import type { DeleteOptions } from './operations/delete-rows.ts';
import type { Descriptions } from './operations/set-descriptions.ts';
import type { ExpectedVersion } from './operations/expected-version.ts';
import type { FollowOptions } from './read/follow.ts';
import type { ChangesOptions } from './read/change-feed.ts';
import type { MergeOptions } from './merge/request.ts';
import type { Layout } from './maintain/lay-out.ts';
import type { NewTableOptions } from './operations/create-table.ts';
import type { OpenOptions } from './open-table.ts';
import type { OptimizeOptions } from './maintain/optimize.ts';
import type { OverwriteOptions, WriteOptions } from './operations/write-table.ts';
import type { PlaceOfPage } from './read/page.ts';
import type { ReadOptions } from './operations/read-rows.ts';
import type { ReplaceOptions } from './operations/replace-where.ts';
import type { UpdateOptions } from './operations/update-rows.ts';
import type { VacuumOptions } from './maintain/vacuum.ts';
import type { VersionOrTime } from './log/versions.ts';
import type { WithParameters } from './read/parameters.ts';
import {
  checkKind,
  checkOptions,
  COUNT,
  DURATION,
  FLAG,
  FLAG_OR_TEXTS,
  FUNCTION,
  NAME,
  OBJECT,
  PARAMETERS,
  SIZE,
  TEXT,
  TEXTS,
  TEXTS_BY_NAME,
  TEXT_OR_TEXTS,
  isByName,
  isListOf,
  isObject,
  isText,
  isValue,
  type Kind,
  type Kinds,
} from '../core/kinds.ts';

const isAppVersion = (value: unknown): boolean =>
  isObject(value) &&
  'appId' in value &&
  typeof value.appId === 'string' &&
  'version' in value &&
  typeof value.version === 'bigint';
const isType = (value: unknown): boolean => typeof value === 'string' || (isObject(value) && 'type' in value);
const isNewColumn = (value: unknown): boolean =>
  isObject(value) && 'name' in value && isText(value.name) && 'type' in value && isType(value.type);

const MOMENT: Kind = {
  expected: 'a version, a Date, or a time as text',
  holds: (value) =>
    ['number', 'bigint', 'string'].includes(typeof value) || (value instanceof Date && isValue(value)),
};
const APP: Kind = {
  expected: 'an application with its version as a bigint, or a list of these',
  holds: (value) => isAppVersion(value) || isListOf(value, isAppVersion),
};
const TYPES_BY_NAME: Kind = {
  expected: 'an object of types',
  holds: (value) => isByName(value, isType),
};

const ROWS: Kind = {
  expected: 'SQL as text, rows, or files of the table',
  holds: (value) =>
    isText(value) ||
    (typeof value === 'object' &&
      value !== null &&
      (Symbol.asyncIterator in value ||
        Symbol.iterator in value ||
        ('files' in value && isListOf(value.files, isText)) ||
        // A table of Arrow's, for which there is a better message.
        'numRows' in value)),
};
const LOCATION: Kind = {
  expected: 'a path, an address, or a storage',
  holds: (value) => isText(value) || (isObject(value) && 'putIfAbsent' in value),
};
const COLUMNS: Kind = {
  expected: 'a list of columns with name and type',
  holds: (value) => isListOf(value, isNewColumn),
};

const WITH_PARAMETERS: Kinds<WithParameters> = { parameters: PARAMETERS };
const WRITE: Kinds<WriteOptions & WithParameters> = {
  mergeSchema: FLAG,
  app: APP,
  configuration: TEXTS_BY_NAME,
  ...WITH_PARAMETERS,
};
const OPEN: Kinds<OpenOptions> = {
  engine: OBJECT,
  memoryLimit: TEXT,
  workDir: TEXT,
  partitionTimeZone: TEXT,
  s3: OBJECT,
  env: OBJECT,
  now: FUNCTION,
  log: OBJECT,
};
const NEW_TABLE: Kinds<Omit<ConvertOptions, 'partitionSchema'> & OpenOptions> = {
  ...OPEN,
  configuration: TEXTS_BY_NAME,
  name: TEXT,
  description: TEXT,
  app: APP,
};
const QUESTION: Kinds<Omit<ReadOptions, 'columns' | 'limit'>> = {
  at: MOMENT,
  where: TEXT,
  ...WITH_PARAMETERS,
};

/** The options of each call. */
interface Calls {
  readonly open: OpenOptions;
  readonly create: NewTableOptions & OpenOptions;
  readonly convertToDelta: ConvertOptions & OpenOptions;
  readonly read: ReadOptions;
  readonly page: { readonly at?: VersionOrTime } & PlaceOfPage;
  readonly count: Omit<ReadOptions, 'columns' | 'limit'>;
  readonly files: Omit<ReadOptions, 'columns' | 'limit'>;
  readonly changes: ChangesOptions;
  readonly follow: FollowOptions;
  readonly append: WriteOptions & WithParameters;
  readonly overwrite: OverwriteOptions & ReplaceOptions & ExpectedVersion & WithParameters;
  readonly delete: DeleteOptions & WithParameters;
  readonly update: UpdateOptions & WithParameters;
  readonly merge: MergeOptions & ExpectedVersion;
  readonly setDescriptions: Descriptions;
  readonly optimize: OptimizeOptions;
  readonly layOut: Layout;
  readonly vacuum: VacuumOptions;
}

const SIGNAL: Kind = {
  expected: 'an AbortSignal',
  holds: (value) => value instanceof AbortSignal,
};

const OPTIONS: { readonly [Call in keyof Calls]: Kinds<Calls[Call]> } = {
  open: OPEN,
  create: { ...NEW_TABLE, partitionColumns: TEXTS, schema: OBJECT, rows: ROWS, ...WITH_PARAMETERS },
  convertToDelta: { ...NEW_TABLE, partitionSchema: TYPES_BY_NAME },
  read: { ...QUESTION, columns: TEXTS, limit: COUNT },
  page: { at: MOMENT, offset: COUNT, limit: COUNT },
  count: QUESTION,
  files: QUESTION,
  changes: { from: MOMENT, to: MOMENT },
  follow: { from: MOMENT, signal: SIGNAL, pollMs: DURATION, wait: FUNCTION },
  append: WRITE,
  overwrite: {
    ...WRITE,
    overwriteSchema: FLAG,
    partitionColumns: TEXTS,
    where: TEXT,
    ifVersion: COUNT,
    metrics: OBJECT,
  },
  delete: { where: TEXT, app: APP, ...WITH_PARAMETERS },
  update: { set: TEXTS_BY_NAME, where: TEXT, app: APP, ...WITH_PARAMETERS },
  merge: {
    on: TEXT_OR_TEXTS,
    app: APP,
    mergeSchema: FLAG_OR_TEXTS,
    configuration: TEXTS_BY_NAME,
    found: TEXT,
    ifVersion: COUNT,
    ...WITH_PARAMETERS,
  },
  setDescriptions: { table: TEXT, columns: TEXTS_BY_NAME },
  optimize: { where: TEXT, targetSizeBytes: SIZE },
  layOut: { partitionColumns: TEXTS, configuration: TEXTS_BY_NAME, select: TEXT },
  vacuum: { dryRun: FLAG, retentionMs: DURATION, allowShortRetention: FLAG, app: APP },
};

/** Those that have to be given. */
const NEEDED: { readonly [Call in keyof Calls]?: readonly string[] } = {
  page: ['offset', 'limit'],
  changes: ['from'],
  follow: ['from'],
  update: ['set'],
  merge: ['on'],
  layOut: ['partitionColumns'],
};

/** What else calls take. */
type Value = 'location' | 'rows' | 'columns' | 'properties' | 'name' | 'condition';

const VALUES: Readonly<Record<Value, Kind>> = {
  location: LOCATION,
  rows: ROWS,
  columns: COLUMNS,
  properties: TEXTS_BY_NAME,
  name: NAME,
  condition: TEXT,
};

/** Options, and what a call takes beside them. @throws IgarapeError USAGE as {@link checkOptions} */
export function checkCall(call: keyof Calls, options: unknown, beside: Beside = {}): void {
  checkBeside(call, beside);
  checkOptions(call, options, OPTIONS[call], NEEDED[call]);
}

/** What a call takes that has no options. @throws IgarapeError USAGE */
export function checkBeside(call: string, beside: Beside): void {
  for (const [name, value] of Object.entries(beside))
    if (isOfValues(name)) checkKind(call, name, value, VALUES[name]);
}

type Beside = { readonly [name in Value]?: unknown };

function isOfValues(name: string): name is Value {
  return Object.hasOwn(VALUES, name);
}
