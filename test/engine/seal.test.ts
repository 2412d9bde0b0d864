import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import { quotePath, quoteText } from '../../src/engine/quote.ts';
import { sealEngine } from '../../src/engine/seal.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();
let engine: Engine;

const at = (name: string): string => join(dir(), name);

beforeEach(async () => {
  engine = Engine.open({ memoryLimit: '200MB', spillDir: at('spill') });
  await mkdir(at('out'));
  await mkdir(at('allowed'));
  await writeFile(at('allowed/a.csv'), 'a\n1\n');
  await writeFile(at('secret.csv'), 'a\n1\n');
});

afterEach(() => engine.close());

async function sealedWithView(path: string): Promise<void> {
  await engine.run(`COPY (SELECT 7 AS x) TO ${quoteText(path)} (FORMAT parquet)`);
  await engine.run(`CREATE VIEW t AS SELECT * FROM read_parquet([${quotePath(path)}])`);
  await engine.run(`CREATE TEMP VIEW u AS SELECT * FROM t`);
  await sealEngine(engine, { files: [], folders: [at('out'), at('allowed')] });
}

test.each(['plain.parquet', "it's.parquet", 'a[b]*c?.parquet', 'a[[]b.parquet'])(
  'a sealed engine still reads the files of its views: %s',
  async (name) => {
    await sealedWithView(at(name));
    expect(await engine.rows('SELECT x FROM u')).toEqual([{ x: 7 }]);
  },
);

test('a sealed engine spills, and writes into the folders that are allowed', async () => {
  await sealedWithView(at('t.parquet'));
  await engine.run(
    `COPY (SELECT random() AS r, repeat('x', 100) FROM range(3000000) ORDER BY r) TO ${quoteText(at('out/sorted.csv'))}`,
  );
  expect(await readdir(at('out'))).toEqual(['sorted.csv']);
  expect(await engine.rows(`SELECT a FROM read_csv(${quoteText(at('allowed/*.csv'))})`)).toHaveLength(1);
});

test.each([
  ['reads another file', () => `FROM read_csv(${quoteText(at('secret.csv'))})`],
  ['reads another file as a table', () => `FROM ${quoteText(at('secret.csv'))}`],
  ['climbs out of an allowed folder', () => `FROM read_csv(${quoteText(at('allowed/../secret.csv'))})`],
  ['looks around', () => `FROM glob(${quoteText(`${dir()}/*`)})`],
  ['reads the environment', () => `FROM read_blob('/proc/self/environ')`],
  ['reads the network', () => `FROM read_csv('http://127.0.0.1:9/x.csv')`],
  ['writes beside', () => `COPY (SELECT 1) TO ${quoteText(at('out/../new.csv'))}`],
  ['exports', () => `EXPORT DATABASE ${quoteText(at('new'))}`],
  ['attaches', () => `ATTACH ${quoteText(at('new.db'))} AS other`],
  ['installs', () => 'INSTALL httpfs'],
  ['loads', () => 'LOAD httpfs'],
  ['opens the seal', () => 'SET enable_external_access = true'],
  ['allows itself more', () => `SET allowed_directories = [${quoteText(dir())}]`],
  ['takes more memory', () => `SET memory_limit = '100GB'`],
  ['unlocks', () => 'SET lock_configuration = false'],
  ['reads secrets', () => 'FROM duckdb_secrets()'],
])('a statement that %s is refused by a sealed engine', async (_what, sql) => {
  await sealedWithView(at('t.parquet'));
  const before = (await readdir(dir())).toSorted();
  await expect(
    (async () => {
      await engine.rows(sql());
      await engine.rows('SELECT 1');
    })(),
  ).rejects.toThrow(/Permission|configuration|Cannot access/i);
  expect((await readdir(dir())).toSorted()).toEqual(before);
});
