import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import sqlite from 'node-sqlite3-wasm';
import { describe, expect, test } from 'vitest';
import type { TableReport } from '../../src/lake/ledger-entry.ts';
import { databaseOf } from '../support/database.ts';
import { zipOf } from '../support/archives.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

function open(table: object = {}): Scenario {
  return openScenario(dir(), { tables: [{ name: 't', pk: 'id', ...table }] });
}

async function publish(bytes: Uint8Array, table: object = {}): Promise<TableReport> {
  const scenario = open(table);
  await scenario.write('t.sqlite', bytes);
  return scenario.runTable('t', { reload: ['t'] });
}

const TABLE = 'CREATE TABLE t (id INTEGER PRIMARY KEY, v)';

describe('a SQLite database', () => {
  test('gives what it has stored, whatever its columns declare', async () => {
    const bytes = await databaseOf(
      'CREATE TABLE t (id INTEGER, big INTEGER, real REAL, code TEXT, mixed, bytes BLOB, "odd ""name" INT, twice GENERATED ALWAYS AS (id * 2), PRIMARY KEY (id)) WITHOUT ROWID',
      `INSERT INTO t VALUES (1, 9223372036854775807, 5.0, '007', 5, x'00ff', 'text in an INT')`,
      `INSERT INTO t VALUES (2, -9007199254740993, 0.1, '1.50', 'a', NULL, 3)`,
    );
    const scenario = open();
    await scenario.write('t.sqlite', bytes);
    expect(await scenario.runTable('t')).toMatchObject({ operation: 'full-load', inserted: 2 });
    expect(
      (await scenario.rows('full-load/t.parquet')).toSorted((a, b) => Number(a['id']) - Number(b['id'])),
    ).toEqual([
      {
        id: '1',
        big: '9223372036854775807',
        real: '5.0',
        code: '007',
        mixed: '5',
        bytes: 'AP8=',
        'odd "name': 'text in an INT',
        twice: '2',
      },
      {
        id: '2',
        big: '-9007199254740993',
        real: '0.1',
        code: '1.50',
        mixed: 'a',
        bytes: null,
        'odd "name': '3',
        twice: '4',
      },
    ]);
    expect(await scenario.columns('full-load/t.parquet')).toMatchObject({
      big: 'BIGINT',
      real: 'DOUBLE',
      code: 'VARCHAR',
    });
    expect(await readdir(join(dir(), 'source'))).toEqual(['t.sqlite']);
  });

  test('gives values of every kind in as many columns as SQLite has', async () => {
    const values: readonly (readonly [sql: string, cell: string | null])[] = [
      ['7', '7'],
      ['-0.0', '-0.0'],
      ['1e300', '1e+300'],
      ["'x00'", 'x00'],
      ["x'00'", 'AA=='],
      ["''", ''],
      ['NULL', null],
    ];
    const kindOf = (column: number): (typeof values)[number] =>
      values[column % values.length] ?? ['NULL', null];
    const columns = Array.from({ length: 1999 }, (_, column) => column);
    const bytes = await databaseOf(
      `CREATE TABLE t (id, ${columns.map((column) => `c${column}`).join()})`,
      `INSERT INTO t VALUES (1, ${columns.map((column) => kindOf(column)[0]).join()})`,
    );
    const types = Object.fromEntries(columns.map((column) => [`c${column}`, 'text']));
    const scenario = open({ types });
    await scenario.write('t.sqlite', bytes);
    expect(await scenario.runTable('t')).toMatchObject({ operation: 'full-load', inserted: 1 });
    expect(await scenario.rows('full-load/t.parquet')).toEqual([
      { id: '1', ...Object.fromEntries(columns.map((column) => [`c${column}`, kindOf(column)[1]])) },
    ]);
  });

  test('gives drawn texts as they are', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.constantFrom('a\0b', '\0', '\uFEFFa', `\uFEFF${'long '.repeat(9)}`, '', 'ção', '😀'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 8 }), async (texts) => {
        const path = join(dir(), `drawn-${Math.random()}.db`);
        const database = new sqlite.Database(path);
        database.exec(TABLE);
        // As bytes: SQLite's own functions end texts at a NUL.
        for (const [id, v] of texts.entries())
          database.run('INSERT INTO t VALUES (?, CAST(? AS TEXT))', [id, Buffer.from(v)]);
        database.close();
        const scenario = open({ types: { v: 'text' } });
        await scenario.write('t.sqlite', await readFile(path));
        expect(await scenario.runTable('t', { reload: ['t'] })).toMatchObject({ inserted: texts.length });
        const rows = await scenario.query('SELECT v FROM t ORDER BY id');
        expect(rows.map(({ v }) => v)).toEqual(texts);
      }),
      { numRuns: Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 5) },
    );
  });

  test.each([
    ['of latin-1', 'c3'],
    ['of latin-1, and long', `${'61'.repeat(40)}e76f`],
    ['of half a character', 'eda080'],
    ['that is cut off', 'f09f98'],
  ])('refuses a text that is none, %s, with its row and column', async (_what, hex) => {
    const report = await publish(
      await databaseOf(TABLE, `INSERT INTO t VALUES (1, 'a'), (2, CAST(x'${hex}' AS TEXT))`),
    );
    expect(report.reason).toContain('the text of the column "v" in row 2 is no UTF-8');
  });

  test('gives a view, the table that is asked for, or the only one', async () => {
    const bytes = await databaseOf(
      'CREATE TABLE a (id)',
      'INSERT INTO a VALUES (1), (2)',
      'CREATE VIEW b AS SELECT id FROM a WHERE id > 1',
    );
    expect(await publish(bytes, { table: 'b' })).toMatchObject({ inserted: 1 });
    expect((await publish(bytes, { table: 'c' })).reason).toContain('it has no table "c": it has "a", "b"');
    const one = await databaseOf('CREATE TABLE whatever (id)', 'INSERT INTO whatever VALUES (1)');
    expect(await publish(one)).toMatchObject({ inserted: 1 });
  });

  test.each([
    ['a text in double quotes', 'view', 'SELECT id FROM a WHERE v <> "x"'],
    ['a function that is not there', 'view', 'SELECT id, f(v) AS v FROM a'],
    ['a table that is gone', 'view', 'SELECT id FROM gone'],
    ['a value that its function refuses', 'view', "SELECT id, json_extract(v, '$.a') AS v FROM a"],
  ])('tells of a view with %s as such, and not of a damaged file', async (_what, kind, select) => {
    const bytes = await databaseOf(
      'CREATE TABLE a (id, v)',
      "INSERT INTO a VALUES (1, '{')",
      `CREATE VIEW b AS ${select}`,
    );
    const { reason } = await publish(bytes, { table: 'b' });
    expect(reason).toContain(`t.sqlite: SQLite cannot read its ${kind} "b" (`);
    expect(reason).not.toMatch(/damaged/);
    expect(await publish(bytes, { table: 'a' })).toMatchObject({ inserted: 1 });
  });

  test('does not count what a virtual table keeps as tables', async () => {
    const bytes = await databaseOf(
      'CREATE VIRTUAL TABLE notes USING fts5(id, body)',
      "INSERT INTO notes VALUES (1, 'a')",
    );
    expect(await publish(bytes)).toMatchObject({ inserted: 1 });
  });

  test('that is being written, cut off or damaged is refused by name, and one written ahead and closed is read', async () => {
    const bytes = await databaseOf(TABLE, `INSERT INTO t VALUES (1, 'a')`);
    await mkdir(join(dir(), 'source'));
    for (const ending of ['-wal', '-journal']) {
      await writeFile(join(dir(), 'source', `t.sqlite${ending}`), 'x');
      expect((await publish(bytes)).reason).toContain(
        `it is being written, or was not closed: there is a t.sqlite${ending} beside it`,
      );
      await writeFile(join(dir(), 'source', `t.sqlite${ending}`), '');
    }
    const given = { 't.sqlite': Buffer.from(bytes), 't.sqlite-wal': 'x' };
    const inArchive = openScenario(dir(), {
      source: { type: 'files', path: './source.zip' },
      tables: [{ name: 't', pk: 'id' }],
    });
    await writeFile(join(dir(), 'source.zip'), await zipOf(given));
    const inFolder = open({ file: 't.zip' });
    await inFolder.write('t.zip', await zipOf(given));
    for (const scenario of [inArchive, inFolder])
      expect((await scenario.runTable('t', { sourceMoved: true })).reason).toContain(
        'there is a t.sqlite-wal beside it',
      );
    await inFolder.remove('t.zip');
    expect((await publish(bytes.subarray(0, -1000))).reason).toContain('it is cut off');
    const wide = Buffer.from(bytes);
    wide.writeUInt32BE(3, 56);
    expect((await publish(wide)).reason).toContain('its texts are in UTF-16, which is not read');
    const damaged = Buffer.from(bytes);
    damaged.fill(0xff, 100, 2000);
    expect((await publish(damaged)).reason).toContain('it is a damaged SQLite database');
    const ahead = Buffer.from(bytes);
    ahead.fill(2, 18, 20);
    expect(await publish(ahead)).toMatchObject({ operation: 'full-load', inserted: 1 });
  });
});
