import { join } from 'node:path';
import { BASE, type BaseFiles, openBase } from '../changes/base.ts';
import { type ChangeCounts, type ChangesFound, compareRows } from '../changes/compare.ts';
import { hasDuplicates, isKeyless, refuseKeyless } from '../changes/key.ts';
import { findSuspects, withSuspectedBase } from '../changes/suspects.ts';
import { refuseTextOrder } from '../changes/text-order.ts';
import { uniqueRows } from '../changes/unique-rows.ts';
import type { TableConfig } from '../config/config.ts';
import { IgarapeError } from '../core/errors.ts';
import { keepsApart, sameName } from '../core/schema.ts';
import { countRows } from '../engine/count-rows.ts';
import { parquetFile } from '../engine/quote.ts';
import type { TableState } from '../lake/ledger-entry.ts';
import { isSameSchema, type SchemaChange } from '../snapshot/evolve.ts';
import { hashVersion, KEY_HASH, ROW_HASH } from '../snapshot/hashes.ts';
import type { RawTable } from '../snapshot/raw-table.ts';
import { readTyped, writeSnapshot } from '../snapshot/snapshot.ts';
import type { RunContext } from './context.ts';
import { fitTypes, likelyChange, type Reading, withFirstTypes } from './fit-types.ts';
import type { BaseThere, ExaminedTable } from './outcome.ts';
import { comparedColumns, hashedColumns, tellLeftOut } from './table-file.ts';

/** The table as the file and the lake have it. */
export interface Compared {
  readonly change: SchemaChange;
  readonly counts: ChangeCounts;
  /** Rows of `CHANGES`. */
  readonly changedRows: number;
  /** Rows of the file. */
  readonly rows: number;
  readonly hashVersion: string | null;
  /** The whole file, typed, where it had to be read in full. */
  readonly fullPath: string | undefined;
  /** Whether the open base has all of its rows, and not only those that the changes are of. */
  readonly isBaseWhole: boolean;
  /** How a base is written anew where the lake is; undefined where it is written here. */
  readonly rewrittenBase?: () => BaseThere;
  /** Set where the engine holds no more than some of the changes. */
  readonly writeChanges?: ExaminedTable['writeChanges'];
}

export interface TableComparison extends Reading {
  readonly context: RunContext;
  readonly state: TableState;
  readonly segments: BaseFiles;
}

const NEXT = 'igarape_next';

/**
 * Compares a table's file with its base and leaves the changes in `CHANGES`.
 *
 * As a rule the stored hashes show which rows to look at, and only these get a type. The whole file is typed and
 * compared on its values where the hashes say nothing: taken by another version or over other columns, not unique, or
 * under a key or a type that has changed.
 */
export async function compareTable(comparison: TableComparison): Promise<Compared> {
  const { table, state, raw } = comparison;
  const change = await likelyChange(comparison);
  const hashed = hashedColumns(raw, table, change.schema);
  const usable = hashVersion(raw, hashed) === state.base.hashVersion;
  if (usable && change.retyped.length === 0 && state.base.rows > 0) {
    const compared = await compareSuspects(comparison, change);
    if (compared !== undefined) return compared;
  }
  return compareAll(comparison, change);
}

/** Undefined where the hashes are no help after all. */
async function compareSuspects(
  comparison: TableComparison,
  change: SchemaChange,
): Promise<Compared | undefined> {
  const { context, table, state, raw, segments } = comparison;
  const { engine } = context;
  await openBase(engine, segments, state.schema);
  const suspects = await findSuspects(engine, raw, hashedColumns(raw, table, change.schema), state.base.rows);
  if (suspects.kind === 'not-unique') return undefined;
  return compareFound(comparison, change, {
    table: suspects.table,
    isBaseWhole: true,
    withBase: async (typed, compare) => {
      if (!isSameSchema(typed, state.schema)) await openBase(engine, segments, typed.schema);
      return withSuspectedBase(engine, compare);
    },
  });
}

/** Rows of a file, among them all that differ from the base's, and the rows of the base that they, or none of the file, are of. */
export interface Found {
  readonly table: RawTable;
  readonly isBaseWhole: boolean;
  /** Compares those of the base, given as SQL after FROM, once the rows of the file have types elsewhere. */
  readonly withBase: (
    change: SchemaChange,
    compare: (base: string) => Promise<ChangesFound>,
  ) => Promise<ChangesFound>;
}

/** Compares what may differ, on its values; undefined where a type has changed its meaning. */
export async function compareFound(
  comparison: Omit<TableComparison, 'segments'>,
  change: SchemaChange,
  found: Found,
): Promise<Compared | undefined> {
  const { context, table, state, raw } = comparison;
  const { engine } = context;
  const first = await withFirstTypes(comparison, found.table, change);
  const typed = await engine.overRows(found.table.rows, () =>
    fitTypes(comparison, found.table, first, async (schema) =>
      readTyped(found.table, schema, `${KEY_HASH}, ${ROW_HASH}`, async (select) => {
        await engine.run(`CREATE OR REPLACE TEMP TABLE ${NEXT} AS ${select}`);
        return true;
      }),
    ),
  );
  if (typed.change.retyped.length > 0) return undefined;
  const changes = await engine.keepingRows(found.table.rows, () =>
    found.withBase(typed.change, (base) =>
      compareRows(engine, { base, next: NEXT, keepSame: true, ...rules(table, typed.change) }),
    ),
  );
  refuseKeyless(changes.keyless, table.name, table.key);
  const { hashVersion } = state.base;
  return {
    change: typed.change,
    counts: countsOf(changes, raw.rows),
    changedRows: changes.rows,
    rows: raw.rows,
    hashVersion,
    fullPath: undefined,
    isBaseWhole: found.isBaseWhole,
  };
}

async function compareAll(comparison: TableComparison, change: SchemaChange): Promise<Compared> {
  const { context, table, raw, segments } = comparison;
  const { engine, runDir } = context;
  const path = join(runDir, `${table.name}.next.parquet`);
  const first = await withFirstTypes(comparison, raw, change);
  const typed = await fitTypes(comparison, raw, first, (schema) =>
    writeSnapshot(engine, raw, schema, hashedColumns(raw, table, schema), path),
  );
  const { schema } = typed.change;
  const unique = await uniqueRows(engine, { path, rows: typed.read }, { table, raw, schema });
  tellLeftOut(context, table, typed.read - unique.rows);
  refuseRetypedKey(comparison, typed.change);
  await openBase(engine, segments, schema, BASE, typed.change.retyped);
  await refuseAmbiguousBase(comparison);
  const found = await compareRows(engine, {
    base: BASE,
    next: parquetFile(unique.path),
    keepSame: false,
    ...rules(table, typed.change),
  });
  const version = unique.hashesUnique ? hashVersion(raw, hashedColumns(raw, table, schema)) : null;
  return {
    change: typed.change,
    counts: countsOf(found, unique.rows),
    changedRows: found.rows,
    rows: unique.rows,
    hashVersion: version,
    fullPath: unique.path,
    isBaseWhole: true,
  };
}

function countsOf({ inserted, updated, deleted }: ChangesFound, rows: number): ChangeCounts {
  return { inserted, updated, deleted, unchanged: rows - inserted - updated };
}

/**
 * Change files are replayed in the types that columns have now: a delete whose key has no form there, or not one of its own,
 * would be of no row, or of another one.
 */
function refuseRetypedKey({ table, state }: TableComparison, { retyped }: SchemaChange): void {
  const column = retyped.find(
    ({ name, from, to }) => state.primaryKey.some((key) => sameName(key, name)) && !keepsApart(from, to),
  );
  if (column === undefined) return;
  const { name, from, to } = column;
  throw new IgarapeError(
    'TABLE_KEY',
    `The column ${name} of the key would change from ${from} to ${to}, in which keys that are published may be the same, or none.`,
    {
      hint: `Give it the type ${from} in "types", or start the table anew: igarape run --reload ${table.name}`,
    },
  );
}

/** Under another key than before, the base's rows may not be told apart any more, or have none. */
async function refuseAmbiguousBase({ context, table, state }: TableComparison): Promise<void> {
  const { engine } = context;
  const isNarrower = !state.primaryKey.every((name) => table.key.includes(name));
  const isLonger = !table.key.every((name) => state.primaryKey.includes(name));
  const without = isLonger ? await countRows(engine, `${BASE} WHERE ${isKeyless(table.key)}`) : 0;
  if (without === 0 && !(isNarrower && (await hasDuplicates(engine, BASE, table.key)))) return;
  throw new IgarapeError(
    'TABLE_KEY',
    without > 0
      ? `Of the rows that the lake has of ${table.name}, ${without} have no value in the new key.`
      : `The rows that the lake has of ${table.name} are not unique under the new key.`,
    {
      hint: `Start the table anew: igarape run --reload ${table.name}`,
    },
  );
}

/**
 * A value can read otherwise as text, or in whatever type is next, by way of one type than by way of another: which one a
 * reader of the older files takes is not known, so an approved change of a type publishes every value anew.
 */
export function rules(
  table: TableConfig,
  { schema, retyped }: SchemaChange,
): Pick<Parameters<typeof compareRows>[1], 'schema' | 'key' | 'update'> {
  const laterIn = table.updateWhen === 'timestamp' ? table.dateField : undefined;
  if (laterIn !== undefined) refuseTextOrder('update_when', laterIn, { table, schema });
  const columns = comparedColumns(table, schema);
  const update = {
    columns,
    retyped: retyped.map(({ name }) => name),
    ...(laterIn === undefined ? {} : { laterIn }),
  };
  return { schema, key: table.key, update };
}
