import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { VerifyReport } from '../../src/lake/verify.ts';
import { verify } from '../../src/pipeline/verify.ts';
import { openScenario, type Scenario, testEdge } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();
let scenario: Scenario;

async function verifySince(since?: number | 'last'): Promise<VerifyReport> {
  return verify(scenario, testEdge(), undefined, { since });
}

/** A run that changes each row of `t`; `u` stays as it is after the first. */
async function runWith(value: string, columns = 'id,v', more = ''): Promise<void> {
  await scenario.write('t.csv', `${columns}\n1,${value}${more}\n2,${value}${more}\n`);
  await scenario.run();
}

beforeEach(async () => {
  scenario = openScenario(dir(), {
    tables: [
      { name: 't', pk: 'id' },
      { name: 'u', pk: 'id' },
    ],
  });
  await scenario.write('u.csv', 'id\n1\n');
  for (const value of ['a', 'b', 'c']) await runWith(value);
});

const files = ({ tables }: VerifyReport): (number | undefined)[] => [tables['t']?.files, tables['u']?.files];

test('looks at everything the first time, and then at what has come since', async () => {
  const first = await verifySince('last');
  expect({ ok: first.ok, since: first.since, files: files(first) }).toEqual({ ok: true, files: [3, 1] });
  await runWith('d');
  await runWith('e', 'id,v,w', ',new');
  const second = await verifySince('last');
  expect(second).toMatchObject({ ok: true, runs: 5, since: 2 });
  expect(files(second)).toEqual([2, 0]);
  expect(files(await verifySince('last'))).toEqual([0, 0]);
  expect(files(await verifySince())).toEqual([5, 1]);
});

test('goes on from a verification of everything, which is as good as one of what had come', async () => {
  await verifySince();
  await runWith('d');
  const then = await verifySince('last');
  expect({ since: then.since, files: files(then) }).toEqual({ since: 2, files: [1, 0] });
});

test('looks at everything since a run, also where that was verified before', async () => {
  await verifySince('last');
  await runWith('d');
  expect(files(await verifySince(1))).toEqual([4, 1]);
  expect(files(await verifySince(3))).toEqual([0, 0]);
});

test('finds a damaged new file, and after that begins again', async () => {
  await verifySince('last');
  await runWith('d');
  const key = (await scenario.ledger()).at(-1)?.tables['t']?.file?.key ?? '';
  const bytes = (await scenario.storage.read(key)) ?? new Uint8Array();
  await writeFile(join(scenario.storage.uri, key), 'damaged');
  expect((await verifySince('last')).tables['t']?.ok).toBe(false);
  await writeFile(join(scenario.storage.uri, key), bytes);
  const mended = await verifySince('last');
  expect({ ok: mended.ok, files: files(mended) }).toEqual({ ok: true, files: [4, 0] });
});

test('believes nothing that it kept: where that is damaged, lost or of another epoch, it begins again', async () => {
  await verifySince('last');
  const kept = join(scenario.config.workDir, 'verified');
  for (const name of await readdir(kept)) {
    if (!name.endsWith('.parquet')) continue;
    // The kept file may be the lake's own: another one takes its name.
    await rm(join(kept, name));
    await writeFile(join(kept, name), 'damaged');
  }
  expect(files(await verifySince('last'))).toEqual([3, 1]);
  await scenario.run({ reload: ['t'], tables: ['t'] });
  const reloaded = await verifySince('last');
  expect({ ok: reloaded.ok, files: files(reloaded) }).toEqual({ ok: true, files: [4, 0] });
});

test('two runs of a type that widens are replayed as a whole', async () => {
  await scenario.write('t.csv', 'id,v\n1,1\n2,2\n');
  await scenario.run({ reload: ['t'], tables: ['t'] });
  await verifySince('last');
  await runWith('1.5');
  const widened = await verifySince('last');
  expect({ ok: widened.ok, files: files(widened) }).toEqual({ ok: true, files: [5, 0] });
});

test('keeps the rows of tables that are alike, which are verified side by side', async () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  scenario = openScenario(join(dir(), 'alike'), { tables: names.map((name) => ({ name, pk: 'id' })) });
  for (const name of names) await scenario.write(`${name}.csv`, 'id,v\n1,a\n');
  await scenario.run();
  const first = await verifySince('last');
  const second = await verifySince('last');
  expect(Object.keys(first.tables)).toEqual(names);
  expect([first, second].map(({ ok, tables }) => [ok, tables['f']?.files])).toEqual([
    [true, 1],
    [true, 0],
  ]);
});
