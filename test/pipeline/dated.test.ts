import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { silentLogger } from '../../src/core/log.ts';
import { JOURNAL, LEDGER } from '../../src/lake/layout.ts';
import { openAnySource } from '../../src/source/open.ts';
import { openLocalStorage } from '../../src/storage/local.ts';
import { zipOf } from '../support/archives.ts';
import { openScenario, type Scenario, type ScenarioOptions } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';
import { wrapStorage, type Write } from '../support/wrapped-storage.ts';

const dir = useTempDir();
const RUNS = Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 3);
const VENDAS = { name: 'vendas', pk: 'id', file: 'vendas_{date}.csv' };
const LOJAS = { name: 'lojas', pk: 'id', file: '{date}/lojas.csv' };

function open(tables: readonly object[] = [VENDAS], options: ScenarioOptions = {}, folder = dir()): Scenario {
  return openScenario(folder, { tables }, options);
}

const csv = (rows: Readonly<Record<string, string>>): string =>
  ['id,v', ...Object.entries(rows).map(([id, v]) => `${id},${v}`), ''].join('\n');

/** What a run tells of the months that it leaves out. */
function leftOut(months: readonly string[], newest = ''): string[] {
  const names = months.toSorted().map((month) => `vendas_2024-${month}.csv`);
  if (names.length === 0) return [];
  const more = names.length > 5 ? ` and ${names.length - 5} more` : '';
  return [
    `vendas: left out are ${names.slice(0, 5).join(', ')}${more}, of dates before 2024-${newest}-01. A new lake, filled by igarape backfill, has every date`,
  ];
}

/** The committed runs: the version of each, and what it did to each table that it changed. */
async function story(lake: Scenario): Promise<string[]> {
  return (await lake.ledger()).map(({ source, tables }) =>
    [
      source.version,
      ...Object.entries(tables).flatMap(([name, { operation, inserted, updated, deleted }]) =>
        operation === 'unchanged' ? [] : [`${name} ${operation} +${inserted} ~${updated} -${deleted}`],
      ),
    ].join(' '),
  );
}

describe('a run', () => {
  test('begins with the newest date, and then walks each new one in order, with its date as the time of the change', async () => {
    const lake = open([{ ...VENDAS, max_delete_ratio: 1 }]);
    await lake.write('vendas_2024-01.csv', csv({ 1: 'a' }));
    await lake.write('vendas_2024-02.csv', csv({ 1: 'a', 2: 'b' }));
    await lake.run();
    expect((await lake.run()).report.run).toBeNull();
    await lake.write('vendas_2024-05-31.csv', csv({ 1: 'd', 2: 'b', 4: 'd' }));
    await lake.write('vendas_202403.csv', csv({ 1: 'c', 2: 'b', 3: 'c' }));
    await lake.write('vendas_2024-04.csv', csv({ 1: 'c', 2: 'b', 3: 'c' }));
    const { report } = await lake.run();
    expect(report).toMatchObject({
      run: 3,
      source: { version: '2024-05-31', time: '2024-05-31T00:00:00.000Z' },
      earlier: [
        { run: 1, source: { version: '2024-03-01' } },
        { run: 2, source: { version: '2024-04-01' } },
      ],
      tables: { vendas: { operation: 'cdc', inserted: 1, updated: 1, deleted: 1 } },
    });
    expect(await story(lake)).toEqual([
      '2024-02-01 vendas full-load +2 ~0 -0',
      '2024-03-01 vendas cdc +1 ~1 -0',
      '2024-04-01',
      '2024-05-31 vendas cdc +1 ~1 -1',
    ]);
    const times = await lake.query('SELECT DISTINCT _cdc_timestamp::VARCHAR AS t FROM cdc.vendas ORDER BY t');
    expect(times.map(({ t }) => t)).toEqual(['2024-03-01 00:00:00+00', '2024-05-31 00:00:00+00']);
    expect((await lake.run()).report.run).toBeNull();
    expect((await lake.verify()).ok).toBe(true);
  });

  test('notices that the newest date was published anew; an older one, and one that comes late, are past', async () => {
    const lake = open();
    await lake.write('vendas_2024-02.csv', csv({ 1: 'a' }));
    await lake.run();
    await lake.write('vendas_2024-01.csv', csv({ 9: 'z' }));
    expect((await lake.run()).report.run).toBeNull();
    await lake.write('vendas_2024-02.csv', csv({ 1: 'b' }));
    expect(await lake.runTable('vendas')).toMatchObject({ operation: 'cdc', updated: 1 });
    expect((await lake.ledger()).at(-1)?.tables['vendas']?.seen).toMatchObject({ date: '2024-02-01' });
  });

  test('tells of a file whose date is none: in a run that takes a date, and in one that has nothing to take', async () => {
    const told: string[] = [];
    const warn = (_: unknown, text: string): number => told.push(text);
    const lake = open([VENDAS], { edge: { log: { ...silentLogger, warn } } });
    await lake.write('vendas_2024-02.csv', csv({ 1: 'a' }));
    await lake.write('vendas_total.csv', csv({ 1: 'a' }));
    await lake.write('vendas_2024-02-30.csv', csv({ 1: 'b' }));
    const words =
      'vendas_2024-02-30.csv is left out: what it has in the place of {date} is no date with the year first';
    await lake.run();
    expect(told).toEqual([words]);
    expect((await lake.run()).report.run).toBeNull();
    expect(told).toEqual([words, words]);
  });

  test('tells, in each run, of files whose dates are not taken: those before the first, and those that come too late', async () => {
    const MONTHS = ['01', '02', '03', '04', '05', '06', '07'];
    let folder = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.constantFrom(...MONTHS), { maxLength: 2 }), { minLength: 2, maxLength: 5 }),
        async (steps) => {
          folder += 1;
          const told: string[] = [];
          const warn = (_: unknown, text: string): number => told.push(text);
          const log = { ...silentLogger, warn };
          const lake = open([VENDAS], { edge: { log } }, join(dir(), `late-${folder}`));
          const there = new Set<string>();
          const taken: string[] = [];
          for (const months of [['02', '04'], ...steps]) {
            for (const month of months) {
              there.add(month);
              await lake.write(`vendas_2024-${month}.csv`, csv({ 1: month }));
            }
            told.length = 0;
            await lake.run();
            const last = taken.at(-1);
            const next = [...there].filter((month) => last === undefined || month > last).toSorted();
            taken.push(...(last === undefined ? next.slice(-1) : next));
            expect(told).toEqual(
              leftOut(
                [...there].filter((month) => !taken.includes(month)),
                taken.at(-1),
              ),
            );
          }
          await lake.run({ reload: ['vendas'] });
          told.length = 0;
          await lake.run();
          expect(told).toEqual(
            leftOut(
              [...there].filter((month) => !taken.includes(month)),
              taken.at(-1),
            ),
          );
        },
      ),
      { numRuns: RUNS },
    );
  });

  test('does not pass by a date that is held: the table waits, others go on, and an approval is for that date', async () => {
    const lake = open([VENDAS, LOJAS, { name: 'fixa', pk: 'id' }]);
    const ten = Object.fromEntries(Array.from({ length: 10 }, (_, id) => [id, 'x']));
    await lake.write('fixa.csv', csv({ 1: 'a' }));
    await lake.write('vendas_2024-01.csv', csv(ten));
    await lake.write('2024-01-05/lojas.csv', csv({ 1: 'a' }));
    await lake.run();
    await lake.write('fixa.csv', csv({ 1: 'b' }));
    await lake.write('vendas_2024-02.csv', csv({ 1: 'x' }));
    await lake.write('vendas_2024-03.csv', csv({ 99: 'x' }));
    await lake.write('2024-02-05/lojas.csv', csv({ 1: 'b' }));
    await lake.write('2024-03-05/lojas.csv', csv({ 1: 'c' }));
    const held = await lake.run();
    expect(held.exitCode).toBe(4);
    expect(held.report.tables).toMatchObject({
      vendas: { operation: 'held' },
      lojas: { operation: 'cdc' },
      fixa: { operation: 'cdc' },
    });
    const approved = await lake.run({ approve: ['vendas'] });
    expect(approved.report.earlier?.[0]?.tables['vendas']).toMatchObject({ operation: 'cdc', deleted: 9 });
    expect(approved.report.tables['vendas']?.reason).toMatch(/1 of 1 rows/);
    await lake.run({ approve: ['vendas'] });
    expect(await story(lake)).toEqual([
      '2024-01-01 vendas full-load +10 ~0 -0 fixa full-load +1 ~0 -0',
      '2024-01-05 lojas full-load +1 ~0 -0',
      '2024-02-01 fixa cdc +0 ~1 -0',
      '2024-02-05 lojas cdc +0 ~1 -0',
      '2024-03-05 lojas cdc +0 ~1 -0',
      '2024-02-01 vendas cdc +0 ~0 -9',
      '2024-03-01 vendas cdc +1 ~0 -1',
    ]);
  });

  test('takes several files of a date together, and refuses two where one is meant', async () => {
    const lake = open([
      { ...VENDAS, file: '{date}/p_*.csv' },
      { ...LOJAS, file: 'lojas_{date}.csv' },
    ]);
    await lake.write('2024-01/p_1.csv', csv({ 1: 'a' }));
    await lake.write('2024-01/p_2.csv', csv({ 2: 'b' }));
    await lake.write('lojas_2024-01.csv', csv({ 1: 'a' }));
    await lake.write('lojas_202401.csv', csv({ 1: 'a' }));
    const { report } = await lake.run();
    expect(report.tables).toMatchObject({
      vendas: { inserted: 2 },
      lojas: { operation: 'failed', reason: expect.stringMatching(/lojas_2024-01\.csv, lojas_202401\.csv/) },
    });
    await lake.write('2024-02/p_1.csv', csv({ 1: 'a' }));
    await lake.write('2024-02/p_3.csv', csv({ 2: 'b', 3: 'c' }));
    expect(await lake.runTable('vendas')).toMatchObject({ inserted: 1, deleted: 0 });
  });

  test('feeds the layers with each date', async () => {
    const lake = openScenario(dir(), {
      layers: ['bronze'],
      tables: [{ ...VENDAS, max_delete_ratio: 1, history: 'scd2' }],
    });
    await lake.write('vendas_2024-01.csv', csv({ 1: 'a' }));
    await lake.run();
    await lake.write('vendas_2024-02.csv', csv({ 1: 'b', 2: 'b' }));
    await lake.write('vendas_2024-03.csv', csv({ 1: 'c' }));
    expect((await lake.run()).exitCode).toBe(0);
    const rows = await lake.query(
      'SELECT id, v, valid_from::DATE::VARCHAR AS since, is_current FROM bronze.vendas WHERE v <> $$a$$ ORDER BY v, id',
    );
    expect(rows).toEqual([
      { id: 1n, v: 'b', since: '2024-02-01', is_current: false },
      { id: 2n, v: 'b', since: '2024-02-01', is_current: false },
      { id: 1n, v: 'c', since: '2024-03-01', is_current: true },
    ]);
  });

  test('plans the date that comes next', async () => {
    const lake = open();
    await lake.write('vendas_2024-01.csv', csv({ 1: 'a' }));
    await lake.run();
    await lake.write('vendas_2024-02.csv', csv({ 1: 'b' }));
    await lake.write('vendas_2024-03.csv', csv({ 1: 'c', 2: 'c' }));
    expect(await lake.plan()).toMatchObject({
      source: { version: '2024-02-01' },
      tables: { vendas: { operation: 'cdc', inserted: 0, updated: 1 } },
    });
  });

  test('walks the dates inside an archive, which is not opened once all are taken', async () => {
    const folder = dir();
    const path = join(folder, 'dump.zip');
    const lake = openScenario(folder, { source: { type: 'files', path: './dump.zip' }, tables: [VENDAS] });
    const files = { 'vendas_2024-01.csv': csv({ 1: 'a' }) };
    await writeFile(path, await zipOf(files));
    await lake.run();
    const more = { 'vendas_2024-02.csv': csv({ 1: 'b' }), 'vendas_2024-03.csv': csv({ 1: 'c' }) };
    await writeFile(path, await zipOf({ ...files, ...more }));
    const source = await openAnySource(lake.config.source, { env: {} });
    let stops = 0;
    const interrupted = lake.run({
      source: source && {
        ...source,
        open: async (tables, context) => {
          stops += 1;
          if (stops === 2) throw new Error('stopped between two dates');
          return source.open(tables, context);
        },
      },
    });
    await expect(interrupted).rejects.toThrow('stopped between');
    expect(await lake.runTable('vendas')).toMatchObject({ operation: 'cdc', updated: 1 });
    expect(await story(lake)).toHaveLength(3);
    await writeFile(`${path}.now`, '');
    expect((await lake.run()).report).toMatchObject({
      run: null,
      tables: { vendas: { operation: 'unchanged' } },
    });
  });
});

test('a date in a folder and in the name is walked as one', async () => {
  const lake = open([{ ...VENDAS, file: '{date}/vendas_{date}.csv' }]);
  await lake.write('2024/vendas_2024-01-31.csv', csv({ 1: 'a' }));
  await lake.write('2024/vendas_2024-02-29.csv', csv({ 1: 'b' }));
  await lake.write('2023/vendas_2024-03-31.csv', csv({ 1: 'of another folder' }));
  await lake.backfill({ from: '2024' });
  expect(await story(lake)).toEqual([
    '2024-01-31 vendas full-load +1 ~0 -0',
    '2024-02-29 vendas cdc +0 ~1 -0',
  ]);
});

/** Rows by id of each table on each of its dates. */
type States = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>>;

const rows = fc.dictionary(fc.constantFrom('1', '2', '3', '4'), fc.constantFrom('a', 'b', 'c'), {
  minKeys: 1,
});
const months = (day: string): fc.Arbitrary<Record<string, Record<string, string>>> =>
  fc.dictionary(
    fc.constantFrom('01', '02', '03', '04', '05', '06').map((month) => `2024-${month}-${day}`),
    rows,
    { minKeys: 1, maxKeys: 3 },
  );
const drawnStates: fc.Arbitrary<States> = fc.record({ vendas: months('01'), lojas: months('15') });
const TABLES = [
  { ...VENDAS, max_delete_ratio: 1 },
  { ...LOJAS, max_delete_ratio: 1 },
];

async function writeStates(lake: Scenario, { vendas = {}, lojas = {} }: States): Promise<void> {
  for (const [date, state] of Object.entries(vendas))
    await lake.write(`vendas_${date.slice(0, 7)}.csv`, csv(state));
  for (const [date, state] of Object.entries(lojas)) await lake.write(`${date}/lojas.csv`, csv(state));
}

/** What a reader finds of each table in each run of the ledger, by the run's version. */
async function statesIn(lake: Scenario): Promise<Record<string, Record<string, Record<string, string>>>> {
  const found: Record<string, Record<string, Record<string, string>>> = {};
  for (const { run, source, tables } of await lake.ledger()) {
    const { version } = source;
    for (const name of Object.keys(tables)) {
      const read = await lake.query(`SELECT id::VARCHAR AS id, v FROM run_${run}.${name}`);
      (found[version] ??= {})[name] = Object.fromEntries(read.map(({ id, v }) => [String(id), String(v)]));
    }
  }
  return found;
}

/** Each table as of each date of any of them: it keeps its last state where it has none of its own. */
function expectedStates(states: States): Record<string, Record<string, Record<string, string>>> {
  const dates = Object.values(states).flatMap((own) => Object.keys(own));
  return Object.fromEntries(
    [...new Set(dates)].toSorted().map((date) => {
      const tables = Object.entries(states).flatMap(([name, own]) => {
        const last = Object.keys(own)
          .filter((other) => other <= date)
          .toSorted()
          .at(-1);
        return last === undefined ? [] : [[name, own[last] ?? {}] as const];
      });
      return [date, Object.fromEntries(tables)];
    }),
  );
}

describe('a backfill', () => {
  test(
    'makes a history of every date of every table, whatever they are',
    async () => {
      await fc.assert(
        fc.asyncProperty(drawnStates, async (states) => {
          const folder = await mkdtemp(join(tmpdir(), 'igarape-dated-'));
          try {
            const lake = open(TABLES, {}, folder);
            await writeStates(lake, states);
            const { exitCode } = await lake.backfill({ from: '2024' });
            expect(exitCode).toBe(0);
            expect(await statesIn(lake)).toEqual(expectedStates(states));
            expect((await lake.verify()).ok).toBe(true);
            expect((await lake.run()).report.run).toBeNull();
          } finally {
            await rm(folder, { recursive: true, force: true });
          }
        }),
        { numRuns: RUNS, endOnFailure: true },
      );
    },
    60_000 + RUNS * 30_000,
  );

  test('that dies before or after any write goes on with the same call, and misses and repeats nothing', async () => {
    const states: States = {
      vendas: { '2024-01-01': { 1: 'a', 2: 'a' }, '2024-02-01': { 1: 'b', 3: 'a' } },
      lojas: { '2024-01-15': { 1: 'a' } },
    };
    const source = join(dir(), 'given');
    const given = open(TABLES, {}, source);
    await writeStates(given, states);
    const at = async (name: string): Promise<string> => {
      await cp(source, join(dir(), name), { recursive: true });
      return join(dir(), name);
    };
    const deaths: (readonly [write: number, moment: 'before' | 'after'])[] = [];
    let writes = 0;
    const faulty = async (
      folder: string,
      dies: (moment: 'before' | 'after', write: Write) => boolean,
    ): Promise<Scenario> => {
      // A run that the journal does not have is a run all the same.
      const isOfJournal = ({ keys }: Write): boolean => keys[0]?.startsWith(JOURNAL) ?? false;
      const fail = (moment: 'before' | 'after', write: Write): void => {
        if (!isOfJournal(write) && dies(moment, write)) throw new Error('dies here');
      };
      const storage = wrapStorage(openLocalStorage(join(folder, 'lake')), {
        before: (write) => fail('before', write),
        after: (write) => fail('after', write),
      });
      return open(TABLES, { storage }, folder);
    };
    const calm = await faulty(await at('calm'), (moment, { keys: [key = ''] }) => {
      if (moment === 'before') writes += 1;
      // A commit is died at on both sides, others of the writes on one.
      if (key.startsWith(LEDGER) || (writes % 2 === 0) === (moment === 'before'))
        deaths.push([writes, moment]);
      return false;
    });
    await calm.backfill({ from: '2024-01' });
    expect(await statesIn(calm)).toEqual(expectedStates(states));
    expect(writes).toBeGreaterThan(10);
    expect(deaths.length - writes).toBe((await calm.ledger()).length);
    const told = await story(calm);
    for (const [write, moment] of deaths) {
      const folder = await at(`dies-${moment}-${write}`);
      let count = 0;
      const lake = await faulty(folder, (now) => {
        if (now === 'before') count += 1;
        return now === moment && count === write;
      });
      await expect(lake.backfill({ from: '2024-01' }), `${moment} ${write}`).rejects.toThrow(
        /dies here|Another run has committed/,
      );
      const again = open(TABLES, {}, folder);
      expect((await again.backfill({ from: '2024-01' })).exitCode).toBe(0);
      expect(await story(again), `${moment} write ${write}`).toEqual(told);
      expect((await again.verify()).ok).toBe(true);
      await rm(folder, { recursive: true });
    }
  }, 120_000);

  test('keeps to its range, and leaves a table that is held behind at that date alone', async () => {
    const lake = open();
    const ten = Object.fromEntries(Array.from({ length: 10 }, (_, id) => [id, 'x']));
    await lake.write('vendas_2023-12.csv', csv({ 1: 'a' }));
    await lake.write('vendas_2024-01.csv', csv(ten));
    await lake.write('vendas_2024-02.csv', csv({ 1: 'x' }));
    await lake.write('vendas_2024-03.csv', csv({ ...ten, 11: 'y' }));
    await lake.write('vendas_2024-04.csv', csv({ 1: 'x' }));
    const { report, exitCode } = await lake.backfill({ from: '2024', to: '2024-03' });
    expect(exitCode).toBe(4);
    expect(report.versions.map(({ version }) => version)).toEqual(['2024-01-01', '2024-02-01', '2024-03-01']);
    expect(await story(lake)).toEqual([
      '2024-01-01 vendas full-load +10 ~0 -0',
      '2024-03-01 vendas cdc +1 ~0 -0',
    ]);
  });

  test('tells once of what is before its beginning, and later runs tell only of what comes late', async () => {
    const told: string[] = [];
    const warn = (_: unknown, text: string): number => told.push(text);
    const lake = open([VENDAS, { ...LOJAS, file: 'lojas_{date}.csv' }], {
      edge: { log: { ...silentLogger, warn } },
    });
    const tellsIn = async (done: Promise<unknown>): Promise<string[]> => {
      told.length = 0;
      await done;
      return [...told];
    };
    for (const month of ['01', '02', '04', '05'])
      await lake.write(`vendas_2024-${month}.csv`, csv({ 1: month }));
    for (const month of ['01', '06']) await lake.write(`lojas_2024-${month}.csv`, csv({ 1: month }));
    const before = 'of dates before 2024-03-01, which the backfill begins with';
    expect(await tellsIn(lake.backfill({ from: '2024-03', to: '2024-04' }))).toEqual([
      `vendas: left out are vendas_2024-01.csv, vendas_2024-02.csv, ${before}`,
    ]);
    expect(await tellsIn(lake.backfill({ from: '2024-03' }))).toEqual([
      `lojas: left out are lojas_2024-01.csv, ${before}`,
    ]);
    expect(await tellsIn(lake.run())).toEqual([]);
    await lake.write('vendas_2024-06.csv', csv({ 1: '06' }));
    await lake.write('vendas_2023-12.csv', csv({ 1: '12' }));
    await lake.write('vendas_2024-03.csv', csv({ 1: '03' }));
    const late = leftOut(['03'], '06');
    expect(await tellsIn(lake.run())).toEqual(late);
    expect(await tellsIn(lake.run())).toEqual(late);
    await lake.run({ reload: ['vendas'] });
    expect(await tellsIn(lake.run())).toEqual(late);
  });

  test('refuses what is no date, an end before the beginning, and another beginning than it had', async () => {
    const lake = open();
    await lake.write('vendas_2024-01.csv', csv({ 1: 'a' }));
    await expect(lake.backfill({ from: '7' })).rejects.toMatchObject({ code: 'USAGE' });
    await expect(lake.backfill({ from: '2024-02', to: '2024-01' })).rejects.toMatchObject({ code: 'USAGE' });
    await lake.backfill({ from: '2024-01' });
    await expect(lake.backfill({ from: '2023' })).rejects.toMatchObject({ code: 'LAKE_NOT_EMPTY' });
  });
});
