import { IgarapeError } from '../core/errors.ts';
import type { Engine, Row } from '../engine/engine.ts';
import { quoteName, quoteText } from '../engine/quote.ts';

const SAMPLES = 5;

/** @throws IgarapeError TABLE_KEY where a row's key is null, or in part. */
export async function refuseNullKeys(engine: Engine, path: string, table: string, key: readonly string[]): Promise<void> {
  const isNull = key.map((name) => `${quoteName(name)} IS NULL`).join(' OR ');
  const [row] = await engine.rows(`SELECT count(*) AS rows FROM read_parquet(${quoteText(path)}) WHERE ${isNull}`);
  const rows = Number(row?.['rows'] ?? 0);
  if (rows === 0) return;
  throw new IgarapeError('TABLE_KEY', `${rows} row${rows === 1 ? ' has' : 's have'} no value in the key ${keyText(key)}.`, {
    hint: `The table ${table} is left as it was. Every row needs a key: choose another "pk", or have the source corrected.`,
  });
}

/** The error for keys that occur more than once in a snapshot, with the first of them. */
export async function duplicateKeys(engine: Engine, path: string, table: string, key: readonly string[]): Promise<IgarapeError> {
  const columns = key.map(quoteName).join(', ');
  const samples = await engine.rows(
    `SELECT ${key.map((name) => `CAST(${quoteName(name)} AS VARCHAR) AS ${quoteName(name)}`).join(', ')}, count(*) AS "rows of this key"
     FROM read_parquet(${quoteText(path)}) GROUP BY ${columns} HAVING count(*) > 1 ORDER BY count(*) DESC, ${columns} LIMIT ${SAMPLES}`,
  );
  const shown = samples.map((row) => describe(row, key)).join('; ');
  return new IgarapeError('TABLE_KEY', `The key ${keyText(key)} is not unique: ${shown}.`, {
    hint: `The table ${table} is left as it was. Add the columns to "pk" that tell these rows apart, or have the source corrected.`,
  });
}

function describe(row: Row, key: readonly string[]): string {
  return `${key.map((name) => `${name} = ${String(row[name])}`).join(', ')} (${String(row['rows of this key'])} rows)`;
}

function keyText(key: readonly string[]): string {
  return key.map((name) => JSON.stringify(name)).join(' + ');
}
