import { createReadStream, createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type AddedColumns, addedColumns, parquetOptions, writeChangeFile } from '../changes/change-file.ts';
import type { TableConfig } from '../config/config.ts';
import { parquetFile, quoteName, quoteText } from '../engine/quote.ts';
import { rejectsKey } from '../lake/layout.ts';
import type { PublishedFile, Rejects, TableState } from '../lake/ledger-entry.ts';
import { keepSegment } from '../lake/segments.ts';
import { type NameRequest, type RowsThere, stageFile, stageFolder, storeSegment } from '../lake/stage.ts';
import { storeTaken } from '../lake/taken-files.ts';
import { datesWith } from '../source/dates.ts';
import type { SourceVersion } from '../source/port.ts';
import { type RunContext, segmentFolder } from './context.ts';
import type { BaseHere, ExaminedTable } from './outcome.ts';
import { readAs } from './read-as.ts';

/** A run on its way to its ledger entry. */
export interface Attempt {
  readonly attempt: string;
  readonly startedMs: number;
  readonly version: SourceVersion;
}

/** Stages what an examined table publishes, and resolves the state that the ledger entry is to record. */
export async function stageTable(
  context: RunContext,
  table: TableConfig,
  examined: ExaminedTable,
  known: TableState | undefined,
  attempt: Attempt,
): Promise<TableState> {
  const { counts } = examined;
  const changes = counts.inserted + counts.updated + counts.deleted;
  const timestampMicros = changeTime(attempt, known);
  context.edge.onProgress({ step: 'write', table: table.name, done: 0 });
  const there = await writeThere(examined, attempt);
  const staged = { ...attempt, timestampMicros };
  const file =
    there !== undefined && examined.operation === 'full-load'
      ? await stageFolder(
          context.request.storage,
          nameOf(context, table, examined, known, attempt),
          there.written,
        )
      : await stagePublished(context, table, examined, known, staged);
  const base = there?.base ?? (await stageBase(context, table, examined, known, attempt));
  const rejects = await stageRejects(context, table.name, examined, attempt);
  const isCdc = examined.operation === 'cdc';
  return {
    operation: examined.operation,
    ...counts,
    file,
    epoch: (known?.epoch ?? -1) + (examined.operation === 'full-load' ? 1 : 0),
    schema: [...examined.schema],
    primaryKey: [...examined.primaryKey],
    base,
    seen: { ...(await examined.file.hash()), ...dateOf(context, examined, known) },
    ...(await takenBy(context, table, examined, attempt)),
    readAs: readAs(table),
    ...examined.ends,
    ...(rejects === undefined ? {} : { rejects }),
    lastTimestampMicros: isCdc ? String(timestampMicros) : (known?.lastTimestampMicros ?? '0'),
    lastSequence: (known?.lastSequence ?? 0) + (isCdc ? changes : 0),
  };
}

async function takenBy(
  { request }: RunContext,
  table: TableConfig,
  { taken }: ExaminedTable,
  { attempt }: Attempt,
): Promise<Pick<TableState, 'taken'>> {
  if (taken === undefined) return {};
  return { taken: await storeTaken(request.storage, attempt, table.name, taken) };
}

/** What is remembered of the date that a table was taken at. */
function dateOf(
  { request }: RunContext,
  { date }: ExaminedTable,
  known: TableState | undefined,
): Pick<TableState['seen'], 'date' | 'daysBack' | 'datesFrom' | 'hasLater'> {
  if (date === undefined) return {};
  const datesFrom = request.dates?.from ?? known?.seen.datesFrom;
  return {
    ...datesWith(known?.seen ?? {}, date.value),
    ...(datesFrom === undefined ? {} : { datesFrom }),
    ...(date.isLast ? {} : { hasLater: true }),
  };
}

async function stageRejects(
  { request: { storage }, runDir }: RunContext,
  table: string,
  { rejects = [] }: ExaminedTable,
  { attempt }: Attempt,
): Promise<Rejects | undefined> {
  if (rejects.length === 0) return undefined;
  const path = join(runDir, `${table}.rejects.csv`);
  await writeFile(path, 'file,line,reason,text\n');
  for (const part of rejects)
    await pipeline(createReadStream(part.path), createWriteStream(path, { flags: 'a' }));
  const key = rejectsKey(table, attempt);
  await storage.upload(path, key);
  return { key, lines: rejects.reduce((sum, { lines }) => sum + lines, 0) };
}

/** The source's time where it has one, else the run's; never earlier than the table's last change. */
function changeTime(attempt: Attempt, known: TableState | undefined): bigint {
  const time = attempt.version.timeMicros ?? BigInt(attempt.startedMs) * 1000n;
  const last = BigInt(known?.lastTimestampMicros ?? '0');
  return time > last ? time : last;
}

async function stagePublished(
  { request, edge, engine, runDir }: RunContext,
  table: TableConfig,
  examined: ExaminedTable,
  known: TableState | undefined,
  attempt: Attempt & { readonly timestampMicros: bigint },
): Promise<PublishedFile | null> {
  const { config, storage } = request;
  const { operation, counts, schema } = examined;
  if (operation === 'unchanged') return null;
  const name = nameOf({ request }, table, examined, known, attempt);
  const path = join(runDir, `${table.name}.${operation}.parquet`);
  const rows = counts.inserted + counts.updated + counts.deleted;
  let cdcColumns: AddedColumns | undefined;
  if (operation === 'full-load') {
    const columns = schema.map((column) => quoteName(column.name)).join(', ');
    await engine.run(
      `COPY (SELECT ${columns} FROM ${parquetFile(hereOf(examined)?.path ?? '')}) TO ${quoteText(path)} (${parquetOptions(config.compression)}, ${engine.parquetSizes})`,
    );
  } else {
    cdcColumns = addedColumns(config);
    const changeFile = {
      schema,
      key: examined.primaryKey,
      compat: config.compat,
      added: cdcColumns,
      timestampMicros: attempt.timestampMicros,
      lastSequence: known?.lastSequence ?? 0,
      compression: config.compression,
    };
    const there = await examined.writeChanges?.(changeFile);
    if (there !== undefined) return stageFolder(storage, { ...name, cdcColumns }, there);
    await engine.overRows(rows, () => writeChangeFile(engine, changeFile, path));
  }
  return stageFile(storage, attempt.attempt, {
    ...name,
    path,
    rows,
    onBytes: (done, total) => edge.onProgress({ step: 'upload', table: table.name, done, total }),
    ...(cdcColumns === undefined ? {} : { cdcColumns }),
  });
}

function nameOf(
  { request }: Pick<RunContext, 'request'>,
  table: TableConfig,
  { operation }: ExaminedTable,
  known: TableState | undefined,
  { startedMs }: Attempt,
): NameRequest {
  return {
    kind: operation === 'full-load' ? 'full-load' : 'cdc',
    table: table.name,
    layout: request.config.layout,
    runMs: startedMs,
    reload: known !== undefined,
  };
}

function hereOf({ base }: ExaminedTable): BaseHere | undefined {
  return base?.kind === 'there' ? undefined : base;
}

/** A base that is written where the lake is. */
async function writeThere(
  { base }: ExaminedTable,
  { attempt }: Attempt,
): Promise<{ readonly written: RowsThere; readonly base: TableState['base'] } | undefined> {
  if (base?.kind !== 'there') return undefined;
  const written = await base.write(attempt);
  const { key, rows } = written;
  const parts = written.parts.map(({ name, sizeBytes }) => ({ name, sizeBytes }));
  const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  const { hashVersion } = base;
  return { written, base: { segments: [{ key, sizeBytes, rows, parts }], rows, hashVersion } };
}

async function stageBase(
  { request }: RunContext,
  table: TableConfig,
  examined: ExaminedTable,
  known: TableState | undefined,
  { attempt }: Attempt,
): Promise<TableState['base']> {
  const { storage, config } = request;
  const base = hereOf(examined);
  if (base === undefined) {
    if (known === undefined) throw new RangeError('A first snapshot is always a base.');
    return known.base;
  }
  const segment = await storeSegment(storage, attempt, table.name, {
    path: base.path,
    rows: base.segmentRows,
  });
  await keepSegment(segmentFolder(config.workDir), segment.key, base.path);
  const before = base.kind === 'delta' ? (known?.base.segments ?? []) : [];
  return { segments: [...before, segment], rows: base.rows, hashVersion: base.hashVersion };
}
