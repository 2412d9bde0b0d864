import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { EngineConfig } from '../../src/config/config.ts';
import { Engine } from '../../src/engine/engine.ts';
import { quoteName, quoteText } from '../../src/engine/quote.ts';
import type { PublishedFile } from '../../src/lake/ledger-entry.ts';
import type { RunRequest } from '../../src/pipeline/context.ts';
import type { ComparedBy } from '../../src/pipeline/outcome.ts';
import type { PlanReport } from '../../src/pipeline/plan.ts';
import type { RunResult } from '../../src/pipeline/run.ts';
import { NO_HASHES } from '../../src/snapshot/hashes.ts';
import { openS3Source } from '../../src/source/s3.ts';
import type { StorageLocation } from '../../src/storage/location.ts';
import type { Storage } from '../../src/storage/port.ts';
import { likeOne } from '../support/collision.ts';
import type { S3Server } from '../support/s3-server.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';

/** Rows of every type that Spark reads as DuckDB does, with the edges of each, in columns `id` and `c…`. */
const EDGES: readonly (readonly [type: string, ...values: string[]])[] = [
  ['BOOLEAN', 'true', 'false'],
  ['TINYINT', '-128', '127'],
  ['SMALLINT', '-32768', '32767'],
  ['INTEGER', '-2147483648', '2147483647'],
  ['BIGINT', '-9223372036854775808', '9223372036854775807'],
  ['UTINYINT', '0', '255'],
  ['USMALLINT', '0', '65535'],
  ['UINTEGER', '0', '4294967295'],
  ['UBIGINT', '0', '18446744073709551615'],
  ['DECIMAL(4,1)', '-999.9', '0.1'],
  ['DECIMAL(9,2)', '-9999999.99', '0.01'],
  ['DECIMAL(18,4)', '-99999999999999.9999', '0.0001'],
  ['DECIMAL(38,10)', '-9999999999999999999999999999.9999999999', '0.0000000001'],
  ['DOUBLE', `'NaN'`, `'-inf'`, `'-0.0'`, '0.1', '1e300', '5e-324'],
  ['VARCHAR', `''`, `'ß ''"\\ \n 日'`, `'a' || chr(0) || 'b'`, `' x '`],
  ['DATE', `'0001-01-01'`, `'1582-10-10'`, `'9999-12-31'`],
  ['TIMESTAMP', `'1582-10-10 00:00:00.000001'`, `'9999-12-31 23:59:59.999999'`],
  ['TIMESTAMP_MS', `'1969-12-31 23:59:59.999'`, `'2024-02-29 12:00:00.001'`],
  ['TIMESTAMPTZ', `'1900-01-01 00:00:00.000001+00'`, `'2024-10-27 00:30:00.123456+00'`],
];

const ROWS = 720;

/**
 * A state of such a table. Each value depends on the row's own version: a row of version 0 has the value of its number, and
 * one of version v the one v places on, or null. Row n is of version 1 in state 1 where n % 37 is 1, and so on.
 */
function edgeRows(state: number): string {
  const version = `(CASE WHEN id % 37 BETWEEN 1 AND ${state} THEN ${state} + 1 - id % 37 ELSE 0 END)`;
  const columns = EDGES.map(([type, ...values], index) => {
    const list = ['NULL', ...values].map((value) => `CAST(${value} AS ${type})`).join(', ');
    // A version changes one column alone, another one in each row.
    const place = `id // 37 + ${index} + (CASE WHEN (id // 37) % ${EDGES.length} = ${index} THEN v ELSE 0 END)`;
    return `[${list}][CAST((${place}) % ${values.length + 1} AS INTEGER) + 1] AS c${index}`;
  });
  const gone = state === 0 ? 'false' : `id % 41 = ${state}`;
  return `SELECT id, ${columns.join(', ')} FROM (SELECT id, ${version} AS v FROM range(${ROWS + state * 3}) AS r(id)) WHERE NOT (${gone})`;
}

/** The states of a table whose rows change in every type; keys go, and come back. */
export const EDGE_STATES: readonly string[] = [0, 1, 2, 3].map(edgeRows);

/** The same as files, among which rows move: two alike, one of columns in another order, one with the key in another type. */
export function edgeParts(state: number): Readonly<Record<string, string>> {
  const columns = EDGES.map((_, index) => `c${index}`);
  return Object.fromEntries(
    ['INTEGER', 'BIGINT', 'BIGINT', 'BIGINT'].map((type, part) => {
      const list = part === 1 ? columns.toReversed() : columns;
      return [
        `parts/${part}.parquet`,
        `SELECT id::${type} AS id, ${list.join(', ')} FROM (${edgeRows(state)}) WHERE (id + id // 37 * ${state}) % 4 = ${part}`,
      ];
    }),
  );
}

/** A table in two states, and how the second one is compared. */
export interface RawCase {
  readonly config?: object;
  /** SELECTs; text is the file itself. */
  readonly states: readonly [string, string];
  /** How its first state is loaded, where it is given to Spark, too. */
  readonly first?: 'by spark' | { readonly reason: string };
  /** Why DuckDB compares it, as far as it has no brackets; undefined where Spark does. */
  readonly reason?: string;
  /** How many statements Spark takes, where it is not one: nothing is told of them where the table fails. */
  readonly statements?: number | 'fails';
  /** Of its object; `<table>.parquet` where it is left out. */
  readonly file?: string;
  /** More objects of it, in both states. */
  readonly more?: Readonly<Record<string, readonly [string, string]>>;
}

const rows = (columns: string, more = ''): string => `SELECT ${columns} FROM range(40) AS r(i) ${more}`;
const PLAIN = 'i AS id, i * 2 AS v';

const OTHERS = 'its columns, their types or how it is read are others than when its base was written';
const OTHER_TYPE = 'the lake has its column v in another type than its file';
const NOT_UNIQUE_AT_FIRST = 'its keys are not unique, or missing';
const NOT_UNIQUE = 'its keys, or the hashes of these, are not unique';

/** Tables by their names: whatever becomes of them, it is the same by either engine. */
export const CASES: Readonly<Record<string, RawCase>> = {
  ignored: {
    config: { pk: 'id', ignore: ['seen'] },
    states: [rows('i AS id, i AS v, 0 AS seen'), rows('i AS id, i // 39 + i AS v, 1 AS seen')],
  },
  later: {
    config: { pk: 'id', update_when: 'timestamp', date_field: 'at' },
    states: [
      rows(`i AS id, i AS v, TIMESTAMP '2024-01-01' + to_days(i::INTEGER) AS at`),
      rows(
        `i AS id, -i AS v, CASE WHEN i % 7 = 0 THEN TIMESTAMP '2023-01-01' WHEN i = 38 THEN NULL ELSE TIMESTAMP '2024-01-01' + to_days(i::INTEGER + i::INTEGER // 36) END AS at`,
      ),
    ],
  },
  text_key: {
    first: 'by spark',
    config: { pk: ['É "a"', 'b'] },
    states: [
      rows(`'k' || i AS "É ""a""", (i / 4)::DECIMAL(5, 2) AS b, NULL::VARCHAR AS "v;1"`),
      rows(
        `'k' || CASE WHEN i = 3 THEN 'é' ELSE i::VARCHAR END AS "É ""a""", (i / 4)::DECIMAL(5, 2) AS b, CASE WHEN i = 7 THEN '' END AS "v;1"`,
      ),
    ],
  },
  written_anew: { states: [rows(PLAIN, 'ORDER BY i'), rows(PLAIN, 'ORDER BY -i')] },
  not_changed: { states: [rows(PLAIN), ''] },
  mass_delete: { states: [rows(PLAIN), rows(PLAIN, 'WHERE i < 5')] },
  mass_update: {
    config: { pk: 'id', max_update_ratio: 0.5 },
    states: [rows(PLAIN), rows('i AS id, i AS v')],
  },
  emptied: { states: [rows(PLAIN), rows(PLAIN, 'WHERE false')] },
  keyless: { statements: 'fails', states: [rows(PLAIN), rows('nullif(i, 3) AS id, i * 2 AS v')] },
  twice: {
    states: [rows(PLAIN), rows('i // 38 * 38 + i % 38 * (1 - i // 38) AS id, i * 2 AS v')],
    reason: NOT_UNIQUE,
  },
  twice_new: {
    states: [rows(PLAIN), `${rows(PLAIN)} UNION ALL SELECT 50, 1 UNION ALL SELECT 50, 2`],
    reason: NOT_UNIQUE,
  },
  kept_last: {
    config: { pk: 'id', duplicates: 'last by v' },
    states: [rows(PLAIN), `${rows(PLAIN)} UNION ALL SELECT 3, 100`],
    reason: 'it has "duplicates"',
  },
  row_key: {
    config: { pk: 'row' },
    states: [rows(PLAIN), rows('i AS id, i AS v')],
    reason: 'its key is the whole row',
  },
  wider: {
    states: [rows(PLAIN), rows(`${PLAIN}, i AS more`)],
    reason: OTHERS,
  },
  widened: { states: [rows(PLAIN), rows('i AS id, i * 2 + 0.5::DOUBLE AS v')], reason: OTHERS },
  narrower: {
    states: [rows(`${PLAIN}, 1 AS w`), rows(PLAIN)],
    reason: OTHERS,
  },
  other_type: {
    config: { pk: 'id', types: { v: 'text' } },
    states: [rows(PLAIN), rows('i AS id, i AS v')],
    first: { reason: OTHER_TYPE },
    reason: OTHER_TYPE,
  },
  never_unique: {
    states: [rows('i // 2 AS id, i AS v'), rows(PLAIN)],
    first: { reason: NOT_UNIQUE_AT_FIRST },
    statements: 3,
  },
  begun_empty: {
    states: [rows(PLAIN, 'WHERE false'), rows(PLAIN)],
    first: { reason: 'it has no rows' },
    statements: 3,
  },
  nested: {
    first: { reason: 'Spark may read other values of its column v' },
    states: [rows('i AS id, [i] AS v'), rows('i AS id, [i // 38] AS v')],
    reason: 'Spark may read other values of its column v',
  },
  times: {
    states: [rows(`i AS id, TIME '10:00:00' AS v`), rows(`i AS id, TIME '10:00:01' AS v`)],
    reason: 'Spark may read other values of its column v',
  },
  lines: { states: ['id,v\n1,2\n', 'id,v\n1,3\n'], file: 'lines.csv', reason: 'its file is not Parquet' },
  parts: {
    first: 'by spark',
    config: { pk: 'id', file: 'parts/**/*.parquet' },
    states: [rows(`${PLAIN}, 'a' AS w`), rows(`${PLAIN}, CASE i WHEN 7 THEN 'b' ELSE 'a' END AS w`)],
    file: 'parts/a.parquet',
    more: {
      'parts/b.parquet': [
        rows('(i + 40)::INTEGER AS "ID", i::UTINYINT AS v'),
        rows('(i + 41)::INTEGER AS "ID", (i + 1)::UTINYINT AS v'),
      ],
      'parts/d e/ç.parquet': [rows(`-i - 1 AS id, i AS v, 'x' AS w`), ''],
    },
  },
  only_part: {
    config: { pk: 'id', file: 'only_part/*.parquet' },
    states: [rows(PLAIN), rows('i AS id, i * 2 + i // 39 AS v')],
    file: 'only_part/a.parquet',
  },
  parts_apart: {
    config: { pk: 'id', file: 'parts_apart/*.parquet' },
    states: [rows(PLAIN), rows('i AS id, i * 2 + i // 39 AS v')],
    file: 'parts_apart/a.parquet',
    more: { 'parts_apart/b.parquet': [rows(`i + 40 AS id, 'x' AS v`), ''] },
    reason: 'the lake has its column v in another type than its file',
  },
  parts_packed: {
    config: { pk: 'id', file: 'parts_packed/*' },
    states: [rows(PLAIN), rows('i AS id, i * 2 + i // 39 AS v')],
    file: 'parts_packed/a.parquet',
    more: { 'parts_packed/b.csv': ['id,v\n50,1\n', ''] },
    reason: 'its file is not Parquet',
  },
  parts_in_folders: {
    first: 'by spark',
    config: { pk: ['id', 'dt'], file: 'parts_in_folders/**/*.parquet' },
    states: [rows(PLAIN), rows('i AS id, i * 2 + i // 39 AS v', 'WHERE i <> 7')],
    file: 'parts_in_folders/dt=2024-01-01/n=1/a.parquet',
    more: {
      'parts_in_folders/dt=2024-01-02/n=1.50/b.parquet': [rows(PLAIN), rows('i AS id, i * 2 + i // 38 AS v')],
      'parts_in_folders/dt=2024-01-02/n=__HIVE_DEFAULT_PARTITION__/c.parquet': [
        rows('i + 50 AS id, i AS v'),
        '',
      ],
    },
  },
  parts_in_own_folders: {
    config: { pk: 'id', file: 'parts_in_own_folders/**/*.parquet' },
    states: [rows(`${PLAIN}, 'a' AS own`), rows(`i AS id, i AS v, 'a' AS own`)],
    file: 'parts_in_own_folders/own=a/a.parquet',
    reason: 'a file has the column own, which its folder gives it, too',
  },
  parts_twice: {
    config: { pk: 'id', file: 'parts_twice/*.parquet' },
    states: [rows(PLAIN), rows(PLAIN, 'WHERE i > 0')],
    file: 'parts_twice/a.parquet',
    more: { 'parts_twice/b.parquet': [rows('i + 40 AS id, i AS v'), rows('i + 39 AS id, i AS v')] },
    reason: NOT_UNIQUE,
  },
  grows: {
    config: { mode: 'append', file: 'grows/*.parquet' },
    states: [rows(PLAIN), ''],
    file: 'grows/a.parquet',
  },
};

/** How a run tells that the second state of a case was compared. */
export function comparedAs({ states, reason, statements = 1 }: RawCase): ComparedBy | undefined {
  if (states[1] === '' || statements === 'fails') return undefined;
  return reason === undefined ? { engine: 'spark', statements } : { engine: 'duckdb', reason };
}

/** How a run tells that the first state of one was loaded that is given to Spark. */
export function loadedAs({ first }: RawCase): ComparedBy | undefined {
  if (first === 'by spark') return { engine: 'spark', statements: 3 };
  return first && { engine: 'duckdb', ...first };
}

/** A reason without what stands in brackets. */
export function short(by: ComparedBy | undefined): ComparedBy | undefined {
  return by?.engine === 'duckdb' ? { ...by, reason: by.reason.replace(/ \(.*/, '') } : by;
}

/** Another key of the same hash comes beside one that stays: by their hashes one would take the other's place. */
export async function sharedHash(folder: string): Promise<RawCase> {
  const engine = Engine.open({ memoryLimit: '100MB', spillDir: folder });
  const other = await likeOne(engine);
  engine.close();
  const one = 'SELECT 1::BIGINT AS a, 1::BIGINT AS b, 1 AS v';
  return {
    config: { pk: ['a', 'b'] },
    states: [one, `${one} UNION ALL SELECT 2, ${other}, 2`],
    reason: NOT_UNIQUE,
  };
}

export interface RawEdge {
  readonly s3: S3Server;
  /** Where the lake is that Spark works on. */
  readonly storage: Storage;
  /** Where the source is. */
  readonly source: StorageLocation;
  readonly folder: string;
  readonly engine: EngineConfig;
  /** Of runs with Spark. */
  readonly memoryLimit?: string;
}

/** One source, and two lakes that follow it: DuckDB's, in a folder, and Spark's. */
export class RawLakes {
  readonly wanted: Scenario;
  readonly found: Scenario;
  readonly #edge: RawEdge;
  readonly #withoutHashes = new Set<string>();
  #now = Date.now();

  constructor(edge: RawEdge, config: object) {
    const clock = (): number => this.#now;
    this.wanted = openScenario(join(edge.folder, 'by duckdb'), config, { edge: { clock } });
    this.found = openScenario(join(edge.folder, 'by spark'), config, {
      storage: edge.storage,
      edge: { clock },
    });
    this.#edge = edge;
  }

  /** Stores an object of the source. */
  async put(name: string, body: Uint8Array): Promise<void> {
    const { s3, source } = this.#edge;
    const [, Bucket, prefix] = /^s3:\/\/([^/]+)\/(.*)$/.exec(source.uri) ?? [];
    await s3.client.send(new PutObjectCommand({ Bucket, Key: `${prefix}/${name}`, Body: body }));
  }

  /** The same as a Parquet file. @param rows A SELECT. @param names Of objects that all are that file. */
  async putRows(names: string | readonly string[], rows: string, options = 'FORMAT parquet'): Promise<void> {
    const spillDir = this.#edge.folder;
    const engine = Engine.open({ memoryLimit: '500MB', spillDir });
    const path = join(spillDir, 'rows.parquet');
    await engine.run(`COPY (${rows}) TO ${quoteText(path)} (${options})`);
    engine.close();
    const file = await readFile(path);
    for (const name of [names].flat()) await this.put(name, file);
  }

  request(scenario: Scenario, by: 'duckdb' | 'spark'): Partial<RunRequest> {
    const { s3, source: where, folder } = this.#edge;
    const { memoryLimit = scenario.config.memoryLimit } = by === 'spark' ? this.#edge : {};
    const source = openS3Source({ type: 's3', uri: where.uri, s3: where.s3 }, { env: s3.env });
    const engine = by === 'spark' ? this.#edge.engine : ({ type: 'duckdb' } as const);
    const workDir = join(folder, scenario === this.wanted ? 'work of duckdb' : 'work of spark');
    return { source, config: { ...scenario.config, engine, workDir, memoryLimit }, only: ['raw'] };
  }

  /** Stores a state of each case, as far as it is another one. */
  async putCases(cases: typeof CASES, state: 0 | 1): Promise<void> {
    const all = Object.entries(cases).flatMap(([name, { states, file = `${name}.parquet`, more = {} }]) =>
      Object.entries({ ...more, [file]: states }),
    );
    for (const [file, states] of all) {
      const content = states[state];
      if (content === '') continue;
      if (file.endsWith('.csv')) await this.put(file, Buffer.from(content));
      else await this.putRows(file, content);
    }
  }

  /** A run of each lake. @param by What works on Spark's. */
  async run(
    by: 'duckdb' | 'spark' = 'spark',
    more: Partial<RunRequest> = {},
  ): Promise<{ wanted: RunResult; found: RunResult }> {
    this.#now = Date.now();
    const wanted = await this.wanted.run({ ...this.request(this.wanted, 'duckdb'), ...more });
    const found = await this.found.run({ ...this.request(this.found, by), ...more });
    return { wanted, found };
  }

  /**
   * What both lakes have published and recorded, but for the bytes of files and how rows are parted among them: as DuckDB
   * has it, and as it was found. A base without hashes, and what one has become, is told by its rows alone.
   */
  async recorded(): Promise<{ readonly wanted: unknown; readonly found: unknown }> {
    for (const { tables } of await this.found.ledger())
      for (const [name, { base }] of Object.entries(tables))
        if (base.hashVersion === NO_HASHES) this.#withoutHashes.add(name);
    return { wanted: await this.#recorded(this.wanted), found: await this.#recorded(this.found) };
  }

  async #recorded(scenario: Scenario): Promise<unknown> {
    const entry = (await scenario.ledger()).at(-1);
    const tables: Record<string, unknown> = {};
    for (const [name, { base, file, seen, taken: _taken, ...state }] of Object.entries(entry?.tables ?? {})) {
      const isBare = this.#withoutHashes.has(name);
      const list = state.schema.map((column) => quoteName(column.name)).join(', ');
      const own = isBare
        ? { now: await scenario.query(`SELECT ${list} FROM ${name} ORDER BY ALL`) }
        : { segments: base.segments.map(({ rows }) => rows), hashVersion: base.hashVersion };
      const published = file && {
        key: file.key,
        rows: inOrder(
          file,
          (await scenario.rows(file.key)).map((row) => JSON.stringify(row)),
        ),
        columns: await scenario.columns(file.key),
        cdcColumns: file.cdcColumns,
      };
      const { sha256: _sha256, ...known } = seen;
      tables[name] = { ...state, ...own, rows: base.rows, published, known };
    }
    return { run: entry?.run, tables, report: told(entry?.report ?? {}) };
  }
}

/** Rows of a full-load may come in any order, and those of parts; their numbers are theirs. */
function inOrder({ kind, rows: count }: PublishedFile, found: readonly string[]): readonly string[] {
  return kind === 'full-load' || count > 1000 ? found.toSorted() : found;
}

/** What a plan and a run say alike: of what is held, a plan counts more. */
export function foretold(tables: RunResult['report']['tables'] | PlanReport['tables']): unknown {
  return Object.entries(tables).map(([name, table]) => {
    const { operation, inserted, updated, deleted, unchanged, comparedBy } = table;
    const counts = operation === 'held' ? [] : [inserted, updated, deleted, unchanged];
    return [name, operation, comparedBy, ...counts];
  });
}

/** What a run tells of its tables, but for the size of files, and which engine it was. */
export function told(report: RunResult['report']['tables']): unknown {
  return Object.entries(report).map(([name, table]) => [name, { ...table, bytes: 0, comparedBy: undefined }]);
}
