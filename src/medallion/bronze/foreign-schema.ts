import { IgarapeError } from '../../core/errors.ts';
import { type ColumnType, sameName, type Schema, sqlType, widen } from '../../core/schema.ts';
import { countRows } from '../../engine/count-rows.ts';
import type { Engine } from '../../engine/engine.ts';
import { evolveSchema } from '../../snapshot/evolve.ts';
import { castColumn, type ForeignColumn, type ForeignColumns } from './foreign-columns.ts';

/** A table's columns, and the type that its changes are ordered by, as files make them grow. */
export interface ForeignSchema {
  readonly columns: Schema;
  /** Undefined before the first file. */
  readonly orderType: ColumnType | undefined;
}

/**
 * A table's columns with those of one more file: new columns come last, types get wider. The file comes back as the
 * table takes it: a fraction without digits behind the point is a whole number where the table has these, and a column
 * without values is of any type, as pandas writes them.
 *
 * @throws IgarapeError TABLE_UNREADABLE where a type does not go with what is recorded
 */
export async function growSchema(
  engine: Engine,
  recorded: ForeignSchema,
  file: ForeignColumns,
  key: readonly string[],
): Promise<{ readonly schema: ForeignSchema; readonly file: ForeignColumns }> {
  const columns: ForeignColumn[] = [];
  for (const column of file.columns) {
    const known = recorded.columns.find(({ name }) => sameName(name, column.name));
    columns.push(known === undefined ? column : await fitted(engine, file, column, known.type));
  }
  const names = columns.map(({ name }) => name);
  const recordedKey = recorded.columns
    .map(({ name }) => name)
    .filter((name) => key.some((each) => sameName(each, name)));
  const change = evolveSchema(recorded.columns, names, columns, recordedKey, {});
  for (const { name, from, to } of change.retyped) throw refusedType(file, name, from, to);
  const { orderType = file.order.type } = recorded;
  const order = await fitted(engine, file, file.order, orderType);
  const wider = widen(orderType, order.type);
  // A whole number of 19 digits may have no place of its own among doubles.
  if (wider === undefined || (orderType === 'bigint' && wider === 'double'))
    throw refusedType(file, order.name, orderType, order.type);
  return {
    schema: { columns: change.schema.map(({ name, type }) => ({ name, type })), orderType: wider },
    file: { ...file, columns, order },
  };
}

/**
 * Checks that a file's whole numbers survive where the table has doubles.
 *
 * @throws IgarapeError TABLE_UNREADABLE
 */
export async function checkExact(
  engine: Engine,
  file: ForeignColumns,
  { columns, orderType }: ForeignSchema,
): Promise<void> {
  const isInexact = (column: ForeignColumn, type: ColumnType | undefined): boolean =>
    column.type === 'bigint' && type === 'double';
  const suspects = file.columns.filter((column) =>
    columns.some(({ name, type }) => sameName(name, column.name) && isInexact(column, type)),
  );
  if (isInexact(file.order, orderType)) suspects.push(file.order);
  for (const column of suspects) {
    if (!(await holds(engine, file, isExact(column.sql))))
      throw refusedType(file, column.name, 'double', 'bigint');
  }
}

/** SQL: whether a number is one of those of which every whole one is a double, too. */
export function isExact(sql: string): string {
  return `abs(${sql}) <= ${2 ** 53}`;
}

async function fitted(
  engine: Engine,
  file: ForeignColumns,
  column: ForeignColumn,
  recorded: ColumnType,
): Promise<ForeignColumn> {
  if (widen(recorded, column.type) === recorded) return column;
  const { name, sql, type } = column;
  if (await holds(engine, file, `${sql} IS NULL`))
    return { name, type: recorded, sql: `CAST(NULL AS ${sqlType(recorded)})` };
  const isWhole = `${sql} = trunc(${sql}) AND ${isExact(sql)}`;
  if (recorded === 'bigint' && type === 'double' && (await holds(engine, file, isWhole)))
    return { name, type: recorded, sql: castColumn(column, recorded) };
  return column;
}

/** True where a condition is false for no row of a file. */
async function holds(engine: Engine, { relation }: ForeignColumns, condition: string): Promise<boolean> {
  return (await countRows(engine, `${relation} WHERE NOT (${condition})`)) === 0;
}

function refusedType(file: ForeignColumns, name: string, from: ColumnType, to: ColumnType): IgarapeError {
  return new IgarapeError(
    'TABLE_UNREADABLE',
    `${file.file.name}: the column ${JSON.stringify(name)} is ${to}, and ${from} in the table: no type keeps both.`,
    {
      hint: 'Nothing was taken from this batch. Write the file anew with the recorded type, or move it away.',
    },
  );
}
