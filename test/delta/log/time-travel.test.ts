import { describe, expect, it } from 'vitest';
import { useTempDir } from '../../support/tmp.ts';
import { openTable } from '../disk.ts';
import { HandMade } from '../hand-made.ts';

const dir = useTempDir();
const HOUR_MS = 3_600_000;
const START = Date.parse('2024-01-31T00:00:00Z');

async function byFileTimes(...hours: readonly number[]): Promise<void> {
  const made = new HandMade(dir());
  const [first = 0, ...later] = hours.map((hour) => START + hour * HOUR_MS);
  await made.create({ a: 'long' }, { timeMs: first });
  for (const [index, time] of later.entries()) await made.commit(index + 1, [{ commitInfo: {} }], time);
}

describe('a version by time', () => {
  it('is the newest until then, in any way of writing times', async () => {
    await byFileTimes(0, 1, 2, 3);
    const table = await openTable(dir());
    const versionAt = async (at: string | Date): Promise<number> => (await table.snapshot(at)).version;
    expect(await versionAt('2024-01-31T02:00:00Z')).toBe(2);
    expect(await versionAt('2024-01-31 02:59:59.999')).toBe(2);
    expect(await versionAt('2024-01-31T00:30:00-01:00')).toBe(1);
    expect(await versionAt(new Date(START + 3 * HOUR_MS))).toBe(3);
    await expect(versionAt('2024-01-31T03:00:00.001Z')).rejects.toMatchObject({
      code: 'DELTA_VERSION',
      message: expect.stringContaining('is after its newest version, of 2024-01-31T03:00:00.000Z'),
    });
    await expect(versionAt('2001-01-01')).rejects.toThrow(/no version as old as 2001-01-01/);
    await expect(versionAt('next tuesday')).rejects.toThrow(/neither a version nor a time/);
  });

  it('rises with the version where the times of files do not', async () => {
    await byFileTimes(0, 5, 4, 4);
    const table = await openTable(dir());
    const times: number[] = [];
    for await (const { version, timestampMs } of table.history())
      if (version > 0) times.push(timestampMs - START);
    expect(times).toEqual([5 * HOUR_MS + 2, 5 * HOUR_MS + 1, 5 * HOUR_MS]);
  });
});

describe('in-commit timestamps', () => {
  it('count from the version on that enables them, and file times before', async () => {
    const made = new HandMade(dir());
    const protocol = { minReaderVersion: 1, minWriterVersion: 7, writerFeatures: ['inCommitTimestamp'] };
    const configuration = {
      'delta.enableInCommitTimestamps': 'true',
      'delta.inCommitTimestampEnablementVersion': '2',
      'delta.inCommitTimestampEnablementTimestamp': String(START + 10 * HOUR_MS),
    };
    await made.create({ a: 'long' }, { protocol, configuration, timeMs: START });
    await made.commit(1, [{ commitInfo: {} }], START + HOUR_MS);
    for (const version of [2, 3]) {
      await made.commit(
        version,
        [{ commitInfo: { inCommitTimestamp: START + (8 + version) * HOUR_MS } }],
        START,
      );
    }
    const table = await openTable(dir());
    const versionAt = async (hour: number): Promise<number> =>
      (await table.snapshot(new Date(START + hour * HOUR_MS))).version;
    expect(await versionAt(10)).toBe(2);
    expect(await versionAt(10.9)).toBe(2);
    expect(await versionAt(11)).toBe(3);
  });

  it('are missed where a commit has none', async () => {
    const made = new HandMade(dir());
    const protocol = { minReaderVersion: 1, minWriterVersion: 7, writerFeatures: ['inCommitTimestamp'] };
    await made.create(
      { a: 'long' },
      { protocol, configuration: { 'delta.enableInCommitTimestamps': 'true' } },
    );
    const table = await openTable(dir());
    await expect(table.snapshot('2024-01-31')).rejects.toThrow(
      /0\.json: the table has in-commit timestamps, and this commit has none/,
    );
  });
});
