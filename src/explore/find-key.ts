import { quoteName } from '../engine/quote.ts';
import { cellList, cellsOf } from './cells.ts';
import type { LakeReader } from './reader.ts';
import { filesOf, schemaColumns, stackedFiles } from './table-files.ts';

export interface FoundKey {
  readonly table: string;
  /** The values of the table's key, as text, in its order. */
  readonly key: Readonly<Record<string, string>>;
}

/** Keys that begin with a text in one of their columns, of rows that are there or have been, in any table. */
export async function findKey(
  reader: LakeReader,
  text: string,
  limit: number = 20,
  signal?: AbortSignal,
): Promise<FoundKey[]> {
  const known = await reader.runs();
  if (text.trim() === '') return [];
  return reader.dear(JSON.stringify(['find', text, limit, known.newest?.attempt]), signal, async (engine) => {
    const found: FoundKey[] = [];
    for (const [table, { schema, primaryKey }] of Object.entries(known.newest?.tables ?? {})) {
      const columns = schemaColumns(schema, primaryKey).filter(({ key }) => key);
      const stacked = await stackedFiles(reader, filesOf(known, table), columns, engine);
      const begins = columns.map(
        ({ name }) => `starts_with(lower(CAST(${quoteName(name)} AS VARCHAR)), lower($1))`,
      );
      const rows = await engine.rows(
        `SELECT DISTINCT ${cellList(columns)} FROM (${stacked}) WHERE ${begins.join(' OR ')} ORDER BY ALL LIMIT ${limit}`,
        [text.trim()],
      );
      for (const row of rows) {
        const cells = cellsOf(row, columns.length);
        found.push({
          table,
          key: Object.fromEntries(columns.map(({ name }, index) => [name, cells[index] ?? ''])),
        });
      }
    }
    return found.slice(0, limit);
  });
}
