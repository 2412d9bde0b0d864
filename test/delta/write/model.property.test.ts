import { array, assert, asyncProperty, boolean, constantFrom, record } from 'fast-check';
import { expect, it } from 'vitest';
import { asIgarapeError } from '../../../src/core/errors.ts';
import { DeltaTable } from '../../../src/delta/table.ts';
import { openMemoryStorage } from '../../../src/storage/memory.ts';
import { after, olderVersion, type Row, run, sqlOf, type Step, stepArbitrary, textsOf } from './steps.ts';
import { openWriter } from './table.ts';

const settings = record({
  vectors: boolean(),
  partitioned: boolean(),
  checkpointInterval: constantFrom('1', '3', '10'),
});

it(
  'holds what a model of the same steps holds, and tells every change of them',
  { timeout: 600_000 },
  async () => {
    const { storage: _storage, ...options } = await openWriter();
    await assert(
      asyncProperty(settings, array(stepArbitrary, { maxLength: 16 }), async (setting, steps) => {
        const storage = openMemoryStorage();
        let table = await DeltaTable.create(storage, {
          ...options,
          rows: sqlOf([]),
          partitionColumns: setting.partitioned ? ['part'] : [],
          configuration: {
            'delta.enableDeletionVectors': String(setting.vectors),
            'delta.checkpointInterval': setting.checkpointInterval,
            // By the clock here every commit is old.
            'delta.enableExpiredLogCleanup': 'false',
          },
        });
        const versions: (readonly Row[])[] = [[]];
        // Files of older versions may be gone.
        let oldestWhole = 0;
        for (const step of steps) {
          const before = versions.length - 1;
          const model = versions[before] ?? [];
          const mayMiss = step.act === 'restore' && olderVersion(before, step) < oldestWhole;
          const version = mayMiss ? await runIfWhole(table, step, model) : await run(table, step, model);
          if (step.act === 'reopen') table = await DeltaTable.open(storage, options);
          if (step.act === 'vacuum' && step.all) oldestWhole = before;
          const next = version === undefined ? model : after(versions, before, step);
          await expectRows(table, version ?? before, next);
          if ((version ?? before) > before) await expectChanges(table, before + 1, step, model, next);
          versions[version ?? before] = next;
          expect((await table.snapshot()).version).toBe(versions.length - 1);
        }
        const again = await DeltaTable.open(storage, options);
        for (const [version, rows] of versions.entries()) {
          if (version >= oldestWhole) await expectRows(again, version, rows);
        }
      }),
      { numRuns: Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 25) },
    );
  },
);

/** Undefined where the step failed because a file is gone. */
async function runIfWhole(table: DeltaTable, step: Step, model: readonly Row[]): Promise<number | undefined> {
  try {
    return await run(table, step, model);
  } catch (error) {
    if (asIgarapeError(error).code === 'DELTA_MISSING') return undefined;
    throw error;
  }
}

async function expectRows(table: DeltaTable, version: number, model: readonly Row[]): Promise<void> {
  for (const [where, holds] of CONDITIONS) {
    const rows = await table.read({ at: version, ...(where === undefined ? {} : { where }) });
    expect(textsOf(await rows.toArray())).toEqual(textsOf(model.filter(holds)));
    await rows.close();
  }
}

/** All rows, and some that files can be skipped for. */
const CONDITIONS: readonly [string | undefined, (row: Row) => boolean][] = [
  [undefined, () => true],
  [`id >= 6 AND part <> 'b'`, ({ id, part }) => id >= 6 && part !== 'b'],
  ['value IS NULL OR value > 3', ({ value }) => value === null || value > 3],
];

/**
 * What the feed takes away and adds leads from the one state to the other; unless the step writes all rows anew, no row
 * is told that stayed as it was.
 */
async function expectChanges(
  table: DeltaTable,
  version: number,
  step: Step,
  before: readonly Row[],
  next: readonly Row[],
): Promise<void> {
  const feed = await table.changes({ from: version, to: version });
  const changes = await feed.toArray();
  await feed.close();
  const gone = changes.filter(({ _change_type: type }) => type === 'delete' || type === 'update_preimage');
  const come = changes.filter(({ _change_type: type }) => type === 'insert' || type === 'update_postimage');
  expect(textsOf([...before, ...come])).toEqual(textsOf([...next, ...gone]));
  const left = new Set(WRITES_ALL.has(step.act) ? [] : textsOf(gone));
  expect(textsOf(come).filter((text) => left.has(text))).toEqual([]);
}

const WRITES_ALL = new Set<Step['act']>(['overwrite', 'replace part', 'restore']);
