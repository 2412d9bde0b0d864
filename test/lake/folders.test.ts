import { appendFile, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import { parquetFile, quoteText } from '../../src/engine/quote.ts';
import { changes } from '../../src/explore/changes.ts';
import { keyHistory } from '../../src/explore/key-history.ts';
import { withReader } from '../../src/explore/reader.ts';
import { encodeRecord } from '../../src/lake/ledger-codec.ts';
import type { Part, TableState } from '../../src/lake/ledger-entry.ts';
import { ledgerKey } from '../../src/lake/layout.ts';
import { KEY_HASH, NO_HASHES, ROW_HASH } from '../../src/snapshot/hashes.ts';
import { sha256File } from '../../src/source/hash.ts';
import { openScenario, type Scenario, testEdge } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();
const FULL_LOAD = 'full-load/t.parquet';
const ROWS = ['1,a', '2,b', '3,c', '4,d', '5,e'];

/** A lake whose one full-load is a folder of two files, and its base such a folder without hashes, as Spark leaves them. */
async function lakeOfFolders(): Promise<Scenario> {
  const lake = openScenario(dir(), { layers: ['bronze'], tables: [{ name: 't', pk: 'id' }] });
  await lake.write('t.csv', ['id,v', ...ROWS, ''].join('\n'));
  await lake.run({ only: ['raw'] });
  const [entry] = await lake.ledger();
  const state = entry?.tables['t'];
  if (entry === undefined || state?.file == null) throw new Error('There is a full-load.');
  const base = '_igarape/snapshots/t/as-spark';
  const parts = await split(FULL_LOAD, [FULL_LOAD, base]);
  const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  const bare: TableState = {
    ...state,
    file: { ...state.file, stagedKey: base, sizeBytes, sha256: 'of all', parts },
    base: {
      segments: [
        {
          key: base,
          sizeBytes,
          rows: 5,
          parts: parts.map((part) => ({ name: part.name, sizeBytes: part.sizeBytes })),
        },
      ],
      rows: 5,
      hashVersion: NO_HASHES,
    },
  };
  await writeFile(pathOf(ledgerKey(0)), encodeRecord({ ...entry, tables: { t: bare } }, undefined));
  return lake;
}

/** Lets folders stand for a file, each with two files of its rows. */
async function split(
  key: string,
  folders: readonly string[],
  columns = '*',
): Promise<(Part & { readonly sha256: string })[]> {
  const engine = Engine.open({ memoryLimit: '200MB', spillDir: join(dir(), 'spill') });
  const whole = join(dir(), 'whole.parquet');
  await engine.run(`COPY (FROM ${parquetFile(pathOf(key))}) TO ${quoteText(whole)}`);
  await rm(pathOf(key));
  const parts: (Part & { readonly sha256: string })[] = [];
  for (const [index, condition] of ['id <= 2', 'id > 2'].entries()) {
    const name = `part-${index}.parquet`;
    for (const folder of folders) {
      await mkdir(pathOf(folder), { recursive: true });
      const path = pathOf(`${folder}/${name}`);
      await engine.run(
        `COPY (SELECT ${columns} FROM ${parquetFile(whole)} WHERE ${condition}) TO ${quoteText(path)} (FORMAT parquet)`,
      );
    }
    const path = pathOf(`${folders[0]}/${name}`);
    parts.push({ name, sizeBytes: (await stat(path)).size, sha256: await sha256File(path) });
  }
  engine.close();
  return parts;
}

function pathOf(key: string): string {
  return join(dir(), 'lake', key);
}

test('a full-load of several files is verified, queried, looked at and taken to the layers as one of a single file is', async () => {
  const lake = await lakeOfFolders();
  expect(await lake.verify()).toMatchObject({ ok: true, tables: { t: { rows: 5, files: 1 } } });
  const rows = ROWS.map((row) => ({ id: BigInt(row.slice(0, 1)), v: row.slice(2) }));
  for (const name of ['t', 'full_load.t', 'run_0.t'])
    expect(await lake.query(`SELECT id, v FROM ${name} ORDER BY id`)).toEqual(rows);
  await lake.run({ only: ['bronze'] });
  expect(await lake.query('SELECT id, v FROM bronze.t ORDER BY id')).toEqual(rows);
  await withReader(lake, testEdge(), async (reader) => {
    const page = await changes(reader, { run: 0, table: 't', offset: 1, limit: 3 });
    expect(page.rows.map(({ cells }) => cells)).toEqual([
      ['2', 'b'],
      ['3', 'c'],
      ['4', 'd'],
    ]);
    const { versions } = await keyHistory(reader, 't', { id: '4' });
    expect(versions).toHaveLength(1);
  });
});

test('rows that change are told from a base without hashes, once in full, and from then on by hashes', async () => {
  const lake = await lakeOfFolders();
  await lake.write('t.csv', 'id,v\n1,a\n2,x\n3,c\n5,e\n6,f\n');
  expect(await lake.runTable('t')).toMatchObject({ operation: 'cdc', inserted: 1, updated: 1, deleted: 1 });
  expect(await lake.verify()).toMatchObject({ ok: true });
  const base = (await lake.ledger()).at(-1)?.tables['t']?.base;
  expect(base).toMatchObject({ rows: 5, segments: [{ rows: 5 }] });
  expect(base?.hashVersion).toContain('duckdb');
  expect(await lake.query('SELECT count(*) AS n FROM bronze.t')).toEqual([{ n: 5n }]);
});

test('a change file of several files is verified, queried, looked at and applied as one of a single file is', async () => {
  const lake = openScenario(dir(), { layers: ['bronze'], tables: [{ name: 't', pk: 'id' }] });
  await lake.write('t.csv', ['id,v', ...ROWS, ''].join('\n'));
  await lake.run({ only: ['raw'] });
  await lake.write('t.csv', 'id,v\n1,A\n3,c\n4,D\n5,e\n6,f\n');
  await lake.run({ only: ['raw'] });
  const [before, entry] = await lake.ledger();
  const state = entry?.tables['t'];
  if (before === undefined || entry === undefined || state?.file == null)
    throw new Error('There are changes.');
  const { file } = state;
  const staged = '_igarape/staging/as-spark';
  const parts = await split(file.key, [file.key, staged]);
  const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  const folder = { ...file, stagedKey: staged, sizeBytes, sha256: 'of all', parts };
  const tables = { t: { ...state, file: folder } };
  await writeFile(pathOf(ledgerKey(1)), encodeRecord({ ...entry, tables }, before));
  expect(await lake.verify()).toMatchObject({ ok: true, tables: { t: { rows: 5, files: 2 } } });
  expect(
    await lake.query('SELECT _cdc_operation AS op, id, v, _run FROM cdc.t ORDER BY _cdc_sequence'),
  ).toEqual([
    { op: 'D', id: 2n, v: 'b', _run: 1n },
    { op: 'U', id: 1n, v: 'A', _run: 1n },
    { op: 'U', id: 4n, v: 'D', _run: 1n },
    { op: 'I', id: 6n, v: 'f', _run: 1n },
  ]);
  await lake.run({ only: ['bronze'] });
  const rows = await lake.query('SELECT id, v FROM run_1.t ORDER BY id');
  expect(rows).toHaveLength(5);
  expect(await lake.query('SELECT id, v FROM bronze.t ORDER BY id')).toEqual(rows);
  await withReader(lake, testEdge(), async (reader) => {
    const { versions } = await keyHistory(reader, 't', { id: '4' });
    expect(versions.map(({ operation }) => operation)).toEqual(['F', 'U']);
  });
});

test('a file of a folder that is gone, or damaged, is named', async () => {
  const lake = await lakeOfFolders();
  const part = `${FULL_LOAD}/part-1.parquet`;
  await appendFile(pathOf(part), 'x');
  expect((await lake.verify()).tables['t']?.problems).toEqual([expect.stringContaining(part)]);
  await rm(pathOf(part));
  expect((await lake.verify()).tables['t']?.problems).toEqual([
    `${part} is committed and not visible yet: the next run finishes that`,
  ]);
  await lake.run();
  expect(await lake.verify()).toMatchObject({ ok: true });
});

test('a base that was written anew as a folder, with its hashes, is gone on from by them, and older versions refuse it', async () => {
  const lake = openScenario(dir(), { tables: [{ name: 't', pk: 'id' }] });
  await lake.write('t.csv', ['id,v', ...ROWS, ''].join('\n'));
  await lake.run();
  const [entry] = await lake.ledger();
  const state = entry?.tables['t'];
  const [segment] = state?.base.segments ?? [];
  if (entry === undefined || state === undefined || segment === undefined)
    throw new Error('There is a base.');
  const key = '_igarape/snapshots/t/as-spark';
  const hashes = [KEY_HASH, ROW_HASH].map((name) => `CAST(${name} AS DECIMAL(20,0)) AS ${name}`);
  const parts = await split(segment.key, [key], `* REPLACE (${hashes.join(', ')})`);
  const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  const folder = {
    key,
    sizeBytes,
    rows: 5,
    parts: parts.map(({ name, ...part }) => ({ name, sizeBytes: part.sizeBytes })),
  };
  const record = encodeRecord(
    { ...entry, tables: { t: { ...state, base: { ...state.base, segments: [folder] } } } },
    undefined,
  );
  expect(new TextDecoder().decode(record)).toContain('"format": 3');
  await writeFile(pathOf(ledgerKey(0)), record);
  await rm(join(dir(), '.igarape'), { recursive: true, force: true });
  await lake.write('t.csv', ['id,v', ...ROWS.slice(1), '1,x', ''].join('\n'));
  expect(await lake.runTable('t')).toMatchObject({ operation: 'cdc', inserted: 0, updated: 1, deleted: 0 });
  const { base } = (await lake.ledger()).at(-1)?.tables['t'] ?? {};
  expect(base).toMatchObject({ hashVersion: state.base.hashVersion, segments: [{ key }, { rows: 1 }] });
  expect((await lake.verify()).ok).toBe(true);
});
