import { join } from 'node:path';
import { guardChanges } from '../changes/guards.ts';
import { uniqueRows } from '../changes/unique-rows.ts';
import type { TableConfig } from '../config/config.ts';
import type { Schema } from '../core/schema.ts';
import { hashVersion } from '../snapshot/hashes.ts';
import type { RawTable } from '../snapshot/raw-table.ts';
import { writeSnapshot } from '../snapshot/snapshot.ts';
import type { Fetched } from '../source/port.ts';
import type { RunContext } from './context.ts';
import { held, isHeld } from './hold.ts';
import type { ExaminedTable, NextBase, TableOutcome } from './outcome.ts';
import { fitTypes, likelyChange } from './fit-types.ts';
import { hashedColumns, endsOf, openTableFile, tellLeftOut } from './table-file.ts';

/** Reads a table that the lake does not have yet, or that is to start anew: its types are adopted here. */
export async function examineFirst(
  context: RunContext,
  configured: TableConfig,
  file: Fetched,
): Promise<TableOutcome> {
  const { engine, runDir } = context;
  const { raw, table } = await openTableFile(context, configured, file, []);
  const path = join(runDir, `${table.name}.base.parquet`);
  const reading = { context, table, raw, recorded: [] };
  const fitted = await fitTypes(reading, raw, await likelyChange(reading), (schema) =>
    writeSnapshot(engine, raw, schema, hashedColumns(raw, table, schema), path),
  );
  const {
    read,
    change: { schema },
  } = fitted;

  const unique = await uniqueRows(engine, { path, rows: read }, { table, raw, schema });
  tellLeftOut(context, table, read - unique.rows);
  const { rows, hashesUnique } = unique;
  const counts = { inserted: rows, updated: 0, deleted: 0, unchanged: 0 };
  const guards = guardChanges(counts, rows, undefined, table.maxDeleteRatio);
  if (isHeld(context, table, guards)) return held(table, guards, { counts, rejects: raw.rejects });
  return firstLoad({ table, raw, file }, schema, {
    kind: 'full',
    path: unique.path,
    segmentRows: rows,
    rows,
    hashVersion: hashesUnique ? hashVersion(raw, hashedColumns(raw, table, schema)) : null,
  });
}

/** A table whose rows are all new: those of its base. */
export function firstLoad(
  { table, raw, file }: { readonly table: TableConfig; readonly raw: RawTable; readonly file: Fetched },
  schema: Schema,
  base: NextBase,
): ExaminedTable {
  return {
    kind: 'examined',
    operation: 'full-load',
    counts: { inserted: base.rows, updated: 0, deleted: 0, unchanged: 0 },
    schema,
    schemaChange: undefined,
    primaryKey: table.key,
    compared: undefined,
    file,
    rejects: raw.rejects,
    ends: endsOf(raw),
    base,
  };
}
