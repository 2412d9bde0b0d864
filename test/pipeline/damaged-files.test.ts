import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import { quoteText } from '../../src/engine/quote.ts';
import { openMemoryStorage } from '../../src/storage/memory.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

/** Zeros over the middle of a file, where a Parquet file has its pages. */
async function damage(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes.fill(0, 4, Math.floor(bytes.length / 2));
  await writeFile(path, bytes);
}

async function writeParquet(name: string, rows: string): Promise<void> {
  await mkdir(join(dir(), 'source'), { recursive: true });
  const engine = Engine.open({ memoryLimit: '200MB', spillDir: join(dir(), 'spill'), threads: 1 });
  try {
    const path = join(dir(), 'source', name);
    await engine.run(`COPY (${rows}) TO ${quoteText(path)} (FORMAT parquet)`);
  } finally {
    engine.close();
  }
}

const TABLES = ['a', 'b', 'c'];

test('a damaged Parquet file is its own table’s trouble, in a run and in a plan', async () => {
  const lake = openScenario(dir(), { tables: TABLES.map((name) => ({ name, pk: 'id' })) });
  await lake.write('a.csv', 'id\n1\n');
  await lake.write('c.csv', 'id\n1\n');
  await writeParquet('b.parquet', `SELECT range AS id, random()::VARCHAR AS v FROM range(5000)`);
  await damage(join(dir(), 'source', 'b.parquet'));
  const failed = { operation: 'failed', reason: expect.stringMatching(/^b(?:\.parquet)?: /) };
  const good = { operation: 'full-load' };
  expect((await lake.plan()).tables).toMatchObject({ a: good, b: failed, c: good });
  const { report, exitCode } = await lake.run();
  expect(exitCode).toBe(3);
  expect(report).toMatchObject({ run: 0, tables: { a: good, b: failed, c: good } });
});

test.each([1, 2, 3])('of several Parquet files the damaged one is named: number %i', async (number) => {
  const lake = openScenario(dir(), { tables: [{ name: 'b', pk: 'id', file: 'b_*.parquet' }] });
  for (const part of [1, 2, 3])
    await writeParquet(
      `b_${part}.parquet`,
      `SELECT ${part} * 10000 + range AS id, random()::VARCHAR AS v FROM range(5000)`,
    );
  await damage(join(dir(), 'source', `b_${number}.parquet`));
  const failed = { operation: 'failed', reason: expect.stringMatching(`^b_${number}\\.parquet: `) };
  expect((await lake.run()).report.tables).toMatchObject({ b: failed });
});

async function twoTablesOnce(lake: Scenario): Promise<void> {
  const rows = Array.from({ length: 2000 }, (_, id) => `${id},${(id * 7919) % 1000}\n`);
  for (const name of ['a', 'b']) await lake.write(`${name}.csv`, `id,v\n${rows.join('')}`);
  await lake.run();
  for (const name of ['a', 'b']) await lake.write(`${name}.csv`, `id,v\n${rows.join('')}5000,1\n`);
}

const TWO = { tables: ['a', 'b'].map((name) => ({ name, pk: 'id' })) };

test('a damaged copy of a base in the work folder is fetched anew', async () => {
  const lake = openScenario(dir(), TWO, { storage: openMemoryStorage() });
  await twoTablesOnce(lake);
  const folder = join(lake.config.workDir, 'bases');
  const copies = await readdir(folder);
  expect(copies).toHaveLength(2);
  for (const copy of copies) await damage(join(folder, copy));
  const { report, exitCode } = await lake.run();
  expect(report.tables).toMatchObject({
    a: { operation: 'cdc', inserted: 1, updated: 0, deleted: 0 },
    b: { operation: 'cdc', inserted: 1 },
  });
  expect(exitCode).toBe(0);
  expect((await lake.verify()).ok).toBe(true);
});

test('a damaged base of the lake itself is told as the lake’s, and holds no other table back', async () => {
  const lake = openScenario(dir(), TWO);
  await twoTablesOnce(lake);
  const [entry] = await lake.ledger();
  await damage(join(dir(), 'lake', entry?.tables['b']?.base.segments[0]?.key ?? ''));
  const { report, exitCode } = await lake.run();
  expect(exitCode).toBe(5);
  expect(report.tables).toMatchObject({
    a: { operation: 'cdc', inserted: 1 },
    b: { operation: 'failed', reason: expect.stringMatching(/snapshots\/.* is damaged.*--reload/) },
  });
  expect(await lake.runTable('b', { reload: ['b'] })).toMatchObject({ operation: 'full-load' });
});
