import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { check } from '../../src/pipeline/check.ts';
import { ForeignLake } from '../medallion/bronze/foreign-lake.ts';
import { openScenario, type Scenario, testEdge } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

const FEED = ['_change_type', '_commit_version', '_commit_timestamp'];
const VERSIONS = ['valid_from', 'valid_to', 'is_current'];

/** Other names of the columns of change files leave `_cdc_timestamp` to the source. */
const OTHER_NAMES = { operation: 'op', timestamp: 'at', sequence: 'n' };

function open(folder: string, layers: readonly string[], table: object): Scenario {
  return openScenario(folder, {
    layers,
    cdc_columns: OTHER_NAMES,
    tables: [{ name: 't', pk: 'id', ...table }],
  });
}

test('a column that its bronze table cannot have is refused before anything is published, and followed once it is renamed', async () => {
  let number = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(
        ...[...FEED, '_cdc_timestamp'].map((name) => [name, 'latest']),
        ...VERSIONS.map((name) => [name, 'scd2']),
      ),
      fc.boolean(),
      async ([lower = '', history = ''], isUpper) => {
        const folder = join(dir(), String(++number));
        const name = isUpper ? lower.toUpperCase() : lower;
        const layered = open(folder, ['bronze'], { history });
        await layered.write('t.csv', `id,${name}\n1,a\n`);
        const { report, exitCode } = await layered.run();
        const told = { operation: 'failed', code: 'TABLE_UNREADABLE' };
        expect({ exitCode, ...report.tables['t'] }).toMatchObject({ exitCode: 3, ...told });
        expect(report.tables['t']?.reason).toContain(
          `t.csv: the column "${name}" has a name that tables of the layers need`,
        );
        expect(await layered.ledger()).toEqual([]);

        // Without layers it is a column as any other. Layers that come later want another name of it.
        expect((await open(folder, [], { history }).run()).exitCode).toBe(0);
        const late = (await layered.run()).report;
        expect(late).toMatchObject({
          tables: { t: { operation: 'unchanged' } },
          layers: { 'bronze.t': told },
        });
        expect(late.layers?.['bronze.t']?.reason).toContain('igarape run --reload t');
        const renamed = open(folder, ['bronze'], { history, columns: ['id', 'kind'] });
        expect((await renamed.run({ reload: ['t'] })).exitCode).toBe(0);
        expect(
          await renamed.query(
            `SELECT id, kind FROM bronze.t WHERE ${history === 'scd2' ? 'is_current' : 'true'}`,
          ),
        ).toEqual([{ id: 1n, kind: 'a' }]);
      },
    ),
    { numRuns: 3, endOnFailure: true },
  );
});

test.for(FEED)('seeds, models and files of others are refused %s', async (name) => {
  const lake = await ForeignLake.open(dir());
  await lake.write('c_1.parquet', `SELECT 'I' AS op, 1 AS id, 1 AS ts, 'a' AS ${name}`);
  const models = join(dir(), 'models');
  for (const folder of ['silver', 'seeds']) await mkdir(join(models, folder), { recursive: true });
  await writeFile(join(models, 'seeds/r.csv'), `id,${name}\n1,a\n`);
  await writeFile(join(models, 'silver/s.sql'), `-- key: id\nSELECT id, 'a' AS ${name} FROM bronze.t`);
  const scenario = openScenario(dir(), {
    layers: ['bronze', 'silver'],
    tables: [
      { name: 't', pk: 'id' },
      { name: 'c', pk: 'id', bronze: { from: './cdc/c_*.parquet', order_by: 'ts' } },
    ],
  });
  await scenario.write('t.csv', 'id\n1\n');
  const { report, exitCode } = await scenario.run();
  const failed = (code: string): object => ({ operation: 'failed', code });
  expect(exitCode).toBe(2);
  expect(report.layers).toMatchObject({
    'bronze.c': failed('TABLE_UNREADABLE'),
    'seed.r': failed('TABLE_UNREADABLE'),
    'silver.s': failed('CONFIG_INVALID'),
  });
  const checked = await check(scenario, testEdge());
  expect(checked.exitCode).toBe(2);
  expect(checked.report.models).toMatchObject({ 'seed.r': { fits: false }, 'silver.s': { fits: false } });
});
