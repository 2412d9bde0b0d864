import { join } from 'node:path';
import { array, sample } from 'fast-check';
import { expect } from 'vitest';
import { readCommit } from '../../../src/delta/commit-read.ts';
import { createTable } from '../../../src/delta/create-table.ts';
import { loadSnapshot } from '../../../src/delta/snapshot.ts';
import { DeltaTable } from '../../../src/delta/table.ts';
import { appendRows } from '../../../src/delta/write-table.ts';
import type { Writer } from '../../../src/delta/writer.ts';
import { openLocalStorage } from '../../../src/storage/local.ts';
import { after, type Row, run, sqlOf, stepArbitrary } from './steps.ts';
import { openWriter, rowsBetween, tableRows } from './table.ts';

/** A table that went through random steps. */
export interface SteppedTable {
  readonly path: string;
  readonly vectors: boolean;
}

const STEPS = 14;

/** Tables of every kind that we make, each after other steps. */
export async function steppedTables(folder: string, seed: number): Promise<Record<string, SteppedTable>> {
  const tables: Record<string, SteppedTable> = {};
  for (const vectors of [true, false]) {
    for (const partitioned of [true, false]) {
      const name = `${vectors ? 'vectors' : 'plain'}-${partitioned ? 'partitioned' : 'whole'}`;
      const path = join(folder, name);
      await stepThrough(path, vectors, partitioned, seed);
      tables[name] = { path, vectors };
    }
  }
  return tables;
}

async function stepThrough(
  path: string,
  vectors: boolean,
  partitioned: boolean,
  seed: number,
): Promise<void> {
  const writer = await openWriter(openLocalStorage(path));
  await createTable(writer, {
    rows: sqlOf([{ id: 1, part: 'a', value: 1 }]),
    partitionColumns: partitioned ? ['part'] : [],
    configuration: { 'delta.enableDeletionVectors': String(vectors), 'delta.checkpointInterval': '5' },
  });
  const versions: (readonly Row[])[] = [[{ id: 1, part: 'a', value: 1 }]];
  const steps = sample(array(stepArbitrary, { minLength: STEPS, maxLength: STEPS }), { seed, numRuns: 1 });
  for (const step of steps.flat()) {
    const snapshot = await loadSnapshot(writer);
    const next = after(versions, snapshot, step);
    const { version } = await run(writer, snapshot, step, versions[snapshot.version] ?? []);
    versions[version] = next;
  }
  // Something to read and to change is there at the end, and old rows in a deletion vector where there are such.
  await appendRows(
    writer,
    await loadSnapshot(writer),
    sqlOf([50, 51, 52].map((id) => ({ id, part: 'b', value: id }))),
  );
  const table = await DeltaTable.open(writer.storage, writer);
  await table.delete({ where: 'id = 51' });
}

/** What a peer found in a table, and what it left there after it had written to it. */
export interface PeerAnswer {
  readonly rows: readonly (readonly unknown[])[];
  readonly changes: readonly (readonly unknown[])[];
  readonly operations: readonly string[];
  readonly written: readonly (readonly unknown[])[];
}

/**
 * Compares a peer's answer with what we read of the same table.
 *
 * @param version The newest before the peer wrote.
 * @param unread Versions whose changes the peer is known to read wrongly.
 */
export async function expectAgreement(
  writer: Writer,
  version: number,
  answer: PeerAnswer,
  unread: ReadonlySet<unknown> = new Set(),
): Promise<void> {
  const before = await tableRows(writer, await loadSnapshot(writer, version));
  expect(texts(answer.rows)).toEqual(texts(before.map(values)));
  const changes = await rowsBetween(writer, 0, version);
  const told = changes.map((row) => [row['_commit_version'], row['_change_type'], ...values(row)]);
  const compared = (rows: readonly (readonly unknown[])[]): string[] =>
    texts(rows.filter(([at]) => !unread.has(Number(at))));
  expect(compared(answer.changes)).toEqual(compared(told));
  const table = await DeltaTable.open(writer.storage, writer);
  const operations: string[] = [];
  for await (const entry of table.history())
    if (entry.version <= version) operations.push(entry.operation ?? '');
  expect(answer.operations).toEqual(operations);
  const newest = await loadSnapshot(writer);
  expect(newest.version).toBeGreaterThan(version);
  const rows = await tableRows(writer, newest);
  expect(texts(answer.written)).toEqual(texts(rows.map(values)));
  // What the peer's commits tell of changes leads from the one state to the other.
  const theirs = await rowsBetween(writer, version + 1, newest.version);
  const gone = theirs.filter(({ _change_type: type }) => type === 'delete' || type === 'update_preimage');
  const come = theirs.filter(({ _change_type: type }) => type === 'insert' || type === 'update_postimage');
  expect(texts([...before, ...come].map(values))).toEqual(texts([...rows, ...gone].map(values)));
}

/** Versions that took away whole files with deletion vectors and left it to readers to tell their last rows. */
export async function versionsOfDroppedVectors(path: string): Promise<Set<unknown>> {
  const storage = openLocalStorage(path);
  const versions = new Set<unknown>();
  for (let version = 0; ; version += 1) {
    const actions = await readCommit(storage, version);
    if (actions === undefined) return versions;
    const added = new Set(actions.map((action) => ('add' in action ? action.add.path : '')));
    const dropsVector = actions.some(
      (action) =>
        'remove' in action && action.remove.deletionVector !== undefined && !added.has(action.remove.path),
    );
    if (dropsVector && !actions.some((action) => 'cdc' in action)) versions.add(version);
  }
}

export async function newestVersion(path: string): Promise<number> {
  return (await loadSnapshot(await openWriter(openLocalStorage(path)))).version;
}

function values({ id, part, value }: Readonly<Record<string, unknown>>): unknown[] {
  return [id, part, value];
}

function texts(rows: readonly (readonly unknown[])[]): string[] {
  return rows.map((row) => row.map(String).join(' ').replaceAll('None', 'null')).toSorted();
}

export function answerOf(answer: unknown): PeerAnswer & { readonly duckdb: readonly unknown[] } {
  const { rows, changes, operations, written, duckdb } = isRecord(answer) ? answer : {};
  return {
    rows: lists(rows),
    changes: lists(changes),
    operations: Array.isArray(operations) ? operations.map(String) : [],
    written: lists(written),
    duckdb: lists(duckdb),
  };
}

function lists(value: unknown): unknown[][] {
  return Array.isArray(value) ? value.filter((item): item is unknown[] => Array.isArray(item)) : [];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
