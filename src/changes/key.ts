import { IgarapeError } from '../core/errors.ts';
import type { Engine, Row } from '../engine/engine.ts';
import { quoteName } from '../engine/quote.ts';

const SAMPLES = 5;

/** @throws IgarapeError TABLE_KEY where a row's key is null, or in part. `relation` is SQL after FROM. */
export async function refuseNullKeys(
  engine: Engine,
  relation: string,
  table: string,
  key: readonly string[],
): Promise<void> {
  const rows = await countNullKeys(engine, relation, key);
  if (rows === 0) return;
  throw new IgarapeError(
    'TABLE_KEY',
    `${rows} row${rows === 1 ? ' has' : 's have'} no value in the key ${keyText(key)}.`,
    {
      hint: `The table ${table} is left as it was. Every row needs a key: choose another "pk", or have the source corrected.`,
    },
  );
}

/** How many rows have a key that is null, or in part. `relation` is SQL after FROM. */
export async function countNullKeys(
  engine: Engine,
  relation: string,
  key: readonly string[],
): Promise<number> {
  const isNull = key.map((name) => `${quoteName(name)} IS NULL`).join(' OR ');
  const [row] = await engine.rows(`SELECT count(*) AS rows FROM ${relation} WHERE ${isNull}`);
  return Number(row?.['rows'] ?? 0);
}

/** True where two rows of the relation agree in all of the (non-null) columns. */
export async function hasDuplicates(
  engine: Engine,
  relation: string,
  columns: readonly string[],
): Promise<boolean> {
  const [row] = await engine.rows(
    `SELECT 1 FROM ${relation} GROUP BY ${columns.map(quoteName).join(', ')} HAVING count(*) > 1 LIMIT 1`,
  );
  return row !== undefined;
}

/** @throws IgarapeError TABLE_KEY with the first of the keys that occur more than once. */
export async function refuseDuplicateKeys(
  engine: Engine,
  relation: string,
  table: string,
  key: readonly string[],
): Promise<void> {
  const columns = key.map(quoteName).join(', ');
  const samples = await engine.rows(
    `SELECT ${key.map((name) => `CAST(${quoteName(name)} AS VARCHAR) AS ${quoteName(name)}`).join(', ')}, count(*) AS _igarape_rows
     FROM ${relation} GROUP BY ${columns} HAVING count(*) > 1 ORDER BY count(*) DESC, ${columns} LIMIT ${SAMPLES}`,
  );
  if (samples.length === 0) return;
  const shown = samples.map((row) => describe(row, key)).join('; ');
  throw new IgarapeError('TABLE_KEY', `The key ${keyText(key)} is not unique: ${shown}.`, {
    hint: `The table ${table} is left as it was. Add the columns to "pk" that tell these rows apart, or have the source corrected.`,
  });
}

function describe(row: Row, key: readonly string[]): string {
  return `${key.map((name) => `${name} = ${String(row[name])}`).join(', ')} (${String(row['_igarape_rows'])} rows)`;
}

function keyText(key: readonly string[]): string {
  return key.map((name) => JSON.stringify(name)).join(' + ');
}
