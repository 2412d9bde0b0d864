import { describe, expect, test } from 'vitest';
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
import { runTogether } from './together.ts';

const TIMEOUT_MS = 300_000;

/** The tests of promise 3 for lakes in one place: of two runs at once one commits, and the other publishes nothing. */
export function itHasOneWriter(place: () => Place): void {
  describe.each(STORIES.slice(0, 2))('$name', (story) => {
    test(
      'of two processes that commit at the same moment one does, and the other ends with CONFLICT',
      async () => {
        const { lake, calm } = await prepare(place(), story, 'commit');
        const outcomes = await runTogether(lake, 'commit');
        expect(outcomes.filter(({ run }) => run === story.past.length)).toHaveLength(1);
        expect(outcomes.find(({ code }) => code !== undefined)).toMatchObject({
          code: 'CONFLICT',
          exitCode: 6,
        });
        await expectCalm(lake, story, calm);
      },
      TIMEOUT_MS,
    );

    test(
      'of two processes that start at the same moment on one work_dir one commits, and the other publishes nothing',
      async () => {
        const { lake, calm } = await prepare(place(), story, 'start');
        const outcomes = await runTogether(lake, 'start', {}, ['work', 'work']);
        expect(outcomes.filter(({ run }) => run === story.past.length)).toHaveLength(1);
        const other = outcomes.find(({ run }) => run !== story.past.length);
        // One that looks only after the other has committed finds nothing to do.
        expect(other?.run === null || other?.exitCode === 6, JSON.stringify(other)).toBe(true);
        await expectCalm(lake, story, calm);
      },
      TIMEOUT_MS,
    );

    test(
      'a run that is held up at any write until another has committed ends with CONFLICT and loses nothing',
      async () => {
        const { lake, calm } = await prepare(place(), story, 'held');
        const calls = calm.writesUntilCommit;
        for (let write = 1; write <= calls; write += 1) {
          const copy = await place().copy(lake, `${lakeName(story)}-held-${write}`);
          let count = 0;
          let quick: number | null = null;
          const slow = await openLake(copy, {
            before: async () => {
              count += 1;
              if (count === write) quick = (await (await openLake(copy)).run()).report.run;
            },
          });
          const held = slow.run();
          await expect(held, `before write ${write}`).rejects.toMatchObject({
            code: 'CONFLICT',
            exitCode: 6,
          });
          expect(quick).toBe(story.past.length);
          await expectCalm(copy, story, calm);
        }
      },
      TIMEOUT_MS,
    );
  });
}

interface Calm {
  readonly rows: readonly string[];
  readonly nextRows: readonly string[];
  readonly writesUntilCommit: number;
}

async function prepare(place: Place, story: Story, what: string): Promise<{ lake: Lake; calm: Calm }> {
  const name = `${lakeName(story)}-together-${what}`;
  const lake = await place.create(name);
  const scenario = await openLake(lake);
  for (const files of story.past) {
    await writeFiles(scenario, files);
    await scenario.run();
  }
  await writeFiles(scenario, story.disturbed);
  let writes = 0;
  let writesUntilCommit = 0;
  const calm = await openLake(await place.copy(lake, `${name}-calm`), {
    before: ({ keys }) => {
      writes += 1;
      if (writesUntilCommit === 0 && keys.some((key) => key.startsWith('_igarape/ledger/')))
        writesUntilCommit = writes;
    },
  });
  await calm.run();
  const rows = await visibleRows(calm);
  await writeFiles(calm, story.next);
  await calm.run();
  return { lake, calm: { rows, nextRows: await visibleRows(calm), writesUntilCommit } };
}

/** Whatever the two have done, the lake goes on as if one had run alone. */
async function expectCalm(lake: Lake, story: Story, calm: Calm): Promise<void> {
  const scenario = await openLake(lake);
  const seen = await visibleFiles(scenario);
  await scenario.run();
  expect(await visibleRows(scenario)).toEqual(calm.rows);
  await writeFiles(scenario, story.next);
  await scenario.run();
  expectKept(seen, await visibleFiles(scenario));
  expect(await visibleRows(scenario)).toEqual(calm.nextRows);
  await expectTidy(scenario);
}

function lakeName(story: Story): string {
  return story.name.replaceAll(' ', '-');
}
