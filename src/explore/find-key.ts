import { quoteName } from '../engine/quote.ts';
import { cellList, cellsOf } from './cells.ts';
import type { LakeReader } from './reader.ts';
import { filesOf, schemaColumns, stackedFiles } from './table-files.ts';

export interface FoundKey {
  readonly table: string;
  /** The values of the table's key, as text, in its order. */
  readonly key: Readonly<Record<string, string>>;
}

/**
 * Keys that begin with a text in one of their columns, or in all of them with a space between, of rows that are there or
 * have been, in any table: those that have the whole text as a value first.
 */
export async function findKey(
  reader: LakeReader,
  text: string,
  limit: number = 20,
  signal?: AbortSignal,
): Promise<FoundKey[]> {
  const known = await reader.runs();
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [];
  return reader.dear(
    JSON.stringify(['find', wanted, limit, known.newest?.attempt]),
    signal,
    async (engine) => {
      const found: (FoundKey & { readonly isWhole: boolean })[] = [];
      for (const [table, { schema, primaryKey }] of Object.entries(known.newest?.tables ?? {})) {
        const columns = schemaColumns(schema, primaryKey).filter(({ key }) => key);
        const stacked = await stackedFiles(reader, filesOf(known, table), columns, engine);
        const texts = columns.map(({ name }) => `lower(CAST(${quoteName(name)} AS VARCHAR))`);
        const values = `[${[...texts, ...(texts.length > 1 ? [`concat_ws(' ', ${texts.join(', ')})`] : [])].join(', ')}]`;
        const rows = await engine.rows(
          `SELECT DISTINCT NOT list_contains(${values}, $1) AS begins, ${cellList(columns)} FROM (${stacked})
          WHERE ${[...texts, `${values}[-1]`].map((value) => `starts_with(${value}, $1)`).join(' OR ')}
          ORDER BY ALL LIMIT ${limit}`,
          [wanted],
        );
        for (const row of rows) {
          const cells = cellsOf(row, columns.length);
          found.push({
            table,
            key: Object.fromEntries(columns.map(({ name }, index) => [name, cells[index] ?? ''])),
            isWhole: row['begins'] === false,
          });
        }
      }
      return found
        .toSorted((left, right) => Number(right.isWhole) - Number(left.isWhole))
        .slice(0, limit)
        .map(({ table, key }) => ({ table, key }));
    },
  );
}
