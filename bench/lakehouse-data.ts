import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Days } from './data.ts';

/** How many rows of the second day differ from the first: three quarters changed, an eighth new, an eighth gone. */
export const CHANGES = 40_000;

/** As many as from 2024-02-01 to 2025-10-04, what a backfill of the loyalty system's cubes takes. */
const DAYS = 612;

/** Two days of a table of transactions; the second day's changes are on random keys, and so on every date. */
export async function writeTransactions(folder: string, rows: number): Promise<Days> {
  mkdirSync(folder, { recursive: true });
  const days = {
    day1: join(folder, `transactions-1-${rows}-${DAYS}.parquet`),
    day2: join(folder, `transactions-2-${rows}-${DAYS}.parquet`),
  };
  if (existsSync(days.day1) && existsSync(days.day2)) return days;
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const every = Math.floor(rows / CHANGES);
  // Which of `every` rows differs is drawn by the row's hash, and what becomes of it by another one.
  const kind = `CASE WHEN hash(i, 9) % ${every} <> 0 THEN 'same' WHEN hash(i, 8) % 8 = 0 THEN 'gone' WHEN hash(i, 8) % 8 = 1 THEN 'new' ELSE 'changed' END`;
  const select = (day: 1 | 2): string => `
    SELECT md5(i::VARCHAR) AS id, hash(i, 1) % 100000 AS client, 'product ' || hash(i, 2) % 40 AS product,
      TIMESTAMP '2024-02-01' + to_seconds((hash(i, 3) % (${DAYS} * 86400))::BIGINT) AS created_at,
      (hash(i, 4) % 1000)::BIGINT + ${day === 2 ? `if(${kind} = 'changed', 1, 0)` : '0'} AS points
    FROM range(${rows}) t(i) WHERE ${kind} <> '${day === 1 ? 'new' : 'gone'}'`;
  for (const [day, path] of [
    [1, days.day1],
    [2, days.day2],
  ] as const)
    await connection.run(`COPY (${select(day)}) TO '${path}'`);
  connection.closeSync();
  instance.closeSync();
  return days;
}
