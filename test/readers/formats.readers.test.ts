import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { openScenario } from '../support/scenario.ts';
import { describeWith } from '../support/external.ts';
import { openpyxlPython } from '../support/python.ts';
import { runTasks } from '../support/run-python.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();
const answers = z.record(z.string(), z.array(z.array(z.string().nullable())));

type Cell = readonly [kind: string, text: string] | null;

const TEXTS = [
  '007',
  '5',
  '1.50',
  '1e5',
  'true',
  'NA',
  ' x ',
  'a"b',
  "it's",
  'ação',
  '日本😀',
  'a\nb',
  '2024-02-30',
  '=1+1x',
  '_x0041_',
  '{"a":1}',
  ',',
];
const KINDS = {
  int: fc.oneof(fc.integer({ min: -1000, max: 1000 }), fc.maxSafeInteger()).map(String),
  float: fc.oneof(
    fc
      .double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 })
      .map((number) => (Math.abs(number) < 1e-290 ? '0.5' : String(number))),
    fc.constantFrom('0.1', '2.5', '1e-7', '5'),
  ),
  bool: fc.constantFrom('true', 'false'),
  date: fc
    .date({ min: new Date('1900-03-01'), max: new Date('2200-01-01'), noInvalidDate: true })
    .map((day) => day.toISOString().slice(0, 10)),
  instant: fc
    .date({ min: new Date('1900-03-01'), max: new Date('2200-01-01'), noInvalidDate: true })
    .map((at) => at.toISOString().slice(0, 19).replace('T', ' ')),
  text: fc.constantFrom(...TEXTS),
};

const table = fc
  .array(fc.constantFrom(...Object.keys(KINDS), 'any'), { minLength: 1, maxLength: 5 })
  .chain((kinds) => {
    const cells = kinds.map((kind): fc.Arbitrary<Cell> => {
      const of = (one: string): fc.Arbitrary<Cell> =>
        (Object.entries(KINDS).find(([name]) => name === one)?.[1] ?? KINDS.text).map((text): Cell => [
          one,
          text,
        ]);
      const known = kind === 'any' ? fc.oneof(...['int', 'float', 'text'].map(of)) : of(kind);
      return fc.option(known, { nil: null, freq: 5 });
    });
    return fc.array(fc.tuple(...cells), { minLength: 1, maxLength: 8 });
  });

/** Numbers are compared as numbers: programs write them in several ways. */
function normal(cell: unknown): unknown {
  if (typeof cell !== 'string') return cell ?? null;
  if (/^-?(?:\d*\.?\d+)(?:e[+-]?\d+)?$/i.test(cell) && !/^-?0\d/.test(cell)) return Number(cell);
  return cell.replace(/ 00:00:00$/, '');
}

describeWith(await openpyxlPython(), 'other programs', (python) => {
  test('find in what they write as Excel, SQLite, JSON and packed CSV what is published of it', async () => {
    const runs = Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 6);
    const drawn = fc.sample(table, { numRuns: runs });
    const tasks = new Map<string, { path: string; format: string; columns: string[]; rows: Cell[][] }>();
    for (const [run, rows] of drawn.entries()) {
      for (const format of ['xlsx', 'sqlite', 'json', 'csv.bz2']) {
        const folder = join(dir(), `${run}-${format}`, 'source');
        await mkdir(folder, { recursive: true });
        const columns = ['id', ...(rows[0] ?? []).map((_, index) => `c ${index}`)];
        const withId = rows.map((row, id): Cell[] => [['int', String(id)], ...row]);
        tasks.set(`${run}-${format}`, { path: join(folder, `t.${format}`), format, columns, rows: withId });
      }
    }
    const expected = answers.parse(await runTasks(python, 'formats.py', dir(), Object.fromEntries(tasks)));
    for (const [name, { columns, format }] of tasks) {
      const scenario = openScenario(join(dir(), name), { tables: [{ name: 't', pk: 'id' }] });
      const report = await scenario.runTable('t');
      expect(report.reason, name).toBeUndefined();
      const rows = (await scenario.rows('full-load/t.parquet')).toSorted(
        (a, b) => Number(a['id']) - Number(b['id']),
      );
      const found = rows.map((row) => columns.map((column) => normal(row[column])));
      const wanted = expected[name]?.map((row) =>
        row.map((cell) => normal(format === 'csv.bz2' && cell === null ? null : cell)),
      );
      expect(found, name).toEqual(wanted);
      const types = await scenario.columns('full-load/t.parquet');
      expect(types['id'], name).toBe('BIGINT');
    }
  }, 240_000);
});
