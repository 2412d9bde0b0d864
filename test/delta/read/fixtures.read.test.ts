import { describe, expect, it } from 'vitest';
import { DeltaTable } from '../../../src/delta/table.ts';
import { quoteName, quoteText } from '../../../src/engine/quote.ts';
import { openTable } from '../disk.ts';
import {
  areFixturesHere,
  expectations,
  fixture,
  REFUSED,
  STATES,
  tablesWithoutRows,
  TOLD,
} from '../fixtures.ts';

const NOT_HERE = 'the tables of other engines are not beside this project';

describe.skipIf(!areFixturesHere)(`tables of other engines (skipped where ${NOT_HERE})`, () => {
  it.each(expectations())(
    '$name reads as its writer read it',
    async ({ name, table: folder, version, rows }) => {
      const table = await openTable(folder, TOLD[name] ?? {});
      const read = await table.read(version === undefined ? {} : { at: version });
      const columns = read.columns.map((column) => quoteName(column.name));
      const expected = `FROM read_parquet(${quoteText(rows)}, hive_partitioning = false)`;
      const written = await table.engine.describe(`SELECT * ${expected}`);
      expect(read.columns.map((column) => column.name)).toEqual(written.map((column) => column.name));
      const typed = read.columns.map(
        (column, index) => `CAST(${columns[index]} AS ${column.type}) AS ${columns[index]}`,
      );
      const difference = await table.engine.rows(`
      SELECT 'ours' AS side, * FROM (SELECT * FROM (${read.sql}) EXCEPT ALL SELECT ${typed.join(', ')} ${expected})
      UNION ALL
      SELECT 'theirs' AS side, * FROM (SELECT ${typed.join(', ')} ${expected} EXCEPT ALL SELECT * FROM (${read.sql}))`);
      expect(difference).toEqual([]);
    },
  );

  it.each(Object.entries(STATES))('%s has the files and rows that are live', async (name, state) => {
    const table = await openTable(fixture(name));
    const snapshot = await table.snapshot();
    const read = await table.read();
    expect({
      version: snapshot.version,
      files: snapshot.fileCount,
      rows: (await read.toArray()).length,
      ...(snapshot.segment.checkpoint === undefined
        ? {}
        : { checkpoint: snapshot.segment.checkpoint.version }),
    }).toEqual(state);
  });

  it.each(Object.entries(REFUSED))('%s is refused', async (name, error) => {
    await expect(DeltaTable.open(fixture(name))).rejects.toMatchObject({
      code: error.code,
      message: expect.stringMatching(error.message),
    });
  });

  it('none is left out', () => {
    expect(tablesWithoutRows().toSorted()).toEqual(
      [...Object.keys(REFUSED), ...Object.keys(STATES)].toSorted(),
    );
  });
});
