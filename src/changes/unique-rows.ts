import type { DuplicatesRule, TableConfig } from '../config/config.ts';
import { IgarapeError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { parquetFile, quoteName } from '../engine/quote.ts';
import type { Schema } from '../core/schema.ts';
import { KEY_HASH } from '../snapshot/hashes.ts';
import type { RawTable } from '../snapshot/raw-table.ts';
import { copyToParquet } from '../snapshot/snapshot.ts';
import { describeKey, hasDuplicates, isKeyless, refuseDuplicateKeys, refuseKeyless } from './key.ts';
import { refuseTextOrder } from './text-order.ts';

/** A typed snapshot on local disk. */
export interface SnapshotRows {
  readonly path: string;
  readonly rows: number;
}

export interface UniqueRows extends SnapshotRows {
  /** False where two keys share a hash. */
  readonly hashesUnique: boolean;
}

export interface UniqueRequest {
  readonly table: Pick<TableConfig, 'name' | 'key' | 'duplicates' | 'types'>;
  /** What the snapshot was read from. */
  readonly raw: RawTable;
  readonly schema: Schema;
}

/**
 * The snapshot's rows, one a key: where a key has several, the one that the rule chooses.
 *
 * @throws IgarapeError TABLE_KEY a row without a key; several rows of a key without a rule, or where it leaves open
 * which one it is.
 */
export async function uniqueRows(
  engine: Engine,
  snapshot: SnapshotRows,
  request: UniqueRequest,
): Promise<UniqueRows> {
  const { name: table, key, duplicates } = request.table;
  const relation = parquetFile(snapshot.path);
  const [found] = await engine.rows(`SELECT count(*) FILTER (${isKeyless(key)}) AS keyless,
    count(*) - count(DISTINCT ${KEY_HASH}) AS repeated FROM ${relation}`);
  refuseKeyless(Number(found?.['keyless']), table, key);
  const hashesUnique = Number(found?.['repeated']) === 0;
  if (hashesUnique) return { ...snapshot, hashesUnique };
  if (duplicates === undefined) {
    await refuseDuplicateKeys(engine, relation, table, key, request.raw);
    return { ...snapshot, hashesUnique };
  }
  refuseTextOrder('duplicates', duplicates.by, request);
  await refuseTies(engine, relation, request, duplicates);
  const path = `${snapshot.path}.unique`;
  const rows = await copyToParquet(
    engine,
    `SELECT * FROM ${relation} QUALIFY row_number() OVER (PARTITION BY ${key.map(quoteName).join(', ')} ORDER BY ${orderOf(duplicates)}) = 1`,
    path,
  );
  return { path, rows, hashesUnique: !(await hasDuplicates(engine, parquetFile(path), [KEY_HASH])) };
}

/** The row that is chosen comes first; one without a value is never before another. */
function orderOf({ keep, by }: DuplicatesRule): string {
  return `${quoteName(by)} ${keep === 'last' ? 'DESC' : 'ASC'} NULLS LAST`;
}

/** Of rows of one key that the rule cannot tell apart it makes a difference which one stays, unless they are alike. */
async function refuseTies(
  engine: Engine,
  relation: string,
  { table: { name: table, key }, schema }: UniqueRequest,
  rule: DuplicatesRule,
): Promise<void> {
  const keys = key.map(quoteName).join(', ');
  const others = schema.filter(({ name }) => !key.includes(name)).map(({ name }) => quoteName(name));
  const [tie] = await engine.rows(
    `SELECT ${key.map((name) => `CAST(any_value(${quoteName(name)}) AS VARCHAR) AS ${quoteName(name)}`).join(', ')},
       count(*) AS _igarape_rows, CAST(any_value(${quoteName(rule.by)}) AS VARCHAR) AS _igarape_by
     FROM (SELECT * FROM ${relation}
       QUALIFY rank() OVER (PARTITION BY ${keys} ORDER BY ${orderOf(rule)}) = 1)
     GROUP BY ${keys} HAVING count(DISTINCT [${others.map((name) => `CAST(${name} AS VARCHAR)`).join(', ')}]) > 1
     ORDER BY ${keys} LIMIT 1`,
  );
  if (tie === undefined) return;
  throw new IgarapeError(
    'TABLE_KEY',
    `"duplicates" leaves open which row it is of ${describeKey(tie, key)}: they have the same ${rule.by} (${String(tie['_igarape_by'])}), and differ.`,
    {
      hint: `The table ${table} is left as it was. Name a column in "duplicates" that tells them apart, or have the source corrected.`,
    },
  );
}
