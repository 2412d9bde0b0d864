import { expect, it } from 'vitest';
import { quoteName } from '../../../src/engine/quote.ts';
import { KeyIndexes } from '../../../src/delta/keys/key-index.ts';
import { loadSnapshot } from '../../../src/delta/log/snapshot.ts';
import { AT } from '../../../src/delta/read/row-places.ts';
import { scanFiles } from '../../../src/delta/read/scan.ts';
import { DeltaTable } from '../../../src/delta/table.ts';
import { openLocalStorage } from '../../../src/storage/local.ts';
import { useTempDir } from '../../support/tmp.ts';
import { openDisk } from '../disk.ts';

const dir = useTempDir();

/** More than one part of an index has. */
const ROWS = 300_000;

const COLUMNS: Readonly<Record<string, string>> = {
  byte: 'CAST(i % 100 AS TINYINT)',
  long: 'i * 7919',
  text: `CASE WHEN i % 3 > 0 THEN 'k' || i END`,
  'a decimal': 'CAST(i / 4 AS DECIMAL(20,2))',
  day: `DATE '1900-01-01' + CAST(i % 70000 AS INTEGER)`,
  moment: `TIMESTAMP '2024-01-01' + to_milliseconds(i)`,
  instant: `TIMESTAMPTZ '2024-01-01 00:00:00Z' + to_milliseconds(i)`,
};
const KEYS = [...Object.keys(COLUMNS).map((name) => [name]), ['long', 'text'], ['byte', 'day', 'moment']];

it('an index has every row of its file by the hash of its key, but those whose key has a null', async () => {
  const columns = Object.entries(COLUMNS).map(([name, sql]) => `${sql} AS ${quoteName(name)}`);
  await (
    await DeltaTable.create(dir(), {
      rows: `SELECT ${columns.join(', ')} FROM range(${ROWS}) AS r(i)`,
    })
  ).close();
  const disk = await openDisk(openLocalStorage(dir()));
  const snapshot = await loadSnapshot(disk);
  const [file] = await snapshot.files();
  if (file === undefined) throw new Error('The table has no file.');
  const { sql } = await scanFiles(disk, snapshot, [file], { positions: true });
  for (const key of KEYS) {
    const fields = snapshot.schema.fields.filter(({ name }) => key.includes(name));
    const indexes = new KeyIndexes(disk, snapshot, fields);
    const hash = indexes.hashSql(({ name }) => quoteName(name));
    const picked = await disk.engine.rows(
      `SELECT DISTINCT ${hash} AS h FROM (${sql}) WHERE ${AT.row} % 7001 = 5`,
    );
    const hashes = picked.flatMap(({ h }) => (h === null ? [] : [Number(h)]));
    expect((await indexes.find([file], hashes)).size).toBe(0);
    await indexes.write(file);
    const expected = await disk.engine.rows(
      `SELECT ${AT.row} AS row FROM (${sql}) WHERE ${hash} IN (${hashes.join(', ')}) ORDER BY row`,
    );
    expect(expected.length).toBeGreaterThanOrEqual(hashes.length);
    const found = (await indexes.find([file], hashes)).get(file) ?? [];
    expect(found.toSorted((a, b) => a - b)).toEqual(expected.map(({ row }) => Number(row)));
    expect((await indexes.find([file], [])).get(file)).toEqual([]);
    expect((await indexes.find([{ ...file, sizeBytes: file.sizeBytes + 1 }], hashes)).size).toBe(0);
  }
});
