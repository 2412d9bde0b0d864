import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { LayerTables } from '../../../src/medallion/layer-tables.ts';
import { storageWithin } from '../../../src/storage/within.ts';
import { useLayers } from '../../support/layer-tables.ts';
import { useTempDir } from '../../support/tmp.ts';
import { applySteps, type Change, HISTORY, type Step, versions } from './scd2-history.ts';

const dir = useTempDir();
const openLayers = useLayers();

const value = fc.constantFrom('a', 'b', null);
const id = fc.integer({ min: 1, max: 4 });
/** How many seconds pass before a change: often none. */
const pause = fc.constantFrom(0, 0, 1, 3);
const drawnStep = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.array(fc.record({ op: fc.constantFrom('I', 'U', 'D'), id, v: value, pause }), {
      minLength: 1,
      maxLength: 6,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ pause, rows: fc.uniqueArray(fc.tuple(id, value), { selector: ([key]) => key }) }),
  },
);
/** Batches of steps; the first step of all is a full-load. */
const drawnBatches = fc.array(fc.array(drawnStep, { minLength: 1, maxLength: 3 }), {
  minLength: 1,
  maxLength: 5,
});

type Snapshot = ReadonlyMap<number, string | null>;

test('a history shows at every past time the snapshot that was the latest then, and its open versions the newest', async () => {
  const shared = await openLayers(dir());
  let histories = 0;
  await fc.assert(
    fc.asyncProperty(drawnBatches, async (batches) => {
      histories += 1;
      const folder = `lake-${histories}/`;
      const tables = new LayerTables({ ...shared.edge, storage: storageWithin(shared.edge.storage, folder) });
      const past: { at: number; rows: Snapshot }[] = [];
      let now = 10;
      let rows: Snapshot = new Map([[1, 'first']]);
      const tell = (at: number, next: Snapshot): void => {
        rows = next;
        past.push({ at, rows });
      };
      tell(now, rows);
      await applySteps(tables, 0, [{ kind: 'full-load', at: now, rows }]);
      for (const [index, batch] of batches.entries()) {
        const steps = batch.map((drawn): Step => {
          if (!Array.isArray(drawn)) {
            now += drawn.pause;
            tell(now, new Map(drawn.rows));
            return { kind: 'full-load', at: now, rows };
          }
          const changes = drawn.map(({ op, id: key, v, pause: wait }): Change => {
            now += wait;
            const next = new Map(rows);
            if (op === 'D') next.delete(key);
            else next.set(key, v);
            tell(now, next);
            return { op: op === 'I' ? 'I' : op === 'U' ? 'U' : 'D', id: key, v, at: now };
          });
          return { kind: 'changes', changes };
        });
        await applySteps(tables, index + 1, steps);
      }
      const delta = await tables.require(HISTORY);
      expect((await delta.snapshot()).version).toBe(batches.length);
      const found = (await versions(tables)).map((row) => ({
        ...row,
        to: row.to ?? Number.POSITIVE_INFINITY,
      }));
      const asOf = (at: number): unknown =>
        Object.fromEntries(
          found.filter(({ from, to }) => from <= at && at < to).map((row) => [row.id, row.v]),
        );
      for (let at = 9; at <= now + 1; at += 1) {
        const latest = past.findLast((snapshot) => snapshot.at <= at)?.rows ?? new Map();
        expect([at, asOf(at)]).toEqual([at, Object.fromEntries(latest)]);
      }
      expect(
        Object.fromEntries(found.filter(({ isCurrent }) => isCurrent).map((row) => [row.id, row.v])),
      ).toEqual(Object.fromEntries(rows));
      for (const [index, row] of found.entries()) {
        expect(row.isCurrent).toBe(row.to === Number.POSITIVE_INFINITY);
        expect(row.from).toBeLessThanOrEqual(row.to);
        const next = found[index + 1];
        const end = next?.id === row.id ? next.from : Number.POSITIVE_INFINITY;
        expect(row.to).toBeLessThanOrEqual(end);
      }
    }),
    { numRuns: 40 },
  );
}, 120_000);
