import { describe, expect, test } from 'vitest';
import { openScenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

describe('a key that is only written in another way', () => {
  test.each([
    ['a base of one segment', 2],
    ['a base that grows by segments', 40],
  ])('is the same row of %s, in every later run', async (_what, rows) => {
    const scenario = openScenario(dir(), { tables: [{ name: 't', pk: 'id' }] });
    const others = Array.from({ length: rows }, (_, row) => `${row}.5,x\n`).join('');
    await scenario.write('t.csv', `id,v\n1.25,a\n${others}`);
    await scenario.run();
    await scenario.write('t.csv', `id,v\n1.250,a\n${others}`);
    expect(await scenario.runTable('t')).toMatchObject({ operation: 'unchanged', unchanged: rows + 1 });
    await scenario.write('t.csv', `id,v\n1.2500,b\n${others}`);
    expect(await scenario.runTable('t')).toMatchObject({ updated: 1, unchanged: rows });
    await scenario.write('t.csv', `id,v\n1.25,c\n${others}`);
    expect(await scenario.runTable('t')).toMatchObject({ updated: 1, unchanged: rows });
    await scenario.write('t.csv', `id,v\n${others}`);
    expect(await scenario.runTable('t', { approve: ['t'] })).toMatchObject({ deleted: 1, unchanged: rows });
    expect((await scenario.verify()).tables['t']?.problems).toEqual([]);
  });
});
