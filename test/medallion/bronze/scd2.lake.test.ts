import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compact } from '../../../src/pipeline/compact.ts';
import { layerRows } from '../../support/layers.ts';
import { openScenario, type Scenario, testEdge } from '../../support/scenario.ts';
import { useTempDir } from '../../support/tmp.ts';

const dir = useTempDir();

const TABLE = { name: 't', pk: 'id', history: 'scd2', max_delete_ratio: 1, max_update_ratio: 1 };
const FILES = [
  'id,v\n1,a\n2,b\n3,c\n',
  'id,v\n1,a\n2,B\n4,d\n',
  'id,v\n1,a\n2,B\n3,c\n4,d\n',
  'id,v\n1,A\n4,d\n5,e\n',
  'id,v\n1,a\n5,e\n',
];

async function publish(scenario: Scenario, index: number): Promise<void> {
  await scenario.write('t.csv', FILES[index] ?? '');
  // The fourth comes as a full-load, in the middle of the others.
  await scenario.run(index === 3 ? { reload: ['t'] } : {});
}

/** `id v run is_current` of every version. */
async function versionsIn(lake: string): Promise<string[]> {
  const columns = ['id', 'v', '_igarape_run', 'is_current'];
  const rows = await layerRows(lake, 'bronze.t', { columns });
  return rows.map((row) => Object.values(row).map(String).join(' ')).toSorted();
}

const VERSIONS = [
  '1 A 3 false',
  '1 a 0 false',
  '1 a 4 true',
  '2 B 1 false',
  '2 b 0 false',
  '3 c 0 false',
  '3 c 2 false',
  '4 d 1 false',
  '5 e 3 true',
];

test('a table with a history follows the ledger run by run, a reload in between', async () => {
  const scenario = openScenario(dir(), { layers: ['bronze'], tables: [TABLE] });
  for (const index of FILES.keys()) await publish(scenario, index);
  expect(await versionsIn(join(dir(), 'lake'))).toEqual(VERSIONS);
});

test('a table that is folded has the same versions with the same times, also from a full refresh', async () => {
  const historyOf = async (folder: string, foldedAfter: number | undefined): Promise<unknown[]> => {
    let nowMs = Date.UTC(2025, 0, 1);
    const scenario = openScenario(
      folder,
      { layers: ['bronze'], tables: [TABLE] },
      { edge: { clock: () => nowMs } },
    );
    for (const index of FILES.keys()) {
      nowMs += 60_000;
      await publish(scenario, index);
      nowMs += 60_000;
      if (index === foldedAfter) await compact(scenario, testEdge({ clock: () => nowMs }), 'igarape test');
    }
    await scenario.run();
    const columns = ['id', 'v', 'valid_from', 'valid_to', 'is_current'];
    const found = async (): Promise<string[]> =>
      (await layerRows(join(folder, 'lake'), 'bronze.t', { columns }))
        .map((row) => Object.values(row).map(String).join(' '))
        .toSorted();
    const inSteps = await found();
    await scenario.run({ fullRefresh: true });
    return [inSteps, await found()];
  };
  const [unfolded] = await historyOf(join(dir(), 'never'), undefined);
  // The fourth run publishes a full-load of its own.
  for (const index of [1, 3])
    expect(await historyOf(join(dir(), String(index)), index)).toEqual([unfolded, unfolded]);
});

test('a lake that has runs already gets the same history in one commit, and again from a full refresh', async () => {
  const before = openScenario(dir(), { tables: [TABLE] });
  for (const index of FILES.keys()) await publish(before, index);
  const scenario = openScenario(dir(), { layers: ['bronze'], tables: [TABLE] });
  const { report } = await scenario.run();
  expect(report.layers?.['bronze.t']).toMatchObject({ operation: 'created', inserted: 9, version: 0 });
  expect(await versionsIn(join(dir(), 'lake'))).toEqual(VERSIONS);
  const again = await scenario.run({ fullRefresh: true });
  expect(again.report.layers?.['bronze.t']).toMatchObject({ operation: 'rebuilt', version: 1 });
  expect(await versionsIn(join(dir(), 'lake'))).toEqual(VERSIONS);
});
