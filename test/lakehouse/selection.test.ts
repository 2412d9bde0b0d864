import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { RunRequest } from '../../src/pipeline/context.ts';
import { check } from '../../src/pipeline/check.ts';
import { graph } from '../../src/explore/graph.ts';
import { withReader } from '../../src/explore/reader.ts';
import { verify } from '../../src/pipeline/verify.ts';
import { callCli } from '../support/call-cli.ts';
import { openScenario, type Scenario, testEdge } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';
import { writeFileAt } from '../support/write-file.ts';

const dir = useTempDir();
const CONFIG = {
  layers: ['bronze', 'silver', 'gold'],
  vars: { least: 15 },
  tables: [{ name: 'clients', pk: 'id' }],
};
let scenario: Scenario;

beforeEach(async () => {
  scenario = openScenario(dir(), CONFIG);
  await scenario.write('clients.csv', 'id,name,points\n1,Ana,10\n2,Bia,20\n3,Caio,30\n');
  await model(
    'silver/people/rich.sql',
    '-- key: id\n-- tags: daily\n-- var: least bigint = 0\n-- var: names text[] = Ana, Bia, Caio\nSELECT id, name FROM bronze.clients WHERE points >= $least AND name IN $names',
  );
  await model('silver/all.sql', '-- key: id\nSELECT id FROM bronze.clients');
  await model(
    'gold/people/count.sql',
    '-- key: one\n-- tags: daily\nSELECT 1 AS one, count(*) AS n FROM silver.rich',
  );
});

async function model(name: string, text: string): Promise<void> {
  await writeFileAt(join(dir(), 'models', name), text);
}

/** Operations of the models' tables. */
async function run(request: Partial<RunRequest> = {}): Promise<Record<string, string>> {
  const { layers = {} } = (await scenario.run(request)).report;
  return Object.fromEntries(
    Object.entries(layers).flatMap(([name, { operation }]) =>
      name.startsWith('bronze') ? [] : [[name, operation]],
    ),
  );
}

test('commands take a part of the models, by tag and folder', async () => {
  await run();
  const daily = ['silver.rich', 'gold.count'];
  const checked = await check(scenario, testEdge(), { models: ['tag:daily'] });
  expect(Object.keys(checked.report.models)).toEqual(daily);
  const verified = await verify(scenario, testEdge(), undefined, { models: ['people/'] });
  expect([verified.ok, Object.keys(verified.layers ?? {})]).toEqual([true, daily]);
  expect(Object.keys((await scenario.plan({ models: ['tag:daily'] })).layers ?? {})).toEqual(daily);
  expect(await run({ models: ['silver/people/'] })).toEqual({ 'silver.rich': 'unchanged' });
  const { tables } = await withReader(scenario, testEdge(), (reader) => graph(reader, ['+people/']));
  expect(tables.map(({ name, sources }) => [name, ...sources])).toEqual([
    ['clients'],
    ['bronze.clients', 'clients'],
    ['silver.rich', 'bronze.clients'],
    ['gold.count', 'silver.rich'],
  ]);
});

test('another value of a variable rebuilds the tables of the models that have it', async () => {
  const names = async (): Promise<unknown[]> =>
    (await scenario.query('SELECT name FROM silver.rich ORDER BY 1')).map(({ name }) => name);
  await run();
  expect(await names()).toEqual(['Bia', 'Caio']);
  const config = { ...scenario.config, vars: { least: '25', names: ['Ana', 'Caio'] } };
  expect((await scenario.plan({ config })).layers).toMatchObject({
    'silver.rich': { operation: 'rebuild', reason: 'its model has changed' },
    'silver.all': { operation: 'unchanged' },
  });
  expect(await run({ config })).toEqual({
    'silver.all': 'unchanged',
    'silver.rich': 'rebuilt',
    'gold.count': expect.stringMatching(/^(?:updated|rebuilt)$/),
  });
  expect(await names()).toEqual(['Caio']);
  expect(await run({ config })).toMatchObject({ 'silver.rich': 'unchanged' });
});

test('the command line goes before the configuration', async () => {
  const source = { type: 'files', path: './source' };
  await writeFile(join(dir(), 'igarape.json'), JSON.stringify({ source, ...CONFIG }));
  const refused = await callCli(['graph', '--var', 'least=many', '--models', 'tag:daily'], dir());
  expect([refused.exitCode, refused.stderr]).toEqual([
    2,
    expect.stringContaining('silver/people/rich.sql:3: var: found "many" for $least'),
  ]);
});
