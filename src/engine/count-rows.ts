import type { Engine } from './engine.ts';

/** How many rows there are. @param from SQL after FROM. */
export async function countRows(engine: Engine, from: string): Promise<number> {
  const [row] = await engine.rows(`SELECT count(*) AS n FROM ${from}`);
  return Number(row?.['n']);
}
