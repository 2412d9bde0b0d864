import { describe, expect, test } from 'vitest';
import { JOURNAL } from '../../src/lake/layout.ts';
import type { Scenario } from '../support/scenario.ts';
import type { Write } from '../support/wrapped-storage.ts';
import { runAndDie } from './death.ts';
import {
  expectKept,
  expectTidy,
  type Lake,
  openLake,
  type Place,
  visibleFiles,
  visibleRows,
  writeFiles,
} from './lakes.ts';
import { STORIES, type Story } from './stories.ts';

/**
 * How densely the writes of a run are tried: 1 is every write, 2 every second one; `IGARAPE_FAULTS_STEP` and
 * `IGARAPE_FAULTS_OFFSET` choose. To die after a write leaves what dying before the next one does, so unless
 * `IGARAPE_FAULTS=all` a process dies after the last write only.
 */
const STEP = Number(process.env['IGARAPE_FAULTS_STEP'] ?? 1);
const ALL = process.env['IGARAPE_FAULTS'] === 'all';
const AT_ONCE = 2;
const TIMEOUT_MS = 600_000;

interface Prepared {
  /** The lake with its past, and the files of the run that is to be disturbed. */
  readonly lake: Lake;
  readonly writes: readonly Write[];
  /** What the lake shows after that run, and after the next, where nothing disturbs them. */
  readonly rows: readonly string[];
  readonly nextRows: readonly string[];
}

/**
 * The tests of promise 2 for lakes in one place: nothing is lost and nothing there twice, wherever a run stops.
 *
 * @param errors Whether an error of the store comes before and after each write; or by turns, where that is tried elsewhere.
 */
export function itSurvives(place: () => Place, errors: 'both' | 'by turns' = 'both'): void {
  describe.each(STORIES)('$name', (story) => {
    let prepared: Promise<Prepared> | undefined;
    const prepare = (): Promise<Prepared> => (prepared ??= prepareStory(place(), story));

    test(
      'survives SIGKILL at every write',
      async () => {
        const { lake, writes } = await prepare();
        const deaths = writes.map((_, index) => ({ write: index + 1, moment: 'before' as const }));
        const late = writes.map((_, index) => ({ write: index + 1, moment: 'after' as const }));
        await each([...deaths, ...(ALL ? late : late.slice(-1))], async ({ write, moment }) => {
          const name = `${lakeName(story)}-kill-${moment}-${write}`;
          const copy = await place().copy(lake, name);
          expect(await runAndDie({ lake: copy, write, moment }), `dies ${moment} write ${write}`).toBe(
            'SIGKILL',
          );
          await expectRecovery(copy, story, await prepare(), `killed ${moment} write ${write}`);
        });
        // One write more than were counted: then the run comes to its end, so none is left out.
        const beyond = await place().copy(lake, `${lakeName(story)}-kill-beyond`);
        expect(await runAndDie({ lake: beyond, write: writes.length + 1, moment: 'before' })).toBeNull();
      },
      TIMEOUT_MS,
    );

    test(
      'survives an error of the store before and after every write',
      async () => {
        const { lake, writes } = await prepare();
        const faults = writes.flatMap((_, index) =>
          (['before', 'after'] as const)
            .filter((__, at) => ALL || errors === 'both' || at === index % 2)
            .map((moment) => ({ write: index + 1, moment })),
        );
        await each(faults, async ({ write, moment }) => {
          const copy = await place().copy(lake, `${lakeName(story)}-error-${moment}-${write}`);
          // Tables that are worked on side by side write at the same time.
          const begun: Write[] = [];
          let failed: Write | undefined;
          const fail = (now: string, here: Write): void => {
            if (now === 'before') begun.push(here);
            if (now !== moment || begun.indexOf(here) + 1 !== write) return;
            failed = here;
            throw new Error(`injected ${moment} write ${write}`);
          };
          const scenario = await openLake(copy, {
            before: (here) => fail('before', here),
            after: (here) => fail('after', here),
          });
          const trouble = await troubleOf(scenario);
          // A run that the journal does not have is a run all the same.
          const isOfJournal = failed?.keys[0]?.startsWith(JOURNAL) ?? false;
          expect(trouble.trim()).toMatch(isOfJournal ? /^$/ : /injected|Another run has committed/);
          await expectRecovery(copy, story, await prepare(), `failed ${moment} write ${write}`);
        });
      },
      TIMEOUT_MS,
    );
  });
}

/** What a run says of an error of the store: of a table that it was staging, or of itself. */
async function troubleOf(scenario: Pick<Scenario, 'run'>): Promise<string> {
  try {
    const { report } = await scenario.run();
    return Object.values(report.tables)
      .map(({ reason = '' }) => reason)
      .join('\n');
  } catch (error) {
    return String(error);
  }
}

async function prepareStory(place: Place, story: Story): Promise<Prepared> {
  const name = lakeName(story);
  const lake = await place.create(name);
  const scenario = await openLake(lake);
  for (const files of story.past) {
    await writeFiles(scenario, files);
    expect((await scenario.run()).exitCode).toBe(0);
  }
  await writeFiles(scenario, story.disturbed);
  const calm = await place.copy(lake, `${name}-calm`);
  const writes: Write[] = [];
  const undisturbed = await openLake(calm, { before: (write) => void writes.push(write) });
  const { report } = await undisturbed.run();
  expect(Object.values(report.tables).map(({ operation }) => operation)).not.toContain('failed');
  const counted = [...writes];
  const rows = await visibleRows(undisturbed);
  await writeFiles(undisturbed, story.next);
  await undisturbed.run();
  await expectTidy(undisturbed);
  return { lake, writes: counted, rows, nextRows: await visibleRows(undisturbed) };
}

async function expectRecovery(
  lake: Lake,
  story: Story,
  { rows, nextRows }: Prepared,
  what: string,
): Promise<void> {
  const scenario = await openLake(lake);
  const left = await visibleFiles(scenario);
  expect((await scenario.run()).exitCode, what).toBe(0);
  const finished = await visibleFiles(scenario);
  expectKept(left, finished);
  expect(await visibleRows(scenario), what).toEqual(rows);
  await writeFiles(scenario, story.next);
  expect((await scenario.run()).report.run, what).not.toBeNull();
  expectKept(finished, await visibleFiles(scenario));
  expect(await visibleRows(scenario), what).toEqual(nextRows);
  await expectTidy(scenario);
}

function lakeName(story: Story): string {
  return story.name.replaceAll(' ', '-');
}

async function each<T>(list: readonly T[], step: (item: T) => Promise<void>): Promise<void> {
  const left = list.filter((_, index) => index % STEP === 0);
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let item = left.shift(); item !== undefined; item = left.shift()) await step(item);
    }),
  );
}
