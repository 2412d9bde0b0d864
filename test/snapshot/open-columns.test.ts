import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DeltaTable } from '../../src/delta/table.ts';
import { layerRows } from '../support/layers.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

/** A column without any value has no type yet: it gets it with the first values, and nothing is held for that. */
const dir = useTempDir();

const open = (more: object = {}): Scenario =>
  openScenario(dir(), { tables: [{ name: 't', pk: 'id' }], ...more });
const schemaOf = async (scenario: Scenario): Promise<unknown> =>
  (await scenario.ledger()).at(-1)?.tables['t']?.schema;

const KINDS = [
  ['7', 'bigint'],
  ['1.5', 'double'],
  ['2024-01-31', 'date'],
  ['2024-01-31 10:00:00', 'timestamp'],
  ['true', 'boolean'],
  ['007', 'text'],
] as const;

test('it has the type of the first values, whenever they come, in old rows or new ones', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...KINDS),
      fc.integer({ min: 0, max: 2 }),
      fc.boolean(),
      fc.uuid(),
      async ([value, type], emptyRuns, isNewRow, name) => {
        const scenario = openScenario(join(dir(), name), { tables: [{ name: 't', pk: 'id' }] });
        const write = (rows: readonly string[]): Promise<void> =>
          scenario.write('t.csv', ['id,n,v', ...rows, ''].join('\n'));
        const rows = Array.from({ length: 30 }, (_, row) => `${row},x,`);
        await write(rows);
        await scenario.run();
        for (let run = 0; run < emptyRuns; run += 1) {
          rows.push(`${100 + run},x,`);
          await write(rows);
          expect(await scenario.runTable('t')).toMatchObject({ operation: 'cdc', inserted: 1 });
          expect(await schemaOf(scenario)).toMatchObject([{}, {}, { name: 'v', open: true }]);
        }
        if (isNewRow) rows.push(`200,x,${value}`);
        else rows[3] = `3,x,${value}`;
        await write(rows);
        const report = await scenario.runTable('t');
        expect(report).toMatchObject({
          operation: 'cdc',
          inserted: Number(isNewRow),
          updated: Number(!isNewRow),
        });
        expect(await schemaOf(scenario)).toEqual([
          { name: 'id', type: 'bigint' },
          { name: 'n', type: 'text' },
          { name: 'v', type },
        ]);
        expect(await scenario.verify()).toMatchObject({ ok: true });
      },
    ),
    { numRuns: Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 6) },
  );
});

test('a type that is declared, or that a lake without the mark has recorded, stays', async () => {
  const scenario = open({ tables: [{ name: 't', pk: 'id', types: { v: 'text' } }] });
  await scenario.write('t.csv', 'id,v\n1,\n2,\n');
  await scenario.run();
  await scenario.write('t.csv', 'id,v\n1,5\n2,\n');
  const { file } = await scenario.runTable('t');
  expect(await scenario.columns(file ?? '')).toMatchObject({ v: 'VARCHAR' });
  expect(await schemaOf(scenario)).toEqual([
    { name: 'id', type: 'bigint' },
    { name: 'v', type: 'text' },
  ]);
});

test.each(['latest', 'scd2'])('bronze (%s) and silver take the type, too', async (history) => {
  await mkdir(join(dir(), 'models/silver'), { recursive: true });
  await writeFile(join(dir(), 'models/silver/s.sql'), '-- key: id\nSELECT id, v FROM bronze.t\n');
  const scenario = open({
    layers: ['bronze', 'silver'],
    tables: [{ name: 't', pk: 'id', history }],
  });
  await scenario.write('t.csv', 'id,v\n1,\n2,\n');
  await scenario.run();
  await scenario.write('t.csv', 'id,v\n1,\n2,\n3,6\n');
  expect((await scenario.run()).report.layers).toMatchObject({
    'bronze.t': {
      operation: 'rebuilt',
      reason: 'the column v has become bigint, so that every row was written anew',
    },
  });
  await using bronze = await DeltaTable.open(join(dir(), 'lake/bronze/t'));
  const types = (await bronze.snapshot()).schema.fields.map(({ name, type }) => [name, type]);
  expect(types.slice(0, 2)).toEqual([
    ['id', 'long'],
    ['v', 'long'],
  ]);
  const silver = await layerRows(join(dir(), 'lake'), 'silver.s');
  await scenario.run({ fullRefresh: true });
  expect(await layerRows(join(dir(), 'lake'), 'silver.s')).toEqual(silver);
});
