import { closest, didYouMean } from '../../config/closest.ts';
import type { Told } from '../../core/language/sentence.ts';
import { type BaseFiles, openBase } from '../../changes/base.ts';
import { IgarapeError } from '../../core/errors.ts';
import type { Schema } from '../../core/schema.ts';
import type { Engine } from '../../engine/engine.ts';
import { parquetFile, quoteName } from '../../engine/quote.ts';
import type { LakeHistory, TableHistory } from '../history.ts';
import type { LedgerEntry, PublishedFile, TableState } from '../ledger-entry.ts';
import { type LocalHistoryFile, replay } from '../replay.ts';
import type { FileHere } from '../stacked-files.ts';
import { changesQuery } from './changes.ts';
import type { TableName } from './names.ts';
import type { OtherTables } from './other-tables.ts';

/** A lake as a query opens it. */
export interface QueriedLake {
  /** The newest run; undefined for a lake without any. */
  readonly newest: LedgerEntry | undefined;
  /** The tables at a run, by default the newest; asked for only where a query needs more than the latest state. */
  readonly history: (run?: number) => Promise<LakeHistory>;
  /** A local path with the bytes of a published file, or of a folder's. */
  readonly openPublished: (file: PublishedFile) => Promise<string>;
  readonly openSegments: (state: TableState) => Promise<BaseFiles>;
  readonly others: OtherTables;
}

/**
 * Makes a table of the lake readable under the name that SQL uses for it: `t` the latest state, `run_3.t` the state
 * after run 3, `full_load.t` the rows that the newest full-load published, `cdc.t` every change published so far; other
 * schemas are the others'.
 *
 * @throws IgarapeError USAGE there is no such table or run.
 */
export async function openTable(engine: Engine, lake: QueriedLake, name: TableName): Promise<void> {
  const { schema, table } = name;
  const run = /^run_(\d{1,9})$/.exec(schema)?.[1];
  if (run !== undefined) return openAtRun(engine, lake, name, Number(run));
  if (lake.others.owns(schema)) return lake.others.open(name);
  const state = await stateOf(lake, name);
  switch (schema) {
    case '':
    case 'main':
      return openLatest(engine, lake, table, state);
    case 'full_load':
      return openFullLoad(engine, lake, name);
    case 'cdc':
      return openChanges(engine, lake, name, state.schema);
    default:
      throw await unknownTable(lake, name);
  }
}

export function hasTable(entry: LedgerEntry | undefined, table: string): boolean {
  return Object.keys(entry?.tables ?? {}).some((name) => name.toLowerCase() === table);
}

async function openLatest(
  engine: Engine,
  lake: QueriedLake,
  table: string,
  state: TableState,
): Promise<void> {
  const base = `igarape_base_${table}`;
  await openBase(engine, await lake.openSegments(state), state.schema, base);
  const columns = state.schema.map(({ name }) => quoteName(name)).join(', ');
  await createView(engine, { schema: 'main', table }, `SELECT ${columns} FROM temp.${quoteName(base)}`);
}

async function openAtRun(engine: Engine, lake: QueriedLake, name: TableName, run: number): Promise<void> {
  const last = lake.newest?.run;
  if (last === undefined || run > last) {
    throw new IgarapeError('USAGE', `The lake has no run ${run}.`, {
      hint: last === undefined ? EMPTY : `Its runs are 0 to ${last}: igarape history shows them.`,
    });
  }
  const history = await historyOf(lake, name, run);
  const files: LocalHistoryFile[] = [];
  for (const each of history.files) files.push({ ...each, path: await lake.openPublished(each.file) });
  const replayed = quoteName(`igarape_${name.schema}_${name.table}`);
  await replay(engine, { ...history, files }, replayed);
  await createView(engine, name, `SELECT * FROM temp.${replayed}`);
}

async function openFullLoad(engine: Engine, lake: QueriedLake, name: TableName): Promise<void> {
  const [first] = (await historyOf(lake, name)).files;
  if (first === undefined) throw new RangeError(`${name.table} has a full-load.`);
  const path = await lake.openPublished(first.file);
  await createView(engine, name, `SELECT * FROM ${parquetFile(path)}`);
}

/** The changes of every epoch, in the columns that the table has now. */
async function openChanges(
  engine: Engine,
  lake: QueriedLake,
  name: TableName,
  schema: Schema,
): Promise<void> {
  const files: FileHere[] = [];
  for (const { run, file } of (await historyOf(lake, name)).published) {
    if (file.kind === 'cdc')
      files.push({ run, added: file.cdcColumns, path: await lake.openPublished(file) });
  }
  await createView(engine, name, await changesQuery(engine, schema, files));
}

async function createView(
  engine: Engine,
  { schema, table }: Pick<TableName, 'schema' | 'table'>,
  query: string,
): Promise<void> {
  await engine.run(`CREATE SCHEMA IF NOT EXISTS ${quoteName(schema)}`);
  await engine.run(`CREATE VIEW ${quoteName(schema)}.${quoteName(table)} AS ${query}`);
}

async function historyOf(lake: QueriedLake, name: TableName, run?: number): Promise<TableHistory> {
  const { tables } = await lake.history(run);
  const found = tables.find((table) => table.name.toLowerCase() === name.table);
  if (found !== undefined) return found;
  throw await unknownTable(
    lake,
    name,
    tables.map((table) => table.name),
  );
}

async function stateOf(lake: QueriedLake, name: TableName): Promise<TableState> {
  for (const [table, state] of Object.entries(lake.newest?.tables ?? {})) {
    if (table.toLowerCase() === name.table) return state;
  }
  throw await unknownTable(lake, name);
}

const EMPTY = 'The lake has no tables yet: igarape run fills it.';

/** The error for a name that the lake does not have, or did not have at a run. */
export async function unknownTable(
  { newest, others }: QueriedLake,
  { schema, table }: TableName,
  names: readonly string[] = Object.keys(newest?.tables ?? {}),
): Promise<IgarapeError> {
  const [first] = names;
  const run = /^run_(\d+)$/.exec(schema)?.[1];
  const layered = await others.names();
  const hints = [
    ...(first === undefined
      ? []
      : [
          run === undefined
            ? (`Its tables are: ${names.join(', ')}.` satisfies Told)
            : (`Its tables at run ${run} are: ${names.join(', ')}.` satisfies Told),
          `Each is there as run_0.${first} (its state at a run), cdc.${first} (all its changes) and full_load.${first}, too.` satisfies Told,
        ]),
    ...(layered.length === 0 ? [] : [`In its layers are: ${layered.join(', ')}.` satisfies Told]),
  ];
  const asked = schema === '' ? table : `${schema}.${table}`;
  const own = schema === '' ? names : names.map((name) => `${schema}.${name}`);
  return new IgarapeError('USAGE', `The lake has no table ${asked}.`, {
    hint:
      hints.length === 0
        ? EMPTY
        : didYouMean(closest(asked, [...own, ...layered]), { quoted: hints.join(' ') }),
  });
}
