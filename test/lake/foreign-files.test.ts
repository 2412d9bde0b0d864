import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { lookAtLedger } from '../../src/pipeline/doctor/lake.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();
let scenario: Scenario;

beforeEach(async () => {
  scenario = openScenario(dir(), { tables: [{ name: 't', pk: 'id' }] });
  await scenario.write('t.csv', 'id,v\n1,x\n');
});

async function put(key: string): Promise<void> {
  await scenario.storage.putIfAbsent(key, Buffer.from(key));
}

describe('a first run', () => {
  test.each([
    ['flat', 'full-load/t.parquet', 'cdc/t_20251004_095645.parquet'],
    ['in folders', 'full-load/t/t.parquet', 'cdc/t/t_20251004_095645.parquet'],
    ['of other tables', 'cdc/u_20251004_095645.parquet', 'full-load/u.csv'],
  ])('stops before files of others, %s, and so do plan and doctor', async (_, older, newest) => {
    await put(older);
    await utimes(join(scenario.storage.uri, older), 1, 1);
    await put(newest);
    const refusal = {
      code: 'LAKE_NOT_EMPTY',
      exitCode: 5,
      message: expect.stringContaining(`the newest: ${newest}`),
      hint: expect.stringContaining('--adopt-prefix'),
    };
    await expect(scenario.run()).rejects.toMatchObject(refusal);
    await expect(scenario.plan()).rejects.toMatchObject(refusal);
    await expect(lookAtLedger(scenario.storage, 'files:./source')).rejects.toMatchObject(refusal);
    expect(await scenario.ledger()).toEqual([]);
  });

  test('goes on where the prefix is adopted, and later runs do not ask again', async () => {
    await put('full-load/t.parquet');
    expect((await scenario.run({ adoptPrefix: true })).report.run).toBe(0);
    await scenario.write('t.csv', 'id,v\n1,y\n');
    expect((await scenario.run()).report.run).toBe(1);
    expect(await scenario.verify()).toMatchObject({ ok: true });
  });

  test.each(['full-load/_SUCCESS', 'cdc/.keep', 'bronze/t/x.parquet', 'notes.txt'])(
    'goes on beside what no reader of a lake reads: %s',
    async (key) => {
      await put(key);
      expect((await scenario.run()).report.run).toBe(0);
    },
  );
});
