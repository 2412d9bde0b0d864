import type { Writer } from '../files/disk.ts';
import { messageOf } from '../protocol/corrupt.ts';
import { EngineError } from '../../core/errors.ts';
import type { Engine } from '../../engine/engine.ts';
import { quoteName } from '../../engine/quote.ts';
import { HelperTables } from '../read/relation.ts';
import { bindParameters, type Parameters } from '../read/parameters.ts';
import {
  type DeltaType,
  findField,
  holds,
  mapLeaves,
  type StructField,
  type StructType,
} from '../schema/schema.ts';
import { isUnspeakable } from '../schema/schema.ts';
import { nullColumn, sqlTypeOf } from '../schema/sql-schema.ts';
import { arrowColumns } from './arrow-rows.ts';
import type { GivenColumn, GivenColumns } from './given-columns.ts';
import { queryText } from './query-text.ts';
import { checkQuery, refused } from './row-source.ts';
import { valueText } from './value-text.ts';
import { commonType, settledType, valueType } from './value-type.ts';

/**
 * Rows to be written: a SELECT of DuckDB's; or objects, one a row, from an array or whatever gives them one after the
 * other; or an Arrow IPC stream or file as its bytes, which takes the package `apache-arrow`.
 */
export type RowSource =
  | string
  | Uint8Array
  | Iterable<object>
  | AsyncIterable<object>
  | AsyncIterable<Uint8Array>;

/** Rows at once: each time costs a few statements. */
const ROWS_AT_ONCE = 16_384;

export interface GivenRows {
  readonly rows: RowSource;
  /** The columns that the table has; values go into their types where these hold them. */
  readonly known: StructType | undefined;
  /** Of rows that are SQL. */
  readonly parameters: Parameters | undefined;
}

/**
 * Runs what takes the rows as one SELECT. Objects are read once, to their end, into the engine, which spills to disk.
 *
 * @throws IgarapeError DELTA_QUERY for values that no table holds; whatever the source itself throws
 */
export async function withGivenRows<T>(
  { engine }: Writer,
  { rows, known, parameters }: GivenRows,
  use: (sql: string) => Promise<T>,
): Promise<T> {
  if (typeof rows === 'string') {
    const query = queryText(bindParameters(rows, parameters));
    await checkQuery(engine, query);
    return use(query);
  }
  if (parameters !== undefined) throw refused('parameters go with SQL, and these rows are none');
  const tables = new HelperTables(engine);
  try {
    const gathered = new GatheredRows(engine, tables, known);
    for await (const columns of batchesOf(rows)) await gathered.add(columns);
    return await use(gathered.sql());
  } finally {
    await tables.drop();
  }
}

async function* batchesOf(source: Exclude<RowSource, string>): AsyncGenerator<GivenColumns> {
  if (source instanceof Uint8Array) {
    yield* arrowColumns(source);
    return;
  }
  if ('numRows' in source && 'schema' in source)
    throw refused('a table of Arrow is given as its bytes: tableToIPC(table)');
  const items: AsyncIterator<object> | Iterator<object> =
    Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  const first = await items.next();
  // Whatever ends the loop early, the source is told.
  const rest = onward(first, items);
  if (first.done !== true && first.value instanceof Uint8Array) yield* arrowColumns(bytesOf(rest));
  else yield* rowBatches(rest);
}

async function* onward(
  first: IteratorResult<object>,
  items: AsyncIterator<object> | Iterator<object>,
): AsyncGenerator<object> {
  let isOver = false;
  try {
    for (let item = first; item.done !== true; item = await items.next()) yield item.value;
    isOver = true;
  } finally {
    if (!isOver) await items.return?.();
  }
}

async function* bytesOf(chunks: AsyncIterable<object>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    if (!(chunk instanceof Uint8Array))
      throw refused('the bytes of an Arrow stream are followed by something else');
    yield chunk;
  }
}

async function* rowBatches(rows: AsyncIterable<object>): AsyncGenerator<GivenColumns> {
  let values = new Map<string, unknown[]>();
  let count = 0;
  for await (const row of rows) {
    if (typeof row !== 'object' || row === null || Array.isArray(row) || row instanceof Uint8Array)
      throw refused(`the row ${JSON.stringify(row)} is no object`);
    for (const [name, value] of Object.entries(row)) {
      const column = values.get(name) ?? [];
      column[count] = value;
      values.set(name, column);
    }
    count += 1;
    if (count < ROWS_AT_ONCE) continue;
    yield columnsOf(values, count);
    values = new Map();
    count = 0;
  }
  if (count > 0) yield columnsOf(values, count);
}

function columnsOf(values: ReadonlyMap<string, readonly unknown[]>, rows: number): GivenColumns {
  // What a row lacks is a hole.
  const columns = [...values].map(([name, column]) => ({
    name,
    values: Array.from({ length: rows }, (_, row) => column[row]),
  }));
  return { columns, rows };
}

/** Rows in tables of the engine: a further one each time that the columns, or their types, become others. */
class GatheredRows {
  readonly #engine: Engine;
  readonly #tables: HelperTables;
  readonly #known: StructType | undefined;
  readonly #types = new Map<string, DeltaType | undefined>();
  readonly #parts: { readonly table: string; readonly fields: readonly Field[] }[] = [];

  constructor(engine: Engine, tables: HelperTables, known: StructType | undefined) {
    this.#engine = engine;
    this.#tables = tables;
    this.#known = known;
  }

  async add({ columns, rows }: GivenColumns): Promise<void> {
    for (const column of columns) this.#learn(column);
    const fields = columns.map(({ name }): Field => ({ name, type: settledType(this.#types.get(name)) }));
    const given = new HelperTables(this.#engine);
    try {
      // Rows without any column are rows, too.
      const names = ['n', ...columns.map((_, index) => `c${index}`)];
      const texts = await given.create(names.map((name) => `${name} VARCHAR`).join(', '));
      await this.#engine.append(texts, [
        Array.from({ length: rows }, () => null),
        ...columns.map(({ values }, index) =>
          Array.from({ length: rows }, (_, row) => valueText(values[row], fields[index]?.type ?? 'string')),
        ),
      ]);
      const typed = fields.map(({ type }, index) => `${typedSql(`c${index}`, type)} AS c${index}`);
      await this.#store(`SELECT ${['n', ...typed].join(', ')} FROM ${texts}`, fields);
    } catch (cause) {
      if (!(cause instanceof EngineError)) throw cause;
      throw refused({ quoted: messageOf(cause) });
    } finally {
      await given.drop();
    }
  }

  /** @throws IgarapeError DELTA_QUERY where nothing tells any column */
  sql(): string {
    const fields = [...this.#types].map(([name, type]): Field => ({ name, type: settledType(type) }));
    if (this.#parts.length === 0 || fields.length === 0) {
      if (this.#parts.length > 0 || this.#known === undefined)
        throw refused('there are no columns, nor a schema that tells them');
      const none = this.#known.fields.map(nullColumn);
      return `SELECT ${none.join(', ')} WHERE false`;
    }
    const parts = this.#parts.map((part) => {
      const columns = fields.map((field) => {
        const index = part.fields.findIndex(({ name }) => name === field.name);
        return index < 0
          ? nullColumn(field)
          : `CAST(c${index} AS ${sqlTypeOf(field.type)}) AS ${quoteName(field.name)}`;
      });
      return `SELECT ${columns.join(', ')} FROM ${part.table}`;
    });
    return parts.join(' UNION ALL ');
  }

  #learn({ name, type, values }: GivenColumn): void {
    if (name === '') throw refused('a column has no name');
    if (isUnspeakable(name)) throw refused('the name of a column holds NUL, or half of a pair of surrogates');
    let found = this.#types.get(name);
    const known = this.#known === undefined ? undefined : findField(this.#known, name)?.type;
    if (type !== undefined) found = commonType(found, type, name);
    else for (const value of values) found = commonType(found, valueType(value, known, name), name);
    this.#types.set(name, found);
  }

  async #store(select: string, fields: readonly Field[]): Promise<void> {
    const last = this.#parts.at(-1);
    if (last !== undefined && JSON.stringify(last.fields) === JSON.stringify(fields))
      await this.#engine.run(`INSERT INTO ${last.table} ${select}`);
    else this.#parts.push({ table: await this.#tables.createAs(select), fields });
  }
}

type Field = Pick<StructField, 'name' | 'type'>;

/** Bytes inside of JSON come as text first, or the engine would take their escapes for bytes. */
function typedSql(column: string, type: DeltaType): string {
  const own = sqlTypeOf(type);
  if (typeof type === 'string' && type !== 'variant') return `CAST(${column} AS ${own})`;
  const parsed = `CAST(CAST(${column} AS JSON) AS ${sqlTypeOf(withTexts(type))})`;
  return holds(type, 'binary') ? `CAST(${parsed} AS ${own})` : parsed;
}

function withTexts(type: DeltaType): DeltaType {
  return mapLeaves(type, (leaf) => (leaf === 'binary' ? 'string' : leaf));
}
