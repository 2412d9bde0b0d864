import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTable } from '../../../src/delta/create-table.ts';
import { loadSnapshot } from '../../../src/delta/snapshot.ts';
import { openStorage } from '../../../src/storage/open.ts';
import type { StorageLocation } from '../../../src/storage/location.ts';
import { describeWith } from '../../support/external.ts';
import { S3_START_TIMEOUT_MS, type S3Server, seaweedfs } from '../../support/s3-server.ts';
import { useTempDir } from '../../support/tmp.ts';
import { writeInProcess } from './processes.ts';
import { openWriter, tableRows } from './table.ts';

const dir = useTempDir();

/** `IGARAPE_WRITERS=20x10` is twenty writers of ten commits each. */
const [WRITERS = 0, COMMITS = 0] = (process.env['IGARAPE_WRITERS'] ?? '10x5').split('x').map(Number);

const TIMEOUT_MS = 600_000;

/** Lets processes append, and resolves the ids that the table has afterwards. */
async function idsAfterAppends(
  location: StorageLocation,
  env: Readonly<Record<string, string>>,
  writers: number,
  commits: number,
): Promise<unknown[]> {
  const writer = await openWriter(await openStorage(location, env));
  await createTable(writer, { rows: `SELECT -1 AS id, 0 AS writer` });
  const numbers = Array.from({ length: writers }, (_, number) => number);
  const results = await Promise.all(
    numbers.map(async (number) =>
      writeInProcess({
        location,
        env,
        appends: Array.from(
          { length: commits },
          (_, commit) => `SELECT ${number * commits + commit} AS id, ${number} AS writer`,
        ),
      }),
    ),
  );
  expect(results.flatMap(({ outcomes }) => outcomes)).toEqual(
    Array.from({ length: writers * commits }, () => 'committed'),
  );
  const snapshot = await loadSnapshot(writer);
  expect(snapshot.version).toBe(writers * commits);
  const rows = await tableRows(writer, snapshot);
  return rows.map(({ id }) => id);
}

function idsUpTo(count: number): number[] {
  return Array.from({ length: count + 1 }, (_, index) => index - 1);
}

it('loses no append of several processes on one disk', { timeout: TIMEOUT_MS }, async () => {
  const ids = await idsAfterAppends({ uri: join(dir(), 'table'), s3: {} }, {}, WRITERS, COMMITS);
  expect(ids).toEqual(idsUpTo(WRITERS * COMMITS));
});

it('lets merges of several processes land or fail loudly', { timeout: TIMEOUT_MS }, async () => {
  const location = { uri: join(dir(), 'table'), s3: {} };
  const writer = await openWriter(await openStorage(location));
  await createTable(writer, { rows: `SELECT i::INTEGER AS id, 'old' AS name FROM range(4) t(i)` });
  const results = await Promise.all(
    [0, 1, 2, 3].map(async (id) => ({
      id,
      ...(await writeInProcess({ location, merges: [`SELECT ${id} AS id, 'new' AS name`] })),
    })),
  );
  const rows = await tableRows(writer, await loadSnapshot(writer));
  for (const { id, outcomes } of results) {
    expect(['committed', 'DELTA_CONFLICT']).toContain(outcomes[0]);
    expect(rows).toContainEqual({ id, name: outcomes[0] === 'committed' ? 'new' : 'old' });
  }
  expect(rows).toHaveLength(4);
});

describeWith(await seaweedfs(), 'a table on S3', (program) => {
  let server: S3Server;
  beforeAll(async () => {
    server = await program.start();
  }, S3_START_TIMEOUT_MS);
  afterAll(() => server.stop());

  it('loses no append of several processes', { timeout: TIMEOUT_MS }, async () => {
    const ids = await idsAfterAppends(await server.bucket('together', 'table'), server.env, 5, 3);
    expect(ids).toEqual(idsUpTo(15));
  });
});
