import { expect, test } from 'vitest';
import { openLake, type Lake, type Place, writeFiles } from '../faults/lakes.ts';
import { runTogether } from '../faults/together.ts';
import { CONFIG, shopFiles, type Shown, shownTables, writeModels } from './shop.ts';

const TIMEOUT_MS = 300_000;

/** The tests of two processes that feed the layers of one lake at once, for lakes in one place. */
export function itsLayersHaveOneWriter(place: () => Place): void {
  test(
    'of two runs that commit at once one wins, the other ends with 6, and nothing is lost',
    async () => {
      const { lake, calm } = await prepare(place(), 'commit', 'raw');
      const outcomes = await runTogether(lake, 'commit', { config: CONFIG });
      expect(outcomes.map(({ exitCode }) => exitCode ?? -1).toSorted((a, b) => a - b)).toEqual([0, 6]);
      await expectCalm(lake, calm);
    },
    TIMEOUT_MS,
  );

  test(
    'two runs that write the layers at once leave every change there once',
    async () => {
      const { lake, calm } = await prepare(place(), 'layers', 'layers');
      const outcomes = await runTogether(lake, 'layers', {
        config: CONFIG,
        request: { only: ['bronze', 'silver', 'gold'] },
      });
      // Each may have come first at another table, so that both give up.
      for (const { exitCode } of outcomes) expect([0, 6], JSON.stringify(outcomes)).toContain(exitCode);
      await expectCalm(lake, calm);
    },
    TIMEOUT_MS,
  );
}

type Tables = Readonly<Record<string, Shown | undefined>>;

async function prepare(
  place: Place,
  name: string,
  left: 'raw' | 'layers',
): Promise<{ lake: Lake; calm: Tables }> {
  const lake = await place.create(`together-${name}`);
  await writeModels(lake.folder);
  const scenario = await openLake(lake, {}, CONFIG);
  await writeFiles(scenario, shopFiles(0));
  await scenario.run();
  await writeFiles(scenario, shopFiles(1));
  if (left === 'layers') await scenario.run({ only: ['raw'] });
  const undisturbed = await openLake(await place.copy(lake, `together-${name}-calm`), {}, CONFIG);
  await undisturbed.run();
  return { lake, calm: await shownTables(undisturbed.storage) };
}

/** The next run has nothing to mend but what the loser has left out. */
async function expectCalm(lake: Lake, calm: Tables): Promise<void> {
  const scenario = await openLake(lake, {}, CONFIG);
  expect((await scenario.run()).exitCode).toBe(0);
  const shown = await shownTables(scenario.storage);
  for (const [name, table] of Object.entries(calm)) {
    expect(shown[name]?.rows, name).toEqual(table?.rows);
    expect(shown[name]?.changes.map(withoutVersion), name).toEqual(table?.changes.map(withoutVersion));
  }
}

function withoutVersion(change: string): string {
  return change.replace(/"_commit_version":"\d+"/, '');
}
