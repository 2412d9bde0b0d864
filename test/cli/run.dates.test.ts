import { join } from 'node:path';
import { expect, test } from 'vitest';
import { callCli } from '../support/call-cli.ts';
import { useTempDir } from '../support/tmp.ts';
import { writeFileAt } from '../support/write-file.ts';

const dir = useTempDir();
const write = async (name: string, text: string): Promise<void> => writeFileAt(join(dir(), name), text);

test('of a run of several dates, a table without a later one is told once, and its changes are counted once', async () => {
  const tables = [
    { name: 'vendas', file: 'vendas_{date}.csv', pk: 'id' },
    { name: 'lojas', pk: 'id' },
    { name: 'nada', pk: 'id' },
  ];
  await write(
    'igarape.json',
    JSON.stringify({ source: { type: 'files', path: 'in' }, lake: 'lake', tables }),
  );
  await write('in/vendas_2024-01.csv', 'id,v\n1,1\n');
  await write('in/lojas.csv', 'id\n1\n');
  expect((await callCli(['run'], dir())).exitCode).toBe(4);
  await write('in/vendas_2024-02.csv', 'id,v\n1,1\n2,2\n');
  await write('in/vendas_2024-03.csv', 'id,v\n1,1\n2,2\n3,3\n');
  await write('in/lojas.csv', 'id\n1\n2\n3\n');
  const { stdout } = await callCli(['run'], dir());
  expect(
    stdout.match(/^(?:vendas|lojas|nada) .*$/gm)?.map((line) => line.split(/ {2,}/).slice(0, 3)),
  ).toEqual([
    ['vendas', 'cdc', '1'],
    ['lojas', 'cdc', '2'],
    ['nada', 'held', '0'],
    [expect.stringMatching(/^nada held: /)],
    ['vendas', 'cdc', '1'],
  ]);
  expect(stdout).toMatch(/^2 tables changed: 4 changes, /m);
});
