import { byName, type Schema, sqlType } from '../core/schema.ts';
import type { Engine } from '../engine/engine.ts';
import { quoteName } from '../engine/quote.ts';
import { BASE } from './base.ts';
import { type ChangeFileRequest, changeColumns, inOrder, SEQUENCE } from './change-file.ts';
import { baseValue, CHANGES, changesOf, OPERATION, SAME, type UpdateTest } from './compare.ts';
import { FILE, LAKE, type Pairing } from './suspects-there.ts';

// The comparison of `compareRows` and what follows from it, as SELECTs for another engine that has more rows to change than
// this one wants to hold. Its rows are told apart by their keys, and have no hashes.

/**
 * SQL: rows as {@link CHANGES} has them, {@link SAME} among them, beside what the lake has of each.
 *
 * @param pairs SQL after FROM: what `pairsOf` gives.
 */
export function changesIn({ raw, schema }: Pairing, update: UpdateTest, pairs: string): string {
  const typed = byName(raw.columns);
  const place = new Map(schema.map(({ name }, index) => [name, index]));
  const own = raw.columns.map(({ name }, index) => `f${index} AS ${quoteName(name)}`);
  const theirs = schema.map((_, index) => `b${index} AS ${baseValue(index)}`);
  const values = schema.map(
    ({ name, type }, index) =>
      `${typed(name)?.typed?.sql ?? `CAST(NULL AS ${sqlType(type)})`} AS _igarape_value_${index}, ${baseValue(index)}`,
  );
  const from = `(SELECT ${[FILE, LAKE, ...values].join(', ')} FROM (
    SELECT ${[FILE, LAKE, ...own, ...theirs].join(', ')} FROM ${pairs}))`;
  return changesOf(
    schema,
    update,
    {
      from,
      isInFile: FILE,
      isInLake: LAKE,
      next: (name) => `_igarape_value_${place.get(name)}`,
      base: (name) => baseValue(place.get(name) ?? 0),
      more: [],
    },
    schema.map((_, index) => baseValue(index)),
  );
}

/** Leaves some rows as the changes that the engine holds, and what the lake has of them as the open base. @param found A SELECT. */
export async function takeChanges(engine: Engine, schema: Schema, found: string): Promise<void> {
  const columns = schema.map(({ name }) => quoteName(name));
  const theirs = columns.map((name, index) => `${baseValue(index)} AS ${name}`);
  await engine.run(
    `CREATE OR REPLACE TEMP TABLE ${CHANGES} AS SELECT ${[OPERATION, ...columns].join(', ')} FROM (${found})`,
  );
  await engine.run(
    `CREATE OR REPLACE TEMP VIEW ${BASE} AS SELECT ${theirs.join(', ')} FROM (${found}) WHERE ${OPERATION} <> 'I'`,
  );
}

/** SQL: the changes that are published, in their order. */
export function changesInOrder({ schema, key }: Pairing, changes: string): string {
  const columns = schema.map(({ name }) => quoteName(name)).join(', ');
  return `SELECT ${OPERATION}, ${columns} FROM ${changes} WHERE ${OPERATION} <> '${SAME}' ORDER BY ${inOrder(key)}`;
}

/**
 * SQL: the rows of a change file, from {@link changesInOrder} in files, each row with where it lies: its number follows from
 * that, so that nobody has to count all of them.
 *
 * @param place Columns: the file's name, which comes in the files' order, and the row's number in it, from 0.
 */
export function numberedChanges(
  request: ChangeFileRequest,
  sorted: string,
  place: { readonly file: string; readonly row: string },
): string {
  const files = `SELECT ${place.file}, max(${place.row}) + 1 AS igarape_rows FROM ${sorted} GROUP BY ${place.file}`;
  const first = `CAST(sum(igarape_rows) OVER (ORDER BY length(${place.file}), ${place.file}) AS BIGINT) - igarape_rows`;
  return `SELECT ${changeColumns(request).join(', ')} FROM (
    SELECT s.*, ${request.lastSequence} + 1 + o.igarape_first + s.${place.row} AS ${SEQUENCE} FROM ${sorted} s
    JOIN (SELECT ${place.file}, ${first} AS igarape_first FROM (${files})) o ON s.${place.file} = o.${place.file})`;
}
