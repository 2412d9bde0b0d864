import { readFile, rm, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import { quoteText } from '../../src/engine/quote.ts';
import { ledgerKey } from '../../src/lake/layout.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();
let scenario: Scenario;
let changeFile: string;

const lakePath = (key: string): string => join(dir(), 'lake', key);

function csv(changed: number): string {
  const lines = Array.from({ length: 50 }, (_, row) => `${row},${row < changed ? 'new' : 'old'} ${row}\n`);
  return `id,v\n${lines.join('')}`;
}

/** A lake of three runs; the last two publish change files of two rows and of one. */
beforeEach(async () => {
  scenario = openScenario(dir(), { tables: [{ name: 't', pk: 'id' }] });
  for (const changed of [0, 2, 3]) {
    await scenario.write('t.csv', csv(changed));
    await scenario.run();
  }
  changeFile = (await scenario.ledger())[1]?.tables['t']?.file?.key ?? '';
});

async function problems(): Promise<readonly string[]> {
  const { ok, tables } = await scenario.verify();
  const found = tables['t']?.problems ?? [];
  expect(ok).toBe(found.length === 0);
  return found;
}

async function editLedger(run: number, edit: (text: string) => string): Promise<void> {
  const path = lakePath(ledgerKey(run));
  await writeFile(path, edit(await readFile(path, 'utf8')));
}

/** Writes a published Parquet file anew from a query over its own rows. */
async function rewrite(key: string, select: (from: string) => string): Promise<void> {
  const engine = Engine.open({ memoryLimit: '1GB', spillDir: join(dir(), 'spill') });
  const other = join(dir(), 'other.parquet');
  try {
    const from = `read_parquet(${quoteText(lakePath(key))}, hive_partitioning = false)`;
    await engine.run(`COPY (${select(from)}) TO ${quoteText(other)} (FORMAT parquet)`);
  } finally {
    engine.close();
  }
  await writeFile(lakePath(key), await readFile(other));
}

/** Makes the ledger say of a file what it now is. */
async function forge(run: number, key: string): Promise<void> {
  const bytes = await readFile(lakePath(key));
  const file = (await scenario.ledger())[run]?.tables['t']?.file;
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  await editLedger(run, (text) =>
    text
      .replaceAll(file?.sha256 ?? '', sha256)
      .replaceAll(`"sizeBytes": ${file?.sizeBytes}`, `"sizeBytes": ${bytes.byteLength}`),
  );
}

test('verify finds nothing in a lake as it was left', async () => {
  expect(await problems()).toEqual([]);
});

describe('verify notices', () => {
  test.each(['full-load', 'cdc'])('one flipped byte anywhere in a %s file', async (kind) => {
    const key = kind === 'cdc' ? changeFile : 'full-load/t.parquet';
    const whole = await readFile(lakePath(key));
    for (const position of [0, 4, Math.floor(whole.length / 2), whole.length - 1]) {
      const flipped = Buffer.from(whole);
      flipped[position] = (flipped[position] ?? 0) ^ 1;
      await writeFile(lakePath(key), flipped);
      expect(await problems(), `byte ${position}`).toEqual([
        `${key} is not the file that was published (its SHA-256 differs)`,
      ]);
    }
    await writeFile(lakePath(key), whole);
    expect(await problems()).toEqual([]);
  });

  test('a file that was cut off', async () => {
    const whole = await readFile(lakePath(changeFile));
    await writeFile(lakePath(changeFile), whole.subarray(0, -1));
    expect(await problems()).toEqual([
      `${changeFile} has ${whole.length - 1} bytes where the ledger says ${whole.length}`,
    ]);
  });

  test.each([
    ['full-load', 'WHERE id <> 7'],
    ['cdc', 'WHERE id <> 1'],
  ])('one row less in a %s file', async (kind, where) => {
    const key = kind === 'cdc' ? changeFile : 'full-load/t.parquet';
    await rewrite(key, (from) => `SELECT * FROM ${from} ${where}`);
    expect(await problems()).toHaveLength(1);
  });

  test('one row less in a full-load, though the ledger was made to agree', async () => {
    await rewrite('full-load/t.parquet', (from) => `SELECT * FROM ${from} WHERE id <> 7`);
    await forge(0, 'full-load/t.parquet');
    expect((await problems()).join()).toMatch(/1 rows? differs? between replay and base, for example id = 7/);
  });

  test('one row less in a change file, though the ledger was made to agree', async () => {
    await rewrite(changeFile, (from) => `SELECT * FROM ${from} WHERE id <> 1`);
    await forge(1, changeFile);
    expect((await problems()).join()).toMatch(/1 rows? differs? between replay and base, for example id = 1/);
  });

  test('another value in a change file, though the ledger was made to agree', async () => {
    await rewrite(
      changeFile,
      (from) => `SELECT * REPLACE (CASE WHEN id = 1 THEN 'forged' ELSE v END AS v) FROM ${from}`,
    );
    await forge(1, changeFile);
    expect((await problems()).join()).toMatch(/1 rows? differs? between replay and base, for example id = 1/);
  });

  test('an update that was made a delete, though the ledger was made to agree', async () => {
    await rewrite(changeFile, (from) => `SELECT * REPLACE ('D' AS _cdc_operation) FROM ${from}`);
    await forge(1, changeFile);
    expect((await problems()).join()).toMatch(/2 rows differ between replay and base/);
  });

  test.each(['full-load', 'cdc'])('a removed %s file', async (kind) => {
    const key = kind === 'cdc' ? changeFile : 'full-load/t.parquet';
    await rm(lakePath(key));
    expect(await problems()).toEqual([`${key} is gone`]);
  });

  test('a removed part of the base', async () => {
    const segments = (await scenario.ledger()).at(-1)?.tables['t']?.base.segments ?? [];
    expect(segments.length).toBeGreaterThan(1);
    for (const { key } of segments) {
      const bytes = await readFile(lakePath(key));
      await rm(lakePath(key));
      expect(await problems()).toEqual([`${key}, a part of the base, is gone`]);
      await writeFile(lakePath(key), bytes);
    }
  });

  test('a row of the base that was changed', async () => {
    const [full] = (await scenario.ledger()).at(-1)?.tables['t']?.base.segments ?? [];
    await rewrite(
      full?.key ?? '',
      (from) => `SELECT * REPLACE (CASE WHEN id = 9 THEN 'forged' ELSE v END AS v) FROM ${from}`,
    );
    expect((await problems()).join()).toMatch(/differs? between replay and base, for example id = 9/);
  });

  test('a gap in the ledger', async () => {
    await rm(lakePath(ledgerKey(1)));
    await expect(scenario.verify()).rejects.toMatchObject({ code: 'LAKE_CORRUPT', exitCode: 5 });
    await expect(scenario.verify()).rejects.toThrow(/00000000000000000001\.json is missing/);
  });

  test('an entry of a newer igarape, as every run does', async () => {
    await editLedger(2, (text) =>
      text.replace('"format": 2', '"format": 4').replace('igarape test', 'igarape 9.0.0'),
    );
    const newer = {
      code: 'LAKE_NEWER',
      exitCode: 5,
      message: expect.stringMatching(/written by a newer igarape \(igarape 9\.0\.0\)/),
    };
    await expect(scenario.verify()).rejects.toMatchObject(newer);
    await expect(scenario.run()).rejects.toMatchObject(newer);
  });

  test.each([
    ['is not JSON', (): string => '{"format": 2,'],
    ['lacks what an entry has', (): string => '{"format": 2}'],
  ])('an entry that %s', async (_how, edit) => {
    await editLedger(2, edit);
    await expect(scenario.verify()).rejects.toMatchObject({ code: 'LAKE_CORRUPT', exitCode: 5 });
    await expect(scenario.run()).rejects.toMatchObject({ code: 'LAKE_CORRUPT', exitCode: 5 });
  });
});
