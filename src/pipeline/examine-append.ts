import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type BaseFiles, BY_HASH, openBase } from '../changes/base.ts';
import { CHANGES, OPERATION } from '../changes/compare.ts';
import { type Guard, guardChanges, guardSchema } from '../changes/guards.ts';
import { writeCompactedBase, writeDeltaSegment } from '../changes/next-base.ts';
import type { TableConfig } from '../config/config.ts';
import { IgarapeError } from '../core/errors.ts';
import { FILE_COLUMN } from '../core/row-place.ts';
import { sameNames, type Schema } from '../core/schema.ts';
import { countRows } from '../engine/count-rows.ts';
import { parquetFile, quoteName } from '../engine/quote.ts';
import type { TakenFile } from '../lake/taken-files.ts';
import type { SchemaChange } from '../snapshot/evolve.ts';
import { KEY_HASH, ROW_HASH } from '../snapshot/hashes.ts';
import { requireAllRows } from '../snapshot/raw-table.ts';
import { EmptyFile, noLineEnd } from '../snapshot/unreadable.ts';
import { copyToParquet, readTyped } from '../snapshot/snapshot.ts';
import type { FetchedFiles, SeenFile, TableState } from '../source/port.ts';
import type { RunContext } from './context.ts';
import { guardWideningOf, type KnownTable, MOST_SEGMENTS } from './examine.ts';
import { fitTypes, likelyChange } from './fit-types.ts';
import { held, isHeld } from './hold.ts';
import type { ExaminedTable, BaseHere, TableOutcome } from './outcome.ts';
import { findNewFiles, type NewFiles } from './taken-files.ts';
import { openTableFile } from './table-file.ts';

/** A table that only ever grows, as it is there. */
type Found = Extract<TableState, { kind: 'present' }>;

/**
 * Takes what is new of a table that only ever grows: the rows of files that were not taken yet, and what taken ones
 * have gained at their end. Nothing is compared, and nothing of what was taken before is read.
 */
export async function examineAppend(
  context: RunContext,
  table: TableConfig,
  { name, many }: Found,
  known: KnownTable | undefined,
  before: readonly TakenFile[],
): Promise<TableOutcome> {
  if (many === undefined) throw new RangeError('A table that grows is a table of files.');
  refuseOtherKey(table, known);
  const found = await findNewFiles(many.parts, before, table, context.edge.signal);
  refuseChanged(table, found);
  for (const { goneName, takenRows, mark } of found.files) {
    if (goneName === undefined) continue;
    context.edge.log.warn(
      { table: table.name, file: mark.name, goneName, rows: takenRows },
      `${mark.name} begins with ${goneName}, which is gone: its first ${takenRows === 1 ? 'row was' : `${takenRows} rows were`} taken before`,
    );
  }
  for (const { name, goneName, rows } of found.renamed) {
    context.edge.log.warn(
      { table: table.name, file: name, goneName, rows },
      `${name} is what ${goneName} was, which is gone: its ${rows === 1 ? 'row was' : `${rows} rows were`} taken before`,
    );
  }
  for (const name of found.lost) {
    context.edge.log.warn(
      { table: table.name, file: name },
      `${name} is gone before its last line had an end: that line was not taken`,
    );
  }
  const files = found.files
    .filter(({ mark }) => mark.sizeBytes > 0)
    .map(({ file, mayGoOn }) => ({ ...file, mayGoOn }));
  const file: FetchedFiles = {
    kind: 'files',
    name,
    files,
    hash: () => Promise.resolve({ ...many.seen, sha256: digest(found) }),
    confirm: async () => {
      for (const one of files) await one.confirm();
    },
  };
  if (files.length === 0) return nothingNew(context, table, known, found, file);
  const outcome = await takeRows(context, table, found, file, known);
  await file.confirm();
  return outcome;
}

const NOTHING = { inserted: 0, updated: 0, deleted: 0, unchanged: 0 } as const;

/** Only what is remembered of the files may be news. */
async function nothingNew(
  context: RunContext,
  table: TableConfig,
  known: KnownTable | undefined,
  found: NewFiles,
  file: FetchedFiles,
): Promise<TableOutcome> {
  if (known === undefined) {
    return held(table, guardChanges(NOTHING, 0, undefined, table.maxDeleteRatio));
  }
  const { base, schema, primaryKey } = known.state;
  const names = found.files.filter(({ mark }) => mark.sizeBytes > 0).map(({ mark }) => mark.name);
  if (found.files.length === 0 && !found.isNews) {
    return { kind: 'unchanged', rows: base.rows, seen: await file.hash() };
  }
  return {
    kind: 'examined',
    operation: 'unchanged',
    counts: { inserted: 0, updated: 0, deleted: 0, unchanged: base.rows },
    schema,
    schemaChange: undefined,
    primaryKey,
    compared: undefined,
    file,
    rejects: undefined,
    base: undefined,
    ...takenOf(context, table, found, new Map(), names),
  };
}

async function takeRows(
  context: RunContext,
  configured: TableConfig,
  found: NewFiles,
  file: FetchedFiles,
  known: KnownTable | undefined,
): Promise<TableOutcome> {
  const { engine, runDir } = context;
  const recorded = known?.state.schema ?? [];
  const rowsBefore = known?.state.base.rows ?? 0;
  const skipped = new Map(found.files.map(({ mark, takenRows }) => [mark.name, takenRows]));
  const opened = await openTableFile(context, configured, file, recorded, skipped).catch((error: unknown) => {
    if (error instanceof EmptyFile) return undefined;
    throw error;
  });
  if (opened === undefined) return nothingNew(context, configured, known, found, file);
  const { raw, table } = opened;
  // Nothing would be there to remember that it waits.
  if (known === undefined && raw.rows === 0 && raw.waiting?.[0] !== undefined)
    throw noLineEnd(raw.waiting[0]);
  const guardsOf = (change: SchemaChange): Guard[] =>
    known === undefined ? [] : guardSchema(change, table.schema === 'freeze');
  const reading = { context, table, raw, recorded, isOpen: known === undefined };
  // Every row is new, so that a number of its own serves as the hash that tells it from others.
  const hashes = `CAST(${rowsBefore} + row_number() OVER () AS UBIGINT) AS ${KEY_HASH}, CAST(0 AS UBIGINT) AS ${ROW_HASH}`;
  const path = join(runDir, `${table.name}.base.parquet`);
  const fitted = await fitTypes(reading, raw, await likelyChange(reading), (schema) =>
    readTyped(raw, schema, hashes, async (select) => {
      if (known === undefined) return copyToParquet(engine, select, path);
      await engine.run(
        `CREATE OR REPLACE TEMP TABLE ${CHANGES} AS SELECT 'I' AS ${OPERATION}, * FROM (${select})`,
      );
      return countRows(engine, CHANGES);
    }),
  );
  const { change } = fitted;
  refuseRetyped(table, change);
  requireAllRows(raw, fitted.read);
  const rows = rowsBefore + fitted.read;
  const segments = (await known?.openSegments()) ?? { paths: [], by: BY_HASH };
  const counts = { inserted: fitted.read, updated: 0, deleted: 0, unchanged: rowsBefore };
  const guards =
    known === undefined
      ? guardChanges(counts, rows, undefined, table.maxDeleteRatio)
      : [...guardsOf(change), ...(await guardWideningOf(context, async () => segments, known.state, change))];
  if (isHeld(context, table, guards))
    return held(table, guards, { counts, rejects: raw.rejects, ...(known && { schemaChange: change }) });
  const from = known === undefined ? parquetFile(path) : CHANGES;
  const { waiting = [], emptyFiles = [] } = raw;
  const taken = takenOf(context, table, found, await rowsByFile(context, from), [...waiting, ...emptyFiles]);
  const full: BaseHere = { kind: 'full', path, segmentRows: rows, rows, hashVersion: null };
  return {
    kind: 'examined',
    operation: known === undefined ? 'full-load' : fitted.read > 0 ? 'cdc' : 'unchanged',
    counts,
    schema: change.schema,
    schemaChange: known === undefined ? undefined : change,
    primaryKey: table.key,
    compared: undefined,
    file,
    rejects: raw.rejects,
    base: known === undefined ? full : await grownBase(context, segments, change.schema, full, known),
    ...taken,
  };
}

/** The base with the new rows: as a segment of their own, or, now and then, written anew as one. */
async function grownBase(
  { engine }: RunContext,
  segments: BaseFiles,
  schema: Schema,
  full: BaseHere,
  { state }: KnownTable,
): Promise<BaseHere> {
  const { path } = full;
  if (state.base.segments.length < MOST_SEGMENTS) {
    return { ...full, kind: 'delta', segmentRows: await writeDeltaSegment(engine, schema, BY_HASH, path) };
  }
  await openBase(engine, segments, schema);
  return { ...full, segmentRows: await writeCompactedBase(engine, schema, BY_HASH, path) };
}

async function rowsByFile({ engine }: RunContext, from: string): Promise<Map<string, number>> {
  const file = quoteName(FILE_COLUMN);
  const rows = await engine.rows(`SELECT ${file} AS file, count(*) AS rows FROM ${from} GROUP BY ${file}`);
  return new Map(rows.map((row) => [String(row['file']), Number(row['rows'])]));
}

/**
 * Every file that is taken once the new rows are in, by name, and whether one has to be looked at again as it is.
 *
 * @param unread names of files that may have more to be read as they are.
 */
function takenOf(
  { edge }: RunContext,
  table: TableConfig,
  { taken, files }: NewFiles,
  newRows: ReadonlyMap<string, number>,
  unread: readonly string[],
): Pick<ExaminedTable, 'taken' | 'ends'> {
  const waiting = files.filter(({ mark, mayGoOn }) => mayGoOn && unread.includes(mark.name));
  for (const { mark } of waiting) {
    edge.log.warn(
      { table: table.name, file: mark.name },
      `${mark.name}: its last line has no end and may be half a line: it is taken once it has one, or once a run finds the file as it is now`,
    );
  }
  const added = files.map((file) => ({
    ...file.mark,
    rows: file.takenRows + (newRows.get(file.mark.name) ?? 0),
    ...(waiting.includes(file) ? { waits: true as const } : {}),
  }));
  return {
    taken: [...taken, ...added].toSorted((one, other) => (one.name < other.name ? -1 : 1)),
    ends: { isUnended: waiting.length > 0 },
  };
}

/** What tells a set of taken files from another, for whoever looks at it; nothing is decided by it. */
function digest({ taken, files }: NewFiles): SeenFile['sha256'] {
  const lines = [...taken, ...files.map(({ mark }) => mark)].map(({ name, sha256 }) => `${sha256} ${name}`);
  return createHash('sha256').update(lines.toSorted().join('\n')).digest('hex');
}

function refuseOtherKey(table: TableConfig, known: KnownTable | undefined): void {
  if (known === undefined || sameNames(known.state.primaryKey, table.key)) return;
  throw new IgarapeError('GUARD', `The lake has ${table.name} as a table of another mode.`, {
    hint: `Set "mode" back, or start the table anew: igarape run --reload ${table.name}`,
  });
}

function refuseRetyped(table: TableConfig, { retyped }: SchemaChange): void {
  const [first] = retyped;
  if (first === undefined) return;
  const sample = first.sample === undefined ? '' : `, for ${JSON.stringify(first.sample)}`;
  throw new IgarapeError(
    'GUARD',
    `The type of ${first.name} would change from ${first.from} to ${first.to}${sample}, and the rows that were taken before are not read again.`,
    {
      hint: `Have the source corrected; or give the column its type in "types" and start the table anew: igarape run --reload ${table.name}`,
    },
  );
}

function refuseChanged({ name }: TableConfig, { changed, readOtherwise }: NewFiles): void {
  const [first, ...others] = changed.length > 0 ? changed : readOtherwise;
  if (first === undefined) return;
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  if (changed.length > 0) {
    throw new IgarapeError(
      'GUARD',
      `${first}${more} was taken before, and has changed since in other ways than by lines at its end.`,
      {
        hint: `Put the file back, or new rows into a file of another name. To take all files anew: igarape run --reload ${name}`,
      },
    );
  }
  throw new IgarapeError(
    'GUARD',
    `${first}${more} has grown since it was taken, and is to be read by other options than it was then: which of its rows are new cannot be told.`,
    {
      hint: `Set the options of the table back, or put new rows into a file of another name. To take all files anew: igarape run --reload ${name}`,
    },
  );
}
