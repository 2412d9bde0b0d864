import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTable } from '../../../src/delta/operations/create-table.ts';
import { listLog } from '../../../src/delta/log/segment.ts';
import { loadSnapshot } from '../../../src/delta/log/snapshot.ts';
import { openStorage } from '../../../src/storage/open.ts';
import type { StorageLocation } from '../../../src/storage/location.ts';
import { describeWith } from '../../support/external.ts';
import { S3_START_TIMEOUT_MS, type S3Server, seaweedfs } from '../../support/s3-server.ts';
import { useTempDir } from '../../support/tmp.ts';
import { writeInProcess } from './processes.ts';
import { openWriter, rowsBetween, tableRows } from './table.ts';

const dir = useTempDir();

/** `IGARAPE_WRITERS=5x3` is five writers of three commits each; the twenty of CI meet at every commit, of which they need few. */
const USUAL = process.env['CI'] === 'true' ? '20x4' : '20x10';
const [WRITERS = 0, COMMITS = 0] = (process.env['IGARAPE_WRITERS'] ?? USUAL).split('x').map(Number);

const TIMEOUT_MS = 600_000;

interface Appends {
  /** What the processes were told to have landed, `a row in a version`, each a commit. */
  readonly told: readonly string[];
  /** What the table holds. */
  readonly found: readonly string[];
}

/** Lets processes append a row a commit, side by side; every commit has to land. */
async function appendTogether(
  location: StorageLocation,
  env: Readonly<Record<string, string>>,
  writers: number,
  commits: number,
): Promise<Appends> {
  const writer = await openWriter(await openStorage(location, env));
  await createTable(writer, { rows: `SELECT 0 AS id WHERE false` });
  const outcomes = await Promise.all(
    Array.from({ length: writers }, async (_, number) => {
      const ids = Array.from({ length: commits }, (__, commit) => number * commits + commit);
      const appends = ids.map((id) => `SELECT ${id} AS id`);
      const { versions, reasons } = await writeInProcess({ location, env, appends });
      expect(reasons).toEqual([]);
      return ids.map((id, at) => ({ id, version: versions[at] }));
    }),
  );
  const told = outcomes.flat();
  const snapshot = await loadSnapshot(writer);
  const rows = await tableRows(writer, snapshot);
  expect(rows.map(({ id }) => id)).toEqual(told.map(({ id }) => id));
  const { commits: log } = await listLog(writer.storage);
  expect(log.map(({ version }) => version)).toEqual(Array.from({ length: told.length + 1 }, (_, at) => at));
  const feed = await rowsBetween(writer, 1, snapshot.version);
  return {
    told: told.map(({ id, version }) => `${id} in ${version}`).toSorted(),
    found: feed.map(({ id, _commit_version: at }) => `${Number(id)} in ${Number(at)}`).toSorted(),
  };
}

it('loses no append of many processes on one disk', { timeout: TIMEOUT_MS }, async () => {
  const location = { uri: join(dir(), 'table'), s3: {} };
  const { told, found } = await appendTogether(location, {}, WRITERS, COMMITS);
  expect(found).toEqual(told);
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

// Not versitygw: under load it may answer that a commit is there before it can be read.
describeWith(await seaweedfs(), 'a table on S3', (program) => {
  let server: S3Server;
  beforeAll(async () => {
    server = await program.start();
  }, S3_START_TIMEOUT_MS);
  afterAll(() => server.stop());

  it('loses no append of many processes', { timeout: TIMEOUT_MS }, async () => {
    const location = await server.bucket('together', 'table');
    const { told, found } = await appendTogether(location, server.env, WRITERS, COMMITS);
    expect(found).toEqual(told);
  });
});
