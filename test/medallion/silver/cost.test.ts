import { expect, test } from 'vitest';
import { useLayers } from '../../support/layer-tables.ts';
import { useTempDir } from '../../support/tmp.ts';
import { CORPUS } from '../incremental/corpus.ts';
import { bronze, expectFresh, runSilver, silverModel, stepOf } from './silver-lake.ts';

const dir = useTempDir();
const open = useLayers();

/** Two aggregates of joins beside clients: a change is looked for in each source several times. */
const SELECT = CORPUS.find(({ name }) => name === 'clients with their orders and payments')?.sql ?? '';

test.each([
  { header: '', operation: 'rebuilt' },
  { header: '-- incremental: required\n', operation: 'updated' },
])(
  'where far more would be read to follow changes than for the whole a table is $operation with the header "$header"',
  async ({ header, operation }) => {
    const tables = await open(dir());
    await bronze(tables, 'clients', `SELECT i AS id, 'n' || i AS name FROM range(10000) AS r(i)`);
    const orders = await bronze(
      tables,
      'orders',
      `SELECT i AS id, i % 10000 AS client_id, TIMESTAMP '2024-01-01' AS ordered_at FROM range(40000) AS r(i)`,
    );
    const payments = await bronze(
      tables,
      'payments',
      'SELECT i AS id, i AS order_id, 2 AS amount FROM range(40000) AS r(i)',
    );
    const model = await silverModel(
      tables,
      `${header}-- key: client_id\n${SELECT.replaceAll('shop.', 'bronze.')}`,
    );
    await runSilver(tables, model);
    await orders.append(`SELECT 50000 AS id, 7 AS client_id, TIMESTAMP '2024-01-02' AS ordered_at`);
    await payments.append('SELECT 50000 AS id, 50000 AS order_id, 3 AS amount');
    const told =
      operation === 'rebuilt'
        ? { reason: 'to follow 2 changed rows 530,013 would be read, and 130,003 for the whole' }
        : { cost: { changed: 2, reads: 530_013, whole: 130_003 } };
    expect(await stepOf(tables, model)).toMatchObject(told);
    expect(await runSilver(tables, model)).toMatchObject({ operation, updated: 1, ...told });
    await expectFresh(tables, model);
  },
);

test.each([
  {
    of: 'groups',
    sql: "-- key: day\nSELECT day, string_agg(name, ',' ORDER BY id) AS names FROM bronze.events GROUP BY day",
  },
  {
    of: 'rows of groups',
    sql: '-- key: day, id\nSELECT day, id, count(*) OVER (PARTITION BY day) AS n FROM bronze.events',
  },
])(
  'where changes touch most $of of a table it is made as a whole, unless it must follow',
  async ({ sql }) => {
    const tables = await open(dir());
    const events = await bronze(
      tables,
      'events',
      `SELECT i AS id, 'n' || i AS name, i % 10 AS day FROM range(100000) AS r(i)`,
    );
    const free = await silverModel(tables, sql, 'free');
    const bound = await silverModel(tables, `-- incremental: required\n${sql}`, 'bound');
    for (const model of [free, bound]) await runSilver(tables, model);
    const change = async (days: number): Promise<void> => {
      await events.append(
        `SELECT 200000 + ${days} + i AS id, 'm' || i AS name, i AS day FROM range(${days}) AS r(i)`,
      );
    };
    await change(5);
    expect(await runSilver(tables, free)).toMatchObject({ operation: 'updated' });
    await change(6);
    const reason = 'most of its rows may have changed';
    expect(await runSilver(tables, free)).toMatchObject({ operation: 'rebuilt', reason });
    expect(await runSilver(tables, bound)).toMatchObject({ operation: 'updated' });
    await expectFresh(tables, free);
    await expectFresh(tables, bound);
  },
);
