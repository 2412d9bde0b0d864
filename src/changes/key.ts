import { IgarapeError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import type { Row } from '../engine/result-rows.ts';
import { sameName } from '../core/schema.ts';
import { quoteName, quoteText } from '../engine/quote.ts';
import { explained, type RawTable } from '../snapshot/raw-table.ts';

const SAMPLES = 5;

/** @throws IgarapeError TABLE_KEY where there are rows whose key is null, or in part. */
export function refuseKeyless(rows: number, table: string, key: readonly string[]): void {
  if (rows === 0) return;
  throw new IgarapeError(
    'TABLE_KEY',
    `${rows} row${rows === 1 ? ' has' : 's have'} no value in the key ${keyText(key)}.`,
    {
      hint: `The table ${table} is left as it was. Every row needs a key: choose another "pk", or have the source corrected.`,
    },
  );
}

/** SQL: true where the key is null, or in part. */
export function isKeyless(key: readonly string[]): string {
  return `(${key.map((name) => `${quoteName(name)} IS NULL`).join(' OR ')})`;
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

/**
 * @param raw What the relation was read from: where that is many files, those that a key is in are named.
 * @throws IgarapeError TABLE_KEY with the first of the keys that occur more than once.
 */
export async function refuseDuplicateKeys(
  engine: Engine,
  relation: string,
  table: string,
  key: readonly string[],
  raw?: RawTable,
): Promise<void> {
  const columns = key.map(quoteName).join(', ');
  const samples = await engine.rows(
    `SELECT ${key.map((name) => `CAST(${quoteName(name)} AS VARCHAR) AS ${quoteName(name)}`).join(', ')}, count(*) AS _igarape_rows
     FROM ${relation} GROUP BY ${columns} HAVING count(*) > 1 ORDER BY count(*) DESC, ${columns} LIMIT ${SAMPLES}`,
  );
  if (samples.length === 0) return;
  const files = await filesOfDuplicates(engine, key, raw);
  const shown = samples
    .map((row) => `${describeKey(row, key)}${files.get(keyOf(row, key)) ?? ''}`)
    .join('; ');
  throw new IgarapeError('TABLE_KEY', `The key ${keyText(key)} is not unique: ${shown}.`, {
    hint: `The table ${table} is left as it was. Add the columns to "pk" that tell these rows apart, or have the source corrected.`,
  });
}

/** Of keys that are in more than one file, as text, which files these are. */
async function filesOfDuplicates(
  engine: Engine,
  key: readonly string[],
  { files = [], columns = [], explain = (error: Error) => error }: Partial<RawTable> = {},
): Promise<Map<string, string>> {
  const named = key.map((name) => ({ name, column: columns.find((column) => sameName(column.name, name)) }));
  if (files.length < 2 || named.some(({ column }) => column === undefined)) return new Map();
  const texts = named.map(({ name, column }) => `${column?.text ?? 'NULL'} AS ${quoteName(name)}`).join(', ');
  const parts = files.map(
    (file) => `SELECT ${texts}, ${quoteText(file.name)} AS _igarape_file FROM ${file.relation}`,
  );
  const keys = key.map(quoteName).join(', ');
  const rows = await explained(
    explain,
    engine.rows(`SELECT ${keys}, min(_igarape_file) AS _igarape_first, max(_igarape_file) AS _igarape_last
      FROM (${parts.join(' UNION ALL ')}) GROUP BY ${keys} HAVING count(*) > 1
      ORDER BY count(*) DESC, ${keys} LIMIT ${MOST_DUPLICATES}`),
  );
  return new Map(
    rows.map((row) => {
      const [first, last] = [String(row['_igarape_first']), String(row['_igarape_last'])];
      return [keyOf(row, key), first === last ? ` in ${first}` : ` in ${first} and ${last}`];
    }),
  );
}

const MOST_DUPLICATES = 1000;

function keyOf(row: Row, key: readonly string[]): string {
  return JSON.stringify(key.map((name) => String(row[name])));
}

/** A key with the number of its rows, `_igarape_rows`. */
export function describeKey(row: Row, key: readonly string[]): string {
  return `${key.map((name) => `${name} = ${String(row[name])}`).join(', ')} (${String(row['_igarape_rows'])} rows)`;
}

function keyText(key: readonly string[]): string {
  return key.map((name) => JSON.stringify(name)).join(' + ');
}
