import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Snapshot } from '../../../src/delta/log/snapshot.ts';
import { DeltaTable } from '../../../src/delta/table.ts';
import { Engine } from '../../../src/engine/engine.ts';
import { openMemoryStorage } from '../../../src/storage/memory.ts';
import { useTempDir } from '../../support/tmp.ts';

const dir = useTempDir();
const RUNS = Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 12);

const ACTS: readonly ((table: DeltaTable) => Promise<unknown>)[] = [
  (table) => table.append('SELECT i::INTEGER AS id FROM range(10, 13) t(i)'),
  (table) => table.delete('id % 2 = 0'),
  (table) =>
    table
      .merge('SELECT i::INTEGER AS id FROM range(2, 12, 3) t(i)', { on: ['id'] })
      .whenMatchedDelete()
      .whenNotMatchedInsertAll()
      .execute(),
  (table) => table.overwrite('SELECT i::INTEGER AS id FROM range(4) t(i)'),
  (table) =>
    table.append('SELECT 1::INTEGER AS id WHERE false', {
      app: { appId: 'drawn', version: 1n, isReset: true },
    }),
  (table) => table.setProperties({ drawn: 'yes' }),
  (table) => table.checkpoint(),
];

async function told(snapshot: Snapshot): Promise<unknown> {
  const files = (await snapshot.files()).map(({ path, deletionVector }) =>
    JSON.stringify([path, deletionVector]),
  );
  const { version, protocol, metadata, state } = snapshot;
  return {
    version,
    protocol,
    metadata,
    files: files.toSorted(),
    gone: [...state.tombstones.keys()].toSorted(),
    transactions: [...state.transactions],
    domains: [...state.domains],
  };
}

it('an open table that follows its log has the state that the whole log gives, and its older versions stay what they were', async () => {
  const engine = Engine.open({ memoryLimit: '1GB', spillDir: join(dir(), 'spill') });
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(ACTS.length - 1), fc.boolean()), { minLength: 1, maxLength: 26 }),
        async (drawn) => {
          const storage = openMemoryStorage();
          const options = { engine, workDir: dir() };
          const writer = await DeltaTable.create(storage, {
            ...options,
            rows: 'SELECT i::INTEGER AS id FROM range(10) t(i)',
          });
          const reader = await DeltaTable.open(storage, options);
          const seen = [await reader.snapshot()];
          const before = [await told(await reader.snapshot())];
          for (const [act, isRead] of drawn) {
            await ACTS[act]?.(writer);
            if (!isRead) continue;
            const now = await told(await reader.snapshot());
            expect(now).toEqual(await told(await (await DeltaTable.open(storage, options)).snapshot()));
            expect(now).toEqual(await told(await writer.snapshot()));
            seen.push(await reader.snapshot());
            before.push(now);
          }
          expect(await Promise.all(seen.map(told))).toEqual(before);
        },
      ),
      { numRuns: RUNS },
    );
  } finally {
    engine.close();
  }
});
