import type { TableConfig } from '../config/config.ts';
import type { Told } from '../core/language/sentence.ts';
import { byName, type ColumnType, type Schema } from '../core/schema.ts';
import type { Engine } from '../engine/engine.ts';
import { quoteName, quoteText } from '../engine/quote.ts';
import { readerOf } from '../snapshot/column-types.ts';
import { folderValues } from '../snapshot/hive-path.ts';
import { likelyTypes } from '../snapshot/infer.ts';
import type { RawColumn, RawTable } from '../snapshot/raw-table.ts';

/**
 * The table with types for the columns that its files' folders give it: all of their values are known without a row, so that
 * another engine is told each one in its type. A text says why one has none.
 */
export async function withFolderTypes(
  engine: Engine,
  raw: RawTable,
  table: TableConfig,
  recorded: Schema,
): Promise<RawTable | Told> {
  const valuesOf = byName(valuesIn(raw));
  const known = byName(recorded);
  const columns: RawColumn[] = [];
  for (const column of raw.columns) {
    const { values = [] } = valuesOf(column.name) ?? {};
    if (values.length === 0) {
      columns.push(column);
      continue;
    }
    const list = values.map((value) => `(${quoteText(value)})`).join(', ');
    const relation = `(VALUES ${list}) AS v(${quoteName(column.name)})`;
    const [likely] = await likelyTypes(engine, {
      name: raw.name,
      columns: [column],
      relation,
      explain: (error) => error,
    });
    const type = table.types[column.name] ?? known(column.name)?.type ?? likely?.type ?? 'text';
    const [row] = await engine.rows(
      `SELECT coalesce(bool_and(${readerOf(type, column).holds}), false) AS holds FROM ${relation}`,
    );
    if (row?.['holds'] !== true)
      return `the values of its folders do not fit the type of its column ${column.name}`;
    columns.push({ ...column, typed: { type, sql: typedSql(column, type, values) } });
  }
  return { ...raw, columns };
}

/** The values of each column that folders give, but null. */
function valuesIn({ files = [] }: RawTable): { readonly name: string; readonly values: readonly string[] }[] {
  const found = new Map<string, { name: string; values: Set<string> }>();
  for (const file of files) {
    for (const [name, value] of folderValues(file.name)) {
      const one = found.get(name.toLowerCase()) ?? { name, values: new Set() };
      found.set(name.toLowerCase(), one);
      if (value !== null) one.values.add(value);
    }
  }
  return [...found.values()].map(({ name, values }) => ({ name, values: [...values] }));
}

/** SQL: each value beside what it is, for a cast of text does not mean the same in every engine. */
function typedSql(column: RawColumn, type: ColumnType, values: readonly string[]): string {
  if (type === 'text') return column.text;
  const cases = values.map((value) => {
    const text = quoteText(value);
    return `WHEN ${text} THEN ${readerOf(type, { ...column, text, scalar: text }).value}`;
  });
  return `CASE ${column.text} ${cases.join(' ')} END`;
}
