import { expect, test } from 'vitest';
import { findKey } from '../../src/explore/find-key.ts';
import { withReader } from '../../src/explore/reader.ts';
import { openScenario, testEdge } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

test('a key that is what was typed stands before those that begin with it, in whatever table it is', async () => {
  const lake = openScenario(dir(), {
    tables: [
      { name: 'a', pk: ['loja', 'id'] },
      { name: 'z', pk: 'id' },
    ],
  });
  const ids = Array.from({ length: 12 }, (_, index) => `"Centro",${1000 + index}`);
  await lake.write('a.csv', `loja,id\n${ids.join('\n')}\n"Praia",100\n`);
  await lake.write('z.csv', 'id\n1\n10\n100\n1005\n');
  await lake.run();
  await withReader(lake, testEdge(), async (reader) => {
    const find = async (text: string, limit: number): Promise<string[]> =>
      (await findKey(reader, text, limit)).map(({ table, key }) => [table, ...Object.values(key)].join(' '));
    expect(await find('100', 3)).toEqual(['a Praia 100', 'z 100', 'a Centro 1000']);
    expect(await find('1005', 3)).toEqual(['a Centro 1005', 'z 1005']);
    expect(await find('centro 1005', 3)).toEqual(['a Centro 1005']);
    expect(await find('Centro 101', 3)).toEqual(['a Centro 1010', 'a Centro 1011']);
    expect(await find('%', 3)).toEqual([]);
  });
});
