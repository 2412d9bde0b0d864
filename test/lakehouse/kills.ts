import { expect, test } from 'vitest';
import { runAndDie } from '../faults/death.ts';
import { type Lake, openLake, type Place, writeFiles } from '../faults/lakes.ts';
import type { Write } from '../support/wrapped-storage.ts';
import { CONFIG, shopFiles, type Shown, shownTables, writeModels } from './shop.ts';

const ALL = process.env['IGARAPE_FAULTS'] === 'all';
const AT_ONCE = 2;
const TIMEOUT_MS = 1_200_000;

interface Prepared {
  readonly lake: Lake;
  readonly writes: readonly Write[];
  /** What the lake shows after the run, and after the next, where nothing disturbs them. */
  readonly calm: Readonly<Record<string, Shown | undefined>>;
  readonly calmNext: Readonly<Record<string, Shown | undefined>>;
}

const STORIES = [
  { name: 'a first run', past: 0 },
  { name: 'a run with changes', past: 2 },
];

/** Which writes of a run are tried: every n-th one, or of each kind in each layer one. */
type Density = number | 'each kind';

/**
 * The tests of runs of all layers that are killed, for lakes in one place.
 *
 * @param densities How densely the writes of each story are tried. `IGARAPE_FAULTS=all` tries each.
 */
export function itsLayersSurvive(place: () => Place, densities: readonly [Density, Density]): void {
  test.each(STORIES.map((story, index) => ({ ...story, density: ALL ? 1 : (densities[index] ?? 1) })))(
    '$name that feeds all layers survives SIGKILL at its writes: every table, and every change, is there once',
    async ({ name, past, density }) => {
      const prepared = await prepare(place(), name.replaceAll(' ', '-'), past);
      const { lake, writes } = prepared;
      const deaths = writes
        .map((_, index) => ({ write: index + 1, moment: 'before' as 'before' | 'after' }))
        .filter(({ write }) => isTried(writes, write - 1, density));
      deaths.push({ write: writes.length, moment: 'after' });
      await each(deaths, async ({ write, moment }) => {
        const copy = await place().copy(lake, `${name.replaceAll(' ', '-')}-${moment}-${write}`);
        const what = `killed ${moment} write ${write}: ${JSON.stringify(writes[write - 1])}`;
        expect(await runAndDie({ lake: copy, write, moment, config: CONFIG }), what).toBe('SIGKILL');
        const scenario = await openLake(copy, {}, CONFIG);
        expect((await scenario.run()).exitCode, what).toBe(0);
        expect(await shownTables(scenario.storage), what).toEqual(prepared.calm);
        await writeFiles(scenario, shopFiles(past + 1));
        expect((await scenario.run()).exitCode, what).toBe(0);
        expect(await shownTables(scenario.storage), what).toEqual(prepared.calmNext);
      });
    },
    TIMEOUT_MS,
  );
}

async function prepare(place: Place, name: string, past: number): Promise<Prepared> {
  const lake = await place.create(name);
  await writeModels(lake.folder);
  const scenario = await openLake(lake, {}, CONFIG);
  for (let state = 0; state < past; state += 1) {
    await writeFiles(scenario, shopFiles(state));
    expect((await scenario.run()).exitCode).toBe(0);
  }
  await writeFiles(scenario, shopFiles(past));
  const writes: Write[] = [];
  const listeners = { before: (write: Write) => void writes.push(write) };
  const undisturbed = await openLake(await place.copy(lake, `${name}-calm`), listeners, CONFIG);
  const { report, exitCode } = await undisturbed.run();
  expect(exitCode, JSON.stringify(report)).toBe(0);
  const counted = [...writes];
  const calm = await shownTables(undisturbed.storage);
  await writeFiles(undisturbed, shopFiles(past + 1));
  expect((await undisturbed.run()).exitCode).toBe(0);
  return { lake, writes: counted, calm, calmNext: await shownTables(undisturbed.storage) };
}

function isTried(writes: readonly Write[], index: number, density: Density): boolean {
  if (density !== 'each kind') return (index + 1) % density === 0;
  const kinds = writes.map(kindOf);
  return kinds.lastIndexOf(kinds[index] ?? '') === index;
}

/** The call, the layer or the folder of the raw lake, and what kind of file it writes there. */
function kindOf({ call, keys: [key = ''] }: Write): string {
  const [, folder = ''] = /^((?:_igarape\/)?[^/]*)/.exec(key) ?? [];
  const [file = ''] = /_delta_log|_change_data|deletion_vector|part-/.exec(key) ?? [];
  return `${call} ${folder} ${file}`;
}

async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
    }),
  );
}
