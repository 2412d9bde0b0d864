import { join } from 'node:path';
import { guardChanges } from '../changes/guards.ts';
import { hasDuplicates, refuseDuplicateKeys, refuseNullKeys } from '../changes/key.ts';
import type { TableConfig } from '../config/config.ts';
import { parquetFile } from '../engine/quote.ts';
import { hashVersion, KEY_HASH } from '../snapshot/hashes.ts';
import { writeSnapshot } from '../snapshot/snapshot.ts';
import type { Fetched } from '../source/port.ts';
import type { RunContext } from './context.ts';
import { held, isHeld } from './hold.ts';
import type { TableOutcome } from './outcome.ts';
import { fitTypes, likelyChange } from './fit-types.ts';
import { hashedColumns, openTableFile } from './table-file.ts';

/** Reads a table that the lake does not have yet, or that is to start anew: its types are adopted here. */
export async function examineFirst(
  context: RunContext,
  configured: TableConfig,
  file: Fetched,
): Promise<TableOutcome> {
  const { engine, runDir } = context;
  const { raw, table } = await openTableFile(context, configured, file, []);
  const path = join(runDir, `${table.name}.base.parquet`);
  const reading = { context, table, raw, recorded: [], accept: () => true };
  const fitted = await fitTypes(reading, raw, await likelyChange(reading), (schema) =>
    writeSnapshot(engine, raw, schema, hashedColumns(raw, table, schema), path),
  );
  if (fitted.kind === 'not-accepted') throw new RangeError('A first schema is always accepted.');
  const {
    read: rows,
    change: { schema },
  } = fitted;

  const relation = parquetFile(path);
  await refuseNullKeys(engine, relation, table.name, table.key);
  const hashesUnique = !(await hasDuplicates(engine, relation, [KEY_HASH]));
  if (!hashesUnique) await refuseDuplicateKeys(engine, relation, table.name, table.key, raw);
  const counts = { inserted: rows, updated: 0, deleted: 0, unchanged: 0 };
  const guards = guardChanges(counts, rows, undefined, table.maxDeleteRatio);
  if (isHeld(context, table, guards)) return held(table, guards);
  return {
    kind: 'examined',
    operation: 'full-load',
    counts,
    schema,
    schemaChange: undefined,
    primaryKey: table.key,
    compared: undefined,
    file,
    rejects: raw.rejects,
    base: {
      kind: 'full',
      path,
      segmentRows: rows,
      rows,
      hashVersion: hashesUnique ? await hashVersion(engine, raw, hashedColumns(raw, table, schema)) : null,
    },
  };
}
