import { join } from 'node:path';
import { isColumnType, sqlType } from '../../src/core/schema.ts';
import { DeltaTable } from '../../src/delta/table.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { quoteName, quoteText } from '../../src/engine/quote.ts';
import { keyOf, type ModelColumn, type ModelRow } from './table-model.ts';
import { cellOf, cellSql, type ModelType } from './values.ts';

/** A published file, as a reader of the lake finds it, in file order. */
export interface ReadFile {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly ReadRow[];
}

export interface ReadRow {
  readonly operation: string | undefined;
  readonly sequence: bigint | undefined;
  readonly timestampMicros: bigint | undefined;
  readonly row: ModelRow;
}

/** Reads a Parquet file of the local lake in the types that are asked for. */
export async function readPublished(
  engine: Engine,
  lake: string,
  key: string,
  columns: readonly ModelColumn[],
): Promise<ReadFile> {
  const scan = `read_parquet(${quoteText(join(lake, key))}, hive_partitioning = false)`;
  const described = (await engine.rows(`DESCRIBE SELECT * FROM ${scan}`)).map((row) => ({
    name: String(row['column_name']),
    type: String(row['column_type']),
  }));
  const has = (name: string): boolean => described.some((column) => column.name === name);
  const isChange = key.startsWith('cdc/');
  const values = columns.map(({ name, type }, index) =>
    has(name)
      ? `${cellSql(`CAST(${quoteName(name)} AS ${sqlType(type)})`, type)} AS c${index}`
      : `NULL AS c${index}`,
  );
  const added = isChange
    ? ['_cdc_operation AS op', '_cdc_sequence AS seq', 'epoch_us(_cdc_timestamp) AS ts']
    : [];
  const rows = await engine.rows(`SELECT ${[...values, ...added].join(', ')} FROM ${scan}`);
  return {
    columns: described,
    rows: rows.map((row) => ({
      operation: isChange ? String(row['op']) : undefined,
      sequence: isChange ? BigInt(String(row['seq'])) : undefined,
      timestampMicros: isChange ? BigInt(String(row['ts'])) : undefined,
      row: new Map(columns.map(({ name }, index) => [name, cellOf(row[`c${index}`])])),
    })),
  };
}

/** The rows of the bronze table `t`, in the types that are asked for, each under a key of its own. */
export async function readBronze(
  engine: Engine,
  lake: string,
  columns: readonly ModelColumn[],
): Promise<Map<string, ModelRow>> {
  await using table = await DeltaTable.open(join(lake, 'bronze', 't'), { engine });
  await using found = await table.read();
  const has = (name: string): boolean => found.columns.some((column) => column.name === name);
  const values = columns.map(({ name, type }, index) =>
    has(name)
      ? `${cellSql(`CAST(${quoteName(name)} AS ${sqlType(type)})`, type)} AS c${index}`
      : `NULL AS c${index}`,
  );
  const rows = await engine.rows(`SELECT ${[...values, '0'].join(', ')} FROM (${found.sql})`);
  return new Map(
    rows.map((row, number) => [
      String(number),
      new Map(columns.map(({ name }, index) => [name, cellOf(row[`c${index}`])])),
    ]),
  );
}

/** Applies a change file to a table, as any consumer would. */
export function applyChanges(table: Map<string, ModelRow>, file: ReadFile, key: readonly string[]): void {
  for (const { operation, row } of file.rows) {
    if (operation === 'D') table.delete(keyOf(row, key));
    else table.set(keyOf(row, key), row);
  }
}

/** What a schema's columns are called by DuckDB. */
export function duckColumns(
  schema: readonly { name: string; type: ModelType }[],
): { name: string; type: string }[] {
  return schema.map(({ name, type }) => {
    if (!isColumnType(type)) throw new Error(type);
    return { name, type: sqlType(type) };
  });
}
