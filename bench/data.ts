import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

export interface Days {
  readonly day1: string;
  readonly day2: string;
}

/**
 * Two days of one table of six columns: about 110 bytes a row; on the second day 1 % of the rows are new, 2 % changed
 * and 1 % gone.
 */
export async function writeDays(folder: string, rows: number): Promise<Days> {
  mkdirSync(folder, { recursive: true });
  const days = { day1: join(folder, `day1-${rows}.csv`), day2: join(folder, `day2-${rows}.csv`) };
  if (existsSync(days.day1) && existsSync(days.day2)) return days;
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const hundredth = Math.floor(rows / 100);
  await connection.run(`COPY (${rowsSql(`range(0, ${rows})`, 'false')}) TO '${days.day1}' (HEADER)`);
  await connection.run(
    `COPY (${rowsSql(`range(${hundredth}, ${rows + hundredth})`, 'i % 50 = 7')}) TO '${days.day2}' (HEADER)`,
  );
  connection.closeSync();
  instance.closeSync();
  return days;
}

/** Rows of the table for the numbers `i` of a relation. @param changed SQL that is true where a row has its second price. */
export function rowsSql(numbers: string, changed: string): string {
  return `
    SELECT md5(i::VARCHAR) AS id, i AS number, hash(i, 1) % 1000 AS quantity,
      CASE WHEN ${changed} THEN hash(i, 2) % 100000 + 0.5 ELSE (hash(i, 2) % 10000000) / 100.0 END AS price,
      TIMESTAMP '2024-01-01' + to_milliseconds((hash(i, 3) % 50000000000)::BIGINT) AS updated_at,
      'note ' || md5((i * 7)::VARCHAR)[:20] || CASE WHEN i % 50 = 0 THEN ', with a comma' ELSE '' END AS note
    FROM ${numbers} t(i)`;
}
