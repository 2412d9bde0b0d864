import { expect, it } from 'vitest';
import type { DeltaTable } from '../../src/delta/table.ts';
import type { LayerTables } from '../../src/medallion/layer-tables.ts';
import {
  bronze,
  expectFresh,
  replayedRows,
  runSilver,
  silverModel,
  silverRows,
} from '../medallion/silver/silver-lake.ts';

type Sources = Readonly<Record<string, DeltaTable>>;

/** A model over sources that change: whichever engine computes it, its table is what its SELECT gives, and so is its feed. */
interface Computed {
  readonly name: string;
  /** SELECTs of the sources' first rows. */
  readonly sources: Readonly<Record<string, string>>;
  readonly model: string;
  /** What happens to the sources, with a run after each. */
  readonly changes: readonly ((sources: Sources) => Promise<unknown>)[];
}

const at = (sources: Sources, name: string): DeltaTable => {
  const found = sources[name];
  if (found === undefined) throw new Error(`There is no source ${name}.`);
  return found;
};

const EDGES = `SELECT * FROM (VALUES
  (1, 1, true, CAST(-128 AS TINYINT), CAST(-32768 AS SMALLINT), 9223372036854775807, 0.1::DOUBLE, 99999999999999999999.9999::DECIMAL(24, 4), 'ß ''"\\ \n 日', 'a b'::BLOB, DATE '0001-01-01', TIMESTAMP '1582-10-10 00:00:00.000001', TIMESTAMPTZ '2024-10-27 00:30:00.123456+00', [1, NULL], {'a': 1, 'b': 'x'}),
  (2, 1, false, 127, 32767, -9223372036854775808, 'NaN', -0.0001, '', ''::BLOB, DATE '9999-12-31', TIMESTAMP '9999-12-31 23:59:59.999999', TIMESTAMPTZ '1970-01-01 00:00:00+00', [], {'a': NULL, 'b': ''}),
  (3, 2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (4, 2, true, 0, 0, 0, '-inf', 0, 'É', '\\x00\\xFF'::BLOB, DATE '1969-12-31', TIMESTAMP '1900-01-01 00:00:00', TIMESTAMPTZ '1969-12-31 23:59:59.999999+00', [2], {'a': 2, 'b': NULL})
) AS r(id, part, flag, tiny, small, big, "double", exact, text, bytes, day, "at", instant, list, struct)`;

const JOINED = `-- key: id
SELECT o.id, o.cents, c.name FROM bronze.o AS o LEFT JOIN bronze.c AS c ON c.id = o.c`;

const SHOP = {
  o: `SELECT i AS id, i % 4 AS c, i * 10 AS cents, i % 3 AS kind FROM range(12) AS r(i)`,
  c: `SELECT i AS id, 'n' || i AS name FROM range(3) AS r(i)`,
};

const CASES: readonly Computed[] = [
  {
    name: 'values of every type stay what they are, joined, grouped and alone',
    sources: { e: EDGES, p: 'SELECT 1 AS part, 10 AS weight UNION ALL SELECT 2, NULL' },
    model: `-- key: id
SELECT e.*, p.weight FROM bronze.e AS e JOIN bronze.p AS p USING (part)`,
    changes: [
      (sources) => at(sources, 'p').update({ set: { weight: '11' }, where: 'part = 1' }),
      (sources) => at(sources, 'e').update({ set: { text: `'x'` }, where: 'id IN (1, 3)' }),
      (sources) => at(sources, 'e').delete('id = 2'),
    ],
  },
  {
    name: 'rows follow from sources that are joined, with rows deleted and without a partner',
    sources: SHOP,
    model: JOINED,
    changes: [
      (sources) => at(sources, 'c').delete('id = 1'),
      (sources) => at(sources, 'o').delete('id IN (0, 5, 7)'),
      (sources) => at(sources, 'c').append(`SELECT 3 AS id, 'three' AS name UNION ALL SELECT 1, 'again'`),
      (sources) => at(sources, 'o').update({ set: { c: '2' }, where: 'id % 2 = 0' }),
    ],
  },
  {
    name: 'sums and counts are added to groups, which come and go',
    sources: SHOP,
    model: `-- key: c, kind
SELECT c, kind, count(*) AS orders, sum(cents) AS cents, max(cents) AS most FROM bronze.o GROUP BY c, kind`,
    changes: [
      (sources) => at(sources, 'o').delete('c = 1'),
      (sources) => at(sources, 'o').append(`SELECT 100 AS id, 9 AS c, 5 AS cents, 7 AS kind`),
      (sources) =>
        at(sources, 'o').update({ set: { kind: 'kind + 1', cents: 'cents + 1' }, where: 'id > 8' }),
    ],
  },
  {
    name: 'windows, sets and queries in expressions',
    sources: SHOP,
    model: `-- key: id
SELECT id, c, row_number() OVER (PARTITION BY c ORDER BY cents DESC, id) AS place FROM bronze.o
WHERE c IN (SELECT id FROM bronze.c) AND NOT EXISTS (SELECT 1 FROM bronze.c AS x WHERE x.id = o.kind AND x.name = 'gone')
UNION ALL SELECT id + 1000, NULL, 0 FROM bronze.c`,
    changes: [
      (sources) => at(sources, 'c').update({ set: { name: `'gone'` }, where: 'id = 2' }),
      (sources) => at(sources, 'o').update({ set: { cents: '1000 - cents' }, where: 'c = 0' }),
    ],
  },
  {
    name: 'rows that are alike, of a source without any, and of one that loses all',
    sources: { a: `SELECT 1 AS k, 'x' AS v WHERE false`, b: 'SELECT i % 2 AS k FROM range(4) AS r(i)' },
    model: `-- key: k, v
SELECT DISTINCT b.k, coalesce(a.v, '') AS v FROM bronze.b AS b LEFT JOIN bronze.a AS a USING (k)`,
    changes: [
      (sources) =>
        at(sources, 'a').append(`SELECT 1 AS k, 'x' AS v UNION ALL SELECT 1, 'x' UNION ALL SELECT 1, 'y'`),
      (sources) => at(sources, 'a').delete(),
      (sources) => at(sources, 'b').delete(),
    ],
  },
  {
    name: 'a table is made anew where files of then are gone',
    sources: SHOP,
    model: JOINED,
    changes: [
      async (sources) => {
        const source = at(sources, 'o');
        await source.overwrite(
          'SELECT i AS id, i % 4 AS c, i AS cents, i % 3 AS kind FROM range(12) AS r(i)',
        );
        await source.vacuum({ retentionMs: 0, allowShortRetention: true });
      },
    ],
  },
  {
    name: 'names of other letters, with spaces, quotes and case',
    sources: {
      Straße: `SELECT i AS "Id x", 'n' || i AS "É a", i AS "SELECT" FROM range(5) AS r(i)`,
      other: 'SELECT i AS "the id", i * 2 AS "v;1" FROM range(5) AS r(i)',
    },
    model: `-- key: "Id x"
SELECT s."Id x", s."É a" AS "é ""b"".c", o."v;1" AS "Two  words" FROM bronze.Straße AS s JOIN bronze.other AS o ON o."the id" = s."SELECT"`,
    changes: [(sources) => at(sources, 'other').update({ set: { 'v;1': '-1' }, where: '"the id" < 2' })],
  },
];

/**
 * What an engine that computes models has to hold to.
 *
 * @param open Layers in a folder of their own, with the engine.
 * @param engine What the reports are to call it.
 */
export function itComputes(
  open: (name: string) => Promise<LayerTables>,
  timeout: number,
  engine?: 'spark',
): void {
  it.each(CASES)('$name', { timeout }, async ({ name, sources: given, model: text, changes }) => {
    const tables = await open(name);
    const sources: Record<string, DeltaTable> = {};
    for (const [source, rows] of Object.entries(given)) sources[source] = await bronze(tables, source, rows);
    const model = await silverModel(tables, text);
    const reports = [await runSilver(tables, model)];
    await expectFresh(tables, model, 'made');
    for (const [index, change] of changes.entries()) {
      await change(sources);
      reports.push(await runSilver(tables, model));
      await expectFresh(tables, model, `change ${index + 1}`);
      expect(await replayedRows(tables, model)).toEqual(await silverRows(tables, model));
    }
    for (const { engine: by, statements = 0 } of reports) {
      expect(by).toBe(engine);
      expect(statements).toBeLessThanOrEqual(MOST_STATEMENTS);
    }
    const unchanged = await runSilver(tables, model);
    expect(unchanged).toMatchObject({ operation: 'unchanged' });
    expect(unchanged.statements).toBeUndefined();
  });
}

const MOST_STATEMENTS = 6;
