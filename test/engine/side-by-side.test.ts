import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IgarapeError } from '../../src/core/errors.ts';
import { Engine } from '../../src/engine/engine.ts';
import { sideBySide, type Workplace } from '../../src/engine/side-by-side.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();
const MEGABYTE = 1024 * 1024;

interface Item {
  readonly bytes: number;
  /** How its work ends, where the engine has a part of the memory, and else. */
  readonly shared: 'well' | 'ill' | 'full';
  readonly alone: 'well' | 'ill';
}

async function withPlace<T>(memoryLimit: string, work: (own: Omit<Workplace, 'isShared'>) => Promise<T>) {
  const engine = Engine.open({ memoryLimit, spillDir: dir() });
  try {
    return await work({ engine, folder: dir() });
  } finally {
    engine.close();
  }
}

const never = new AbortController().signal;

function full(): IgarapeError {
  return new IgarapeError('MEMORY_LIMIT', { quoted: 'It does not fit.' });
}

const item: fc.Arbitrary<Item> = fc.record({
  bytes: fc.constantFrom(0, 10, MEGABYTE, 100 * MEGABYTE),
  shared: fc.constantFrom('well', 'well', 'well', 'ill', 'full'),
  alone: fc.constantFrom('well', 'well', 'well', 'ill'),
});

describe('work that is done side by side', () => {
  test('resolves as work that is done one after the other, each at a place that no other has', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(item, { maxLength: 8 }), fc.nat({ max: 5 }), async (items, cores) =>
        withPlace('1GB', async (own) => {
          const taken = new Set<Engine>();
          const work = async ({ engine, isShared }: Workplace, one: Item): Promise<number> => {
            expect(taken.has(engine)).toBe(false);
            taken.add(engine);
            await engine.run('SELECT 1');
            taken.delete(engine);
            const how = isShared ? one.shared : one.alone;
            expect(isShared && one.bytes === 100 * MEGABYTE).toBe(false);
            if (how === 'full') throw full();
            if (how === 'ill') throw new Error(`${items.indexOf(one)}`);
            return items.indexOf(one);
          };
          const options = { bytesOf: ({ bytes }: Item) => bytes, signal: never, cores };
          const done = sideBySide(own, items, options, work);
          const found = await done.catch((error: unknown) => error);
          expect(taken.size).toBe(0);
          const failed = found instanceof Error ? items[Number(found.message)] : undefined;
          const isRight =
            failed === undefined
              ? JSON.stringify(found) === JSON.stringify([...items.keys()])
              : [failed.shared, failed.alone].includes('ill');
          expect({ found, isRight }).toMatchObject({ isRight: true });
        }),
      ),
      { numRuns: Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 20) },
    );
  });

  test('of several errors throws that of the first item', async () => {
    await withPlace('1GB', async (own) => {
      const options = { bytesOf: () => 1, signal: never, cores: 4 };
      const done = sideBySide(own, [3, 2, 1], options, async ({ engine }, statements) => {
        for (let left = statements; left > 0; left -= 1) await engine.run('SELECT 1');
        throw new Error(`of ${statements} statements`);
      });
      await expect(done).rejects.toThrow('of 3 statements');
    });
  });

  test('takes no more memory in all than the engine may, which has all of it afterwards', async () => {
    await withPlace('800MB', async (own) => {
      const before = await own.engine.memoryBytes();
      const limits = new Map<Engine, number>();
      await sideBySide(own, [1, 2, 3, 4, 5], { bytesOf: () => 1, signal: never, cores: 4 }, async (place) => {
        limits.set(place.engine, await place.engine.memoryBytes());
      });
      expect(limits.size).toBe(4);
      expect([...limits.values()].reduce((sum, bytes) => sum + bytes)).toBeLessThanOrEqual(before);
      // It tells its limit to a tenth of a megabyte or so.
      expect((await own.engine.memoryBytes()) / before).toBeCloseTo(1, 2);
    });
  });

  test.each([
    ['there is one core', '1GB', 1],
    ['there is little memory', '200MB', 4],
  ])('is done one after the other where %s', async (_, memoryLimit, cores) => {
    await withPlace(memoryLimit, async (own) => {
      const engines = new Set<Engine>();
      await sideBySide(own, [1, 2, 3], { bytesOf: () => 1, signal: never, cores }, async ({ engine }) => {
        engines.add(engine);
      });
      expect([...engines]).toEqual([own.engine]);
    });
  });

  test('is interrupted at every place by a stop', async () => {
    await withPlace('1GB', async (own) => {
      const stop = new AbortController();
      stop.signal.addEventListener('abort', () => own.engine.interrupt());
      let begun = 0;
      const done = sideBySide(
        own,
        [1, 2],
        { bytesOf: () => 1, signal: stop.signal, cores: 2 },
        async ({ engine }) => {
          begun += 1;
          const endless = engine.run(
            'SELECT sum(a.i * b.i) FROM range(100000000) a(i), range(100000000) b(i)',
          );
          if (begun === 2) stop.abort();
          await endless;
        },
      );
      await expect(done).rejects.toThrow(/stopped|interrupt/i);
      expect(begun).toBe(2);
    });
  });
});
