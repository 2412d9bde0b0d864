import { expect, test } from 'vitest';
import { openScenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

test('samples of a table whose columns are named as those of a sample', async () => {
  const scenario = openScenario(dir(), { tables: [{ name: 't', pk: 'operation' }] });
  await scenario.write('t.csv', 'operation,before,next,c,b\n1,a,b,c,d\n2,a,b,c,d\n3,a,b,c,d\n');
  await scenario.run();
  await scenario.write('t.csv', 'operation,before,next,c,b\n3,a,b,c,new\n');
  expect(await scenario.runTable('t')).toMatchObject({ operation: 'held' });
  const { tables } = await scenario.plan();
  expect(JSON.stringify(tables['t'])).toMatch(/"changed":\["b"\]/);
});
