import { copyFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { useTempDir } from '../../support/tmp.ts';
import type { WriteListeners } from '../../support/wrapped-storage.ts';
import { type Change, ForeignLake, TABLE } from './foreign-lake.ts';

const dir = useTempDir();

const OPERATIONS = ['I', 'U', 'D', 'I', 'U', 'D', 'i', ' d ', 'X', null];
const drawnChange: fc.Arbitrary<Change> = fc.record({
  op: fc.constantFrom(...OPERATIONS),
  id: fc.constantFrom(1, 2, 3, 1, 2, 3, null),
  v: fc.constantFrom('a', 'b', null),
  ts: fc.constantFrom(1, 2, 3, 4, null),
});
const drawnFile = fc.record({
  name: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'é', 'Z', 'x/a', 'x/d').map((name) => `${name}.parquet`),
  changes: fc.array(drawnChange, { maxLength: 5 }),
});
const drawnStep = fc.oneof(
  /** New files, or files written anew, in this order. */
  {
    weight: 3,
    arbitrary: fc.record({
      act: fc.constant('deliver' as const),
      files: fc.array(drawnFile, { maxLength: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ act: fc.constantFrom('copy' as const, 'touch' as const), nth: fc.nat(5) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ act: fc.constant('run' as const), maxFiles: fc.constantFrom(1, 2, undefined) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ act: fc.constant('killed' as const), write: fc.integer({ min: 1, max: 10 }) }),
  },
);

/** What bronze should be: of every key the change that is the last by (order, file, row) of all that was read. */
class Model {
  readonly #last = new Map<number, Change & { file: string; row: number }>();
  /** Files that were delivered and not read since, oldest first. */
  readonly pending = new Map<string, readonly Change[]>();
  readonly delivered = new Map<string, readonly Change[]>();

  deliver(name: string, changes: readonly Change[]): void {
    this.pending.delete(name);
    this.pending.set(name, changes);
    this.delivered.set(name, changes);
  }

  read(most: number): void {
    for (const [file, changes] of [...this.pending].slice(0, most)) {
      this.pending.delete(file);
      for (const [row, change] of changes.entries()) this.#take({ ...change, file, row });
    }
  }

  #take(change: Change & { file: string; row: number }): void {
    const op = change.op?.trim().toUpperCase();
    if (change.id === null || op === undefined || !'IUD'.includes(op)) return;
    const known = this.#last.get(change.id);
    if (known === undefined || compare(change, known) >= 0) this.#last.set(change.id, { ...change, op });
  }

  rows(): object[] {
    return [...this.#last.values()]
      .filter(({ op }) => op !== 'D')
      .map(({ id, v, ts }) => ({ id: BigInt(id ?? 0), v, ts: ts === null ? null : BigInt(ts) }))
      .toSorted((left, right) => (left.id < right.id ? -1 : 1));
  }
}

type Place = Pick<Change, 'ts'> & { readonly file: string; readonly row: number };

function compare(left: Place, right: Place): number {
  const order = (left.ts ?? Number.NEGATIVE_INFINITY) - (right.ts ?? Number.NEGATIVE_INFINITY);
  if (left.ts !== right.ts) return order;
  return (
    compareText(posix.basename(left.file), posix.basename(right.file)) ||
    compareText(left.file, right.file) ||
    left.row - right.row
  );
}

function compareText(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

function dieAt(write: number): WriteListeners {
  let writes = 0;
  return {
    before: () => {
      writes += 1;
      if (writes === write) throw new Error('injected');
    },
  };
}

async function batches(lake: ForeignLake): Promise<number> {
  return (await lake.keys(`_igarape/bronze/${TABLE}/batches/`)).length;
}

type Step = typeof drawnStep extends fc.Arbitrary<infer T> ? T : never;

/** What there is to compare after a step. */
interface Outcome {
  readonly found: unknown;
  readonly expected: unknown;
}

const NOTHING: Outcome = { found: undefined, expected: undefined };

async function play(step: Step, lake: ForeignLake, model: Model): Promise<Outcome> {
  switch (step.act) {
    case 'deliver':
      for (const { name, changes } of step.files) {
        await lake.writeChanges(name, changes);
        model.deliver(name, changes);
      }
      return NOTHING;
    case 'copy':
    case 'touch': {
      const names = [...model.delivered.keys()];
      const name = names[step.nth % Math.max(1, names.length)];
      if (name === undefined) return NOTHING;
      const other = step.act === 'copy' ? name.replace('.parquet', ' copy.parquet') : name;
      if (step.act === 'copy') await copyFile(lake.path(name), lake.path(other));
      await lake.touch(other);
      model.deliver(other, model.delivered.get(name) ?? []);
      return NOTHING;
    }
    case 'killed': {
      const before = await batches(lake);
      const end = lake.run({ listeners: dieAt(step.write) }).then(() => 'injected');
      const found = await end.catch(messageOf);
      // What it has committed counts from the next run on.
      if ((await batches(lake)) > before) model.read(Number.POSITIVE_INFINITY);
      return { found, expected: 'injected' };
    }
    case 'run': {
      const { maxFiles } = step;
      const { operation } = await lake.run(maxFiles === undefined ? {} : { maxFiles });
      model.read(maxFiles ?? Number.POSITIVE_INFINITY);
      const found = { rows: await lake.rows(['id', 'v', 'ts']), isRebuilt: operation === 'rebuilt' };
      return { found, expected: { rows: model.rows(), isRebuilt: false } };
    }
    default:
      return step satisfies never;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

test('bronze is the last change of every key over what was read, however files are cut, delivered, repeated, renamed and runs killed', async () => {
  let histories = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(drawnStep, { minLength: 2, maxLength: 9 }), async (steps) => {
      histories += 1;
      const lake = await ForeignLake.open(join(dir(), String(histories)));
      const model = new Model();
      for (const step of [...steps, { act: 'run', maxFiles: undefined } as const]) {
        const { found, expected } = await play(step, lake, model);
        expect(found).toEqual(expected);
      }
    }),
    { numRuns: 25 },
  );
}, 240_000);
