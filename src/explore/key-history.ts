import { IgarapeError } from '../core/errors.ts';
import { quoteName } from '../engine/quote.ts';
import { type Cell, cellList, cellsOf, type ExploredColumn } from './cells.ts';
import type { LakeReader } from './reader.ts';
import { filesOf, schemaColumns, STACKED, stackedFiles, tableNamed } from './table-files.ts';

/** What has happened to one key, oldest first. */
export interface KeyHistory {
  readonly table: string;
  readonly columns: readonly ExploredColumn[];
  readonly versions: readonly KeyVersion[];
}

export interface KeyVersion {
  readonly run: number;
  /** When the run was committed, ISO 8601. */
  readonly at: string;
  /** `F`: a full-load had the row. A deleted row, or one that a later full-load does not have any more, is `D`. */
  readonly operation: 'F' | 'I' | 'U' | 'D';
  /** Of a `D`, the row as it was. */
  readonly cells: readonly Cell[];
  /** Indexes of columns that differ from the version before. */
  readonly changed: readonly number[];
}

/**
 * Every version of the row of a key, over all runs and full-loads of a table.
 *
 * @param key The values of the table's key, as text, by column.
 * @throws IgarapeError USAGE for another table or another key.
 */
export async function keyHistory(
  reader: LakeReader,
  table: string,
  key: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<KeyHistory> {
  const known = await reader.runs();
  const name = tableNamed(known, table);
  const state = known.newest?.tables[name];
  if (state === undefined) throw new RangeError(`${name} is in the lake.`);
  refuseOtherKey(name, state.primaryKey, key);
  const columns = schemaColumns(state.schema, state.primaryKey);
  const files = filesOf(known, name);
  const question = JSON.stringify(['key', name, key, known.newest?.attempt]);
  return reader.dear(question, signal, async (engine) => {
    const stacked = await stackedFiles(reader, files, columns, engine);
    const wanted = state.primaryKey.map((column, index) => {
      const type = columns.find((each) => each.name === column)?.type ?? 'VARCHAR';
      return `${quoteName(column)} = TRY_CAST($${index + 1} AS ${type})`;
    });
    const rows = await engine.rows(
      `SELECT ${cellList(columns)}, ${STACKED.run} AS run, ${STACKED.operation} AS operation
        FROM (${stacked}) WHERE ${wanted.join(' AND ')} ORDER BY ${STACKED.run}, ${STACKED.order}`,
      state.primaryKey.map((column) => key[column] ?? ''),
    );
    const found = rows.map((row) => ({
      run: Number(row['run']),
      operation: operationOf(row['operation']),
      cells: cellsOf(row, columns.length),
    }));
    return { table: name, columns, versions: versionsOf(found, files) };
  });
}

type Found = Pick<KeyVersion, 'run' | 'operation' | 'cells'>;

/** With the full-loads that do not have the key any more, and without those that have it as it was. */
function versionsOf(found: readonly Found[], files: ReturnType<typeof filesOf>): KeyVersion[] {
  const versions: KeyVersion[] = [];
  for (const { run, at, file } of files) {
    const own = found.filter((each) => each.run === run);
    const last = versions.at(-1);
    const isLive = last !== undefined && last.operation !== 'D';
    if (file.kind === 'full-load' && own.length === 0 && isLive)
      versions.push({ run, at, operation: 'D', cells: last.cells, changed: [] });
    for (const each of own) {
      const before = versions.at(-1);
      const isNew = before === undefined || before.operation === 'D';
      const changed = isNew
        ? []
        : each.cells.flatMap((cell, index) => (cell === before.cells[index] ? [] : [index]));
      if (each.operation === 'F' && !isNew && changed.length === 0) continue;
      const cells = each.operation === 'D' && before !== undefined ? before.cells : each.cells;
      versions.push({ ...each, at, cells, changed: each.operation === 'D' ? [] : changed });
    }
  }
  return versions;
}

function operationOf(value: unknown): KeyVersion['operation'] {
  return value === 'F' || value === 'U' || value === 'D' ? value : 'I';
}

function refuseOtherKey(
  table: string,
  columns: readonly string[],
  key: Readonly<Record<string, string>>,
): void {
  const given = Object.keys(key);
  if (given.length === columns.length && columns.every((column) => key[column] !== undefined)) return;
  throw new IgarapeError('USAGE', `The key of ${table} is ${columns.join(' + ')}.`, {
    hint: `For example: igarape key ${table} ${columns.map((column) => `${column}=…`).join(' ')}`,
  });
}
