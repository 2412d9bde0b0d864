import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createTable } from '../../../src/delta/operations/create-table.ts';
import { loadSnapshot } from '../../../src/delta/log/snapshot.ts';
import { appendRows } from '../../../src/delta/operations/write-table.ts';
import { openLocalStorage } from '../../../src/storage/local.ts';
import { useTempDir } from '../../support/tmp.ts';
import { writeInProcess, type WriteOrder } from '../write/processes.ts';
import { openWriter, tableRows } from '../write/table.ts';

const dir = useTempDir();

const SOURCE = `SELECT 1 AS id, 'gone' AS name UNION ALL SELECT 2, 'new' UNION ALL SELECT 9, 'more'`;

const BEFORE = [
  { id: 0, name: 'z' },
  { id: 1, name: 'a' },
  { id: 2, name: 'b' },
  { id: 3, name: 'c' },
];
const AFTER = [
  { id: 0, name: 'z' },
  { id: 2, name: 'new' },
  { id: 3, name: 'c' },
  { id: 9, name: 'more' },
];

it.for(['true', 'false'])(
  'leaves the old version or the new one, at whichever write a merge is killed (deletion vectors: %s)',
  { timeout: 300_000 },
  async (vectors) => {
    const original = join(dir(), 'original');
    const first = await openWriter(openLocalStorage(original));
    await createTable(first, {
      rows: `SELECT * FROM (VALUES (0, 'z'), (1, 'a'), (2, 'b')) AS v(id, name)`,
      configuration: { 'delta.enableDeletionVectors': vectors, 'delta.checkpointInterval': '2' },
    });
    await appendRows(first, await loadSnapshot(first), `SELECT 3 AS id, 'c' AS name`);
    const order = async (name: string, death?: WriteOrder['death']): Promise<WriteOrder> => {
      await cp(original, join(dir(), name), { recursive: true });
      const location = { uri: join(dir(), name), s3: {} };
      return { location, merges: [SOURCE], ...(death === undefined ? {} : { death }) };
    };
    const whole = await writeInProcess(await order('whole'));
    // New rows, the feed, what is deleted, the commit, a checkpoint, and the hint at it.
    expect(whole).toMatchObject({ outcomes: ['committed'], writes: 6 });
    for (let write = 1; write <= whole.writes; write += 1) {
      for (const moment of ['before', 'after'] as const) {
        const name = `${write}-${moment}`;
        const { signal } = await writeInProcess(await order(name, { write, moment }));
        expect(signal).toBe('SIGKILL');
        const writer = await openWriter(openLocalStorage(join(dir(), name)));
        const snapshot = await loadSnapshot(writer);
        expect(await tableRows(writer, snapshot)).toEqual(snapshot.version === 1 ? BEFORE : AFTER);
        const isCommitted = write > 4 || (write === 4 && moment === 'after');
        expect([name, snapshot.version]).toEqual([name, isCommitted ? 2 : 1]);
        const again = await writeInProcess({
          location: { uri: join(dir(), name), s3: {} },
          merges: [SOURCE],
        });
        expect(again.outcomes).toEqual(['committed']);
        expect(await tableRows(writer, await loadSnapshot(writer))).toEqual(AFTER);
      }
    }
  },
);
