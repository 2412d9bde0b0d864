import { type Schema, sqlType } from '../core/schema.ts';
import type { Engine } from '../engine/engine.ts';
import { quoteName } from '../engine/quote.ts';
import { type HashedColumns, hashColumns, KEY_HASH, ROW_HASH } from '../snapshot/hashes.ts';
import type { RawTable } from '../snapshot/raw-table.ts';
import { BASE } from './base.ts';
import type { SuspectsFound } from './suspects.ts';

/** A file and a base that another engine compares. */
export interface Pairing {
  readonly raw: RawTable;
  /** The types of the file's columns, as the engine has them. */
  readonly types: readonly string[];
  /** Of the base; of each of its columns that the file has, the file's type is the same. */
  readonly schema: Schema;
  readonly key: readonly string[];
  readonly hashed: HashedColumns;
}

/** Columns of {@link pairsOf}: whether the file has the row, and whether the base has. */
export const FILE = '_igarape_in_file';
export const LAKE = '_igarape_in_base';

/**
 * SQL: the suspects of `findSuspects`, each beside its partner. Found by the keys and the values themselves, as another engine
 * has no equal of the hashes: rows that differ, or that one side alone has, each with the hashes of the base's.
 *
 * @param file SQL after FROM: the file, with its own columns.
 * @param base The same of the base.
 */
export function pairsOf({ raw, schema, key, hashed }: Pairing, file: string, base: string): string {
  const typed = new Map(raw.columns.map(({ name, text, typed: own }) => [name, own?.sql ?? text]));
  const own = raw.columns.map(({ name }, index) => `${quoteName(name)} AS f${index}`);
  const values = [...new Set([...key, ...hashed.row])];
  const valueOf = (name: string): string => `v${values.indexOf(name)}`;
  const casts = values.map((name) => `${typed.get(name) ?? 'NULL'} AS ${valueOf(name)}`);
  const same = key.map((name) => `f.${valueOf(name)} = b.${quoteName(name)}`);
  const differs = hashed.row.map((name) => `f.${valueOf(name)} IS DISTINCT FROM b.${quoteName(name)}`);
  const selected = [
    `f.${FILE} IS NOT NULL AS ${FILE}, b.${LAKE} IS NOT NULL AS ${LAKE}`,
    ...raw.columns.map((_, index) => `f.f${index}`),
    ...schema.map(({ name }, index) => `b.${quoteName(name)} AS b${index}`),
    `b.${KEY_HASH} AS ${KEY_HASH}, b.${ROW_HASH} AS ${ROW_HASH}`,
  ];
  return `SELECT ${selected.join(', ')}
    FROM (SELECT true AS ${FILE}, ${[...own, ...casts].join(', ')} FROM ${file}) f
    FULL JOIN (SELECT true AS ${LAKE}, * FROM ${base}) b ON ${same.join(' AND ')}
    WHERE ${[`f.${FILE} IS NULL`, `b.${LAKE} IS NULL`, ...differs].join(' OR ')}`;
}

/** The relation that {@link takePairs} leaves: the file's suspects, with their hashes. */
const SUSPECTS = 'igarape_suspects';

export type PairsTaken =
  | (Extract<SuspectsFound, { kind: 'found' }> & {
      /** How many of them the base does not have. */ readonly added: number;
    })
  | Extract<SuspectsFound, { kind: 'not-unique' }>;

/**
 * Takes what {@link pairsOf} gave, and leaves as the open base the rows of it that the suspects stand for. That each row was
 * read, and once, shows as in `findSuspects`.
 *
 * @param pairs A SELECT.
 */
export async function takePairs(
  engine: Engine,
  pairs: string,
  { raw, types, schema, hashed }: Pairing,
  baseRows: number,
): Promise<PairsTaken> {
  const own = raw.columns.map(
    ({ name }, index) => `CAST(f${index} AS ${types[index]}) AS ${quoteName(name)}`,
  );
  const relation = `(SELECT ${own.join(', ')} FROM (${pairs}) WHERE ${FILE})`;
  const theirs = schema.map(
    ({ name, type }, index) => `CAST(b${index} AS ${sqlType(type)}) AS ${quoteName(name)}`,
  );
  const hashes = [KEY_HASH, ROW_HASH].map((name) => `CAST(${name} AS UBIGINT) AS ${name}`);
  await engine.run(
    `CREATE OR REPLACE TEMP TABLE ${SUSPECTS} AS SELECT *, ${hashColumns(raw, hashed)} FROM ${relation}`,
  );
  await engine.run(
    `CREATE OR REPLACE TEMP VIEW ${BASE} AS SELECT ${[...theirs, ...hashes].join(', ')} FROM (${pairs}) WHERE ${LAKE}`,
  );
  const [row] = await engine.rows(`SELECT count(*) FILTER (NOT ${LAKE}) AS added,
    count(*) FILTER (NOT ${FILE}) AS gone, count(*) FILTER (${FILE}) AS rows,
    (SELECT count(*) - count(DISTINCT ${KEY_HASH}) FROM ${SUSPECTS}) AS repeated FROM (${pairs})`);
  const count = (name: string): number => Number(row?.[name]);
  if (count('repeated') > 0 || raw.rows - count('added') !== baseRows - count('gone'))
    return { kind: 'not-unique' };
  return { kind: 'found', table: { ...raw, relation: SUSPECTS, rows: count('rows') }, added: count('added') };
}

/** SQL: the key hashes of rows that the base does not have. */
export const ADDED_HASHES: string = `SELECT CAST(${KEY_HASH} AS DECIMAL(20,0)) AS ${KEY_HASH} FROM ${SUSPECTS}
  ANTI JOIN ${BASE} USING (${KEY_HASH})`;
