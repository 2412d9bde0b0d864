import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { silentLogger } from '../../../src/core/log.ts';
import { Engine } from '../../../src/engine/engine.ts';
import type { PlainRow } from '../../../src/engine/plain.ts';
import { buildModel as buildGold } from '../../../src/medallion/build/build.ts';
import { MONTH_COLUMN } from '../../../src/medallion/build/layout.ts';
import { LayerTables } from '../../../src/medallion/layer-tables.ts';
import { type Model, PARTITIONS } from '../../../src/medallion/models/model.ts';
import type { LayerReport } from '../../../src/medallion/report.ts';
import { SourceViews } from '../../../src/medallion/source-views.ts';
import { openLocalStorage } from '../../../src/storage/local.ts';
import { type Change, change, cube, type DateType, dateSql, dateType, sumsCube } from './drawn-cubes.ts';
import { changedDates, createSilver, dateOf, filesByDate, goldModel, request, rowsOf } from './gold.ts';

const RUNS = Number(process.env['IGARAPE_GOLD_RUNS'] ?? 15);

test.each([
  ['a cube', cube],
  ['a cube of sums', sumsCube],
])(
  'after each run %s is what a full computation of the same versions gives, and no date is told of whose rows stay',
  { timeout: 60_000 + RUNS * 20_000 },
  async (_, cubes) => {
    await fc.assert(
      fc.asyncProperty(
        cubes,
        dateType,
        fc.array(fc.array(change, { minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 4 }),
        fc.constantFrom(...PARTITIONS),
        async ({ days, sql }, type, runs, partition) => {
          const folder = await mkdtemp(join(tmpdir(), 'igarape-test-'));
          const engine = Engine.open({
            memoryLimit: '500MB',
            spillDir: join(folder, 'spill'),
            threads: 1,
          });
          const tables = new LayerTables({
            storage: openLocalStorage(join(folder, 'lake')),
            engine,
            workDir: join(folder, 'work'),
            clock: Date.now,
            log: silentLogger,
          });
          try {
            const model = await goldModel(
              'm',
              `-- dt_ref: t.dt\n-- window: ${days} days\n-- partition: ${partition}\n${sql}\n`,
            );
            await begin(tables, type);
            for (const changes of runs) {
              for (const each of changes) await apply(tables, each, type);
              const { had, now, report } = await run(tables, model);
              expect(['created', 'updated', 'rebuilt', 'unchanged']).toContain(report.operation);
              expect(asTexts(await rowsOf(tables, model))).toEqual(await computedAnew(tables, model, type));
              const told = had === undefined ? [] : await changedDates(tables, model, had.version);
              expect(told.filter((date) => had?.rows.get(date) === now.rows.get(date))).toEqual([]);
              if (partition !== 'date') continue;
              const untouched = [...(had?.files ?? [])].filter(
                ([date]) => had?.rows.get(date) === now.rows.get(date),
              );
              expect(untouched.map(([date]) => [date, now.files.get(date)])).toEqual(untouched);
            }
          } finally {
            engine.close();
            await rm(folder, { recursive: true, force: true });
          }
        },
      ),
      { numRuns: RUNS },
    );
  },
);

async function run(
  tables: LayerTables,
  model: Model,
): Promise<{ report: LayerReport; had: State | undefined; now: State }> {
  const exists = (await tables.find(model)) !== undefined;
  const had = exists ? await stateOf(tables, model) : undefined;
  const report = await buildGold(tables, await request(tables, model));
  return { report, had, now: await stateOf(tables, model) };
}

/** The cube by its words alone: each date for itself, the text of its SELECT over what its window shows. */
async function computedAnew(tables: LayerTables, model: Model, type: DateType): Promise<string[]> {
  const { engine } = tables.edge;
  const { windowDays } = model.header;
  const views = new SourceViews(tables);
  try {
    for (const name of ['t', 'i', 'c', 'p']) await views.open({ layer: 'silver', name });
    const day =
      type === 'TIMESTAMP WITH TIME ZONE' ? `CAST(timezone('UTC', dt) AS DATE)` : 'CAST(dt AS DATE)';
    const days = await engine.rows(
      `SELECT DISTINCT CAST(${day} AS VARCHAR) AS day FROM silver.t WHERE dt IS NOT NULL`,
    );
    const selects = datesOf(
      days.map((row) => String(row['day'])),
      windowDays,
    ).map((date) => {
      const literal = `(DATE '${date}')`;
      const seen = `(SELECT * FROM silver.t WHERE ${day} BETWEEN ${literal} - ${windowDays - 1} AND ${literal})`;
      const sql = model.sql.replaceAll(/\bsilver\.t\b(?=[ )])/g, seen).replaceAll('$dt_ref', literal);
      return `SELECT ${model.sql.includes('AS dt_ref') ? '' : `${literal} AS dt_ref, `}* FROM (\n${sql}\n)`;
    });
    const found: PlainRow[] = [];
    if (selects.length > 0) {
      for await (const batch of engine.batches(selects.join(' UNION ALL '))) found.push(...batch);
    }
    return asTexts(found);
  } finally {
    await views[Symbol.asyncDispose]();
  }
}

function datesOf(days: readonly string[], windowDays: number): string[] {
  const last = days.toSorted().at(-1) ?? '';
  const dates = new Set<string>();
  for (const day of days) {
    for (let step = 0; step < windowDays; step += 1) {
      const date = new Date(Date.parse(day) + step * 86_400_000).toISOString().slice(0, 10);
      if (date <= last) dates.add(date);
    }
  }
  return [...dates];
}

function asTexts(rows: readonly PlainRow[]): string[] {
  return rows
    .map((row) =>
      Object.entries(row)
        .filter(([name]) => name !== MONTH_COLUMN)
        .map(
          ([name, value]) => `${name}: ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`,
        )
        .join(', '),
    )
    .toSorted();
}

interface State {
  readonly version: number;
  readonly files: ReadonlyMap<string, string[]>;
  readonly rows: ReadonlyMap<string, string>;
}

async function stateOf(tables: LayerTables, model: Model): Promise<State> {
  const rows = new Map<string, string>();
  for (const row of await rowsOf(tables, model)) {
    const date = dateOf(row);
    rows.set(date, `${rows.get(date) ?? ''}${Object.values(row).map(String).join('|')}\n`);
  }
  const { version } = await (await tables.require(model)).snapshot();
  return { version, files: await filesByDate(tables, model), rows };
}

async function begin(tables: LayerTables, type: DateType): Promise<void> {
  await createSilver(
    tables,
    't',
    `SELECT i AS id, CAST(i % 5 AS INTEGER) AS cli, ${type === 'DATE' ? `DATE '2024-01-01' + CAST(i * 2 AS INTEGER)` : `CAST(timezone('UTC', TIMESTAMP '2024-01-01 12:00:00' + INTERVAL (i * 2) DAY) AS ${type})`} AS dt, CAST(i - 3 AS INTEGER) AS pts FROM range(6) AS r(i)`,
  );
  await createSilver(
    tables,
    'i',
    `SELECT i AS item, i % 4 AS id, CAST(i % 3 AS INTEGER) AS prod FROM range(6) AS r(i)`,
  );
  await createSilver(
    tables,
    'c',
    `SELECT CAST(i AS INTEGER) AS cli, CASE WHEN i < 2 THEN 'a' ELSE 'b' END AS city, 'x' AS note FROM range(4) AS r(i)`,
  );
  await createSilver(tables, 'p', `SELECT CAST(i AS INTEGER) AS prod, 'A' AS name FROM range(3) AS r(i)`);
}

async function apply(tables: LayerTables, change: Change, type: DateType): Promise<void> {
  const number = (value: number | null): string => (value === null ? 'NULL' : String(value));
  const text = (value: string | null): string => (value === null ? 'NULL' : `'${value}'`);
  switch (change.kind) {
    case 'transactions':
      return upsert(
        tables,
        't',
        'id',
        ['id', 'cli', 'dt', 'pts'],
        change.rows.map((row) => [row.id, number(row.cli), dateSql(row.day, type), String(row.pts)]),
      );
    case 'items':
      return upsert(
        tables,
        'i',
        'item',
        ['item', 'id', 'prod'],
        change.rows.map((row) => [row.item, String(row.id), number(row.prod)]),
      );
    case 'clients':
      return upsert(
        tables,
        'c',
        'cli',
        ['cli', 'city', 'note'],
        change.rows.map((row) => [row.cli, text(row.city), text(row.note)]),
      );
    case 'products':
      return upsert(
        tables,
        'p',
        'prod',
        ['prod', 'name'],
        change.rows.map((row) => [row.prod, text(row.name)]),
      );
    case 'delete transactions':
      return remove(tables, 't', 'id', change.ids);
    case 'delete items':
      return remove(tables, 'i', 'item', change.ids);
    case 'delete clients':
      return remove(tables, 'c', 'cli', change.ids);
    case 'nothing':
      return;
    default:
      return change satisfies never;
  }
}

async function upsert(
  tables: LayerTables,
  name: string,
  key: string,
  columns: readonly string[],
  rows: readonly (readonly [number, ...string[]])[],
): Promise<void> {
  const byKey = new Map(rows.map((row) => [row[0], row]));
  const selects = [...byKey.values()].map(
    (row) =>
      `SELECT ${row.map((value, index) => `${typed(String(value), columns[index] ?? '')} AS ${columns[index]}`).join(', ')}`,
  );
  const delta = await tables.require({ layer: 'silver', name });
  await delta
    .merge(selects.join(' UNION ALL '), { on: [key] })
    .whenMatchedUpdateAll()
    .whenNotMatchedInsertAll()
    .execute();
}

function typed(value: string, column: string): string {
  if (column === 'dt') return value;
  const isText = ['city', 'note', 'name'].includes(column);
  return `CAST(${value} AS ${isText ? 'VARCHAR' : ['id', 'item'].includes(column) ? 'BIGINT' : 'INTEGER'})`;
}

async function remove(tables: LayerTables, name: string, key: string, ids: readonly number[]): Promise<void> {
  await (await tables.require({ layer: 'silver', name })).delete(`${key} IN (${ids.join(', ')})`);
}
