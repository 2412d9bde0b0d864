import type { Engine } from '../../engine/engine.ts';
import { quoteText } from '../../engine/quote.ts';
import type { AddFile } from '../protocol/actions.ts';
import { physicalName } from '../schema/column-mapping.ts';
import type { Disk } from '../files/disk.ts';
import { partitionSql } from '../schema/partition-values.ts';
import { type Expression, expressionSql } from './predicate.ts';
import { HelperTables } from './relation.ts';
import type { TableShape } from './scan.ts';
import { decimalType, type DeltaType, findField, type StructType } from '../schema/schema.ts';
import { type KnownColumn, mayMatch, ROW_COUNT } from './skip-expression.ts';
import { sqlTypeOf } from '../schema/sql-schema.ts';

/** What the log tells of the values in a file. */
type FileFacts = Pick<AddFile, 'partitionValues'> & { readonly stats?: string | undefined };

/**
 * The files that may hold rows for which the condition holds, by their partition values and statistics. To keep all of
 * them is always right, so whatever is missing, damaged or beyond this program's reach keeps a file.
 */
export async function filesThatMayMatch<T extends FileFacts>(
  { engine, partitionTimeZone }: Pick<Disk, 'engine' | 'partitionTimeZone'>,
  shape: TableShape,
  files: readonly T[],
  condition: Expression,
): Promise<T[]> {
  const columns = new SkipColumns(shape, partitionTimeZone);
  const expression = mayMatch(condition, (path) => columns.find(path));
  if (columns.isEmpty || files.length === 0) return [...files];
  const tables = new HelperTables(engine);
  try {
    const text = await expressionSql(engine, expression);
    const raw = await factsTable(engine, tables, files, columns.partitions);
    const valid = `SELECT * REPLACE (CASE WHEN json_valid(stats) THEN stats END AS stats) FROM ${raw}`;
    const typed = `SELECT file, ${columns.sql().join(', ')} FROM (${valid})`;
    const rows = await engine.rows(`SELECT file FROM (${typed}) WHERE coalesce(${text}, true) ORDER BY file`);
    return rows.flatMap(({ file }) => files[Number(file)] ?? []);
  } catch {
    return [...files];
  } finally {
    await tables.drop();
  }
}

/** So few files stand in the text of a query, which is quicker than a table. */
const MOST_WRITTEN = 16;

/** What stands after FROM for what the log tells of files: `file` (its index), `stats`, and partition values `v0`, `v1` … */
async function factsTable(
  engine: Engine,
  tables: HelperTables,
  files: readonly FileFacts[],
  partitions: readonly string[],
): Promise<string> {
  const names = ['stats', ...partitions.map((_, index) => `v${index}`)];
  const values = [
    files.map(({ stats }) => stats ?? null),
    ...partitions.map((name) => files.map(({ partitionValues }) => partitionValues[name] ?? null)),
  ];
  if (files.length <= MOST_WRITTEN) {
    const texts = values.map((column) =>
      column.map((value) => (value === null ? 'NULL' : quoteText(value))).join(', '),
    );
    const columns = names.map((name, index) => `unnest(CAST([${texts[index]}] AS VARCHAR[])) AS ${name}`);
    return `(SELECT unnest(range(${files.length})) AS file, ${columns.join(', ')})`;
  }
  const table = await tables.create(['file BIGINT', ...names.map((name) => `${name} VARCHAR`)].join(', '));
  await engine.append(table, [files.map((_, index) => BigInt(index)), ...values]);
  return table;
}

/** The columns that a condition names, and where the log has something on them. */
class SkipColumns {
  /** Physical names. */
  readonly partitions: string[] = [];
  readonly #shape: TableShape;
  readonly #zone: string | undefined;
  readonly #sql: string[] = [`TRY_CAST(${statistic(['numRecords'])} AS BIGINT) AS ${ROW_COUNT}`];
  readonly #found = new Map<string, KnownColumn | undefined>();

  constructor(shape: TableShape, zone: string | undefined) {
    this.#shape = shape;
    this.#zone = zone;
  }

  get isEmpty(): boolean {
    return [...this.#found.values()].every((column) => column === undefined);
  }

  sql(): readonly string[] {
    return this.#sql;
  }

  find(path: readonly string[]): KnownColumn | undefined {
    const key = path.join('\0').toLowerCase();
    if (!this.#found.has(key)) this.#found.set(key, this.#add(path, this.#found.size));
    return this.#found.get(key);
  }

  #add(path: readonly string[], index: number): KnownColumn | undefined {
    const [first = ''] = path;
    const field = findField(this.#shape.schema, first);
    if (field !== undefined && this.#shape.partitionFields.includes(field)) {
      if (path.length > 1) return undefined;
      const position = this.partitions.push(physicalName(field, this.#shape.mapping)) - 1;
      this.#sql.push(`${partitionSql(`v${position}`, field.type, this.#zone)} AS p${index}`);
      return { kind: 'exact', value: `p${index}` };
    }
    const leaf = this.#leaf(this.#shape.schema, path, []);
    if (leaf === undefined) return undefined;
    const max = boundSql(leaf, 'maxValues');
    // Writers cut timestamps to milliseconds: the true greatest one may be later by less than one.
    const isTimestamp = leaf.type === 'timestamp' || leaf.type === 'timestamp_ntz';
    this.#sql.push(
      `${boundSql(leaf, 'minValues')} AS min${index}`,
      `${isTimestamp ? `${max} + INTERVAL 1 MILLISECOND` : max} AS max${index}`,
      `TRY_CAST(${statistic(['nullCount', ...leaf.names])} AS BIGINT) AS nulls${index}`,
    );
    // NaN is greater than every number, and writers leave it out of the bounds.
    const hasNoMax = leaf.type === 'float' || leaf.type === 'double';
    return {
      kind: 'range',
      min: `min${index}`,
      max: hasNoMax ? undefined : `max${index}`,
      nulls: `nulls${index}`,
      isText: leaf.type === 'string',
    };
  }

  /** The type and the physical path of a column that has statistics. */
  #leaf(schema: StructType, path: readonly string[], names: readonly string[]): Leaf | undefined {
    const [name = '', ...rest] = path;
    const field = findField(schema, name);
    if (field === undefined) return undefined;
    const at = [...names, physicalName(field, this.#shape.mapping)];
    if (typeof field.type === 'string')
      return rest.length === 0 && isOrdered(field.type) ? { type: field.type, names: at } : undefined;
    return field.type.type === 'struct' ? this.#leaf(field.type, rest, at) : undefined;
  }
}

/** Digits that a double holds of any decimal number. */
const DOUBLE_DIGITS = 15;

/**
 * SQL of a bound. Whoever reads or writes JSON may have rounded a long decimal to a double, so such a bound is taken for
 * a little wider than it says.
 */
function boundSql({ type, names }: Leaf, kind: 'minValues' | 'maxValues'): string {
  const value = statistic([kind, ...names]);
  const digits = decimalType(type)?.precision ?? 0;
  if (digits <= DOUBLE_DIGITS) return `TRY_CAST(${value} AS ${sqlTypeOf(type)})`;
  const number = `TRY_CAST(${value} AS DOUBLE)`;
  return `TRY_CAST(${number} ${kind === 'minValues' ? '-' : '+'} abs(${number}) * 1e-15 AS ${sqlTypeOf(type)})`;
}

interface Leaf {
  readonly type: DeltaType;
  readonly names: readonly string[];
}

const ORDERED = new Set<DeltaType>([
  'string',
  'long',
  'integer',
  'short',
  'byte',
  'float',
  'double',
  'date',
  'timestamp',
  'timestamp_ntz',
]);

function isOrdered(type: DeltaType): boolean {
  return ORDERED.has(type) || decimalType(type) !== undefined;
}

/** SQL for a member of a file's statistics, as text; null where there is none. */
function statistic(path: readonly string[]): string {
  const pointer = path.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  return `json_extract_string(stats, ${quoteText(pointer)})`;
}
