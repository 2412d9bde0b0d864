import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { callCli } from '../support/call-cli.ts';
import { type CliEnd } from '../support/cli.ts';
import { useTempDir } from '../support/tmp.ts';
import { documentOf, errorReport } from './report-shapes.ts';
import { manyRows, openShop, publish } from './shop.ts';

const dir = useTempDir();
const igarape = async (...args: string[]): Promise<CliEnd> => callCli(args, dir());

beforeEach(async () => {
  await openShop(dir());
  await publish(dir(), 'clients', [
    { id: 1, name: 'Ana' },
    { id: 2, name: 'Bia' },
  ]);
  await igarape('run');
});

test('rows are a table, and off a terminal nothing else is on stdout', async () => {
  const { exitCode, stdout, stderr } = await igarape('query', 'SELECT * FROM clients ORDER BY id');
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toBe('id  name\n 1  Ana\n 2  Bia\n2 rows\n');
});

test('--json is one document, in which numbers keep all their digits', async () => {
  const { stdout } = await igarape(
    'query',
    '--json',
    'SELECT id, 9007199254740993 AS big FROM clients ORDER BY id',
  );
  expect(stdout).toBe(
    '{"columns":[{"name":"id","type":"BIGINT"},{"name":"big","type":"BIGINT"}],' +
      '"rows":[{"id":1,"big":9007199254740993},{"id":2,"big":9007199254740993}]}\n',
  );
  expect((await igarape('query', '--json', 'SELECT * FROM clients WHERE false')).stdout).toContain(
    '"rows":[]}',
  );
});

test.each([
  ['csv', 'id,name\n2,Bia\n1,Ana\n'],
  ['jsonl', '{"id":2,"name":"Bia"}\n{"id":1,"name":"Ana"}\n'],
])('--format %s prints the rows alone, in their order', async (format, expected) => {
  const { stdout } = await igarape('query', 'FROM clients ORDER BY id DESC', '--format', format);
  expect(stdout).toBe(expected);
});

test('a table shows the first hundred rows, --limit as many as asked for, and csv all', async () => {
  await publish(dir(), 'clients', manyRows(250));
  await igarape('run', '--approve', 'clients');
  const table = await igarape('query', 'FROM clients');
  expect(table.stdout.trimEnd().split('\n').at(-1)).toContain('the first 100 rows of more');
  expect((await igarape('query', 'FROM clients', '--limit', '3')).stdout.split('\n')).toHaveLength(6);
  expect((await igarape('query', 'FROM clients', '--format', 'csv')).stdout.trim().split('\n')).toHaveLength(
    251,
  );
  expect(
    (await igarape('query', 'FROM clients', '--format', 'csv', '--limit', '7')).stdout.trim().split('\n'),
  ).toHaveLength(8);
});

describe('--out', () => {
  test.each(['out.parquet', 'out.csv', 'out.jsonl'])(
    'writes %s, over what was there, and nothing beside it',
    async (name) => {
      await igarape('query', 'SELECT 1', '--out', name);
      const { exitCode, stdout } = await igarape(
        'query',
        'FROM clients ORDER BY id',
        '--out',
        name,
        '--json',
      );
      expect(exitCode).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ file: join(dir(), name), rows: 2 });
      expect((await readdir(dir())).filter((each) => each.startsWith('out'))).toEqual([name]);
      expect((await readFile(join(dir(), name))).toString('latin1')).toContain('Bia');
    },
  );

  test('refuses an ending that tells no format, and a folder that is not there', async () => {
    expect((await igarape('query', 'FROM clients', '--out', 'x.xlsx')).exitCode).toBe(2);
    const { exitCode, stderr } = await igarape('query', 'FROM clients', '--out', 'none/x.csv');
    expect(exitCode).toBe(2);
    expect(stderr).toContain(join('none', 'x.csv'));
  });
});

test.each([
  [['DROP TABLE clients'], 'one SELECT'],
  [['FROM client'], 'no table client'],
  [['SELECT nome FROM clients'], 'nome'],
  [['FROM clients', '--format', 'csv', '--out', 'x.csv'], '--out'],
  [['FROM clients', '--limit', '0'], 'above 0'],
])('%j is a usage error without a stack', async (args, words) => {
  const { exitCode, stdout, stderr } = await igarape('query', ...args, '--json');
  expect(exitCode).toBe(2);
  const { error } = documentOf(stdout, errorReport);
  expect(error.code).toBe('USAGE');
  expect(`${error.message} ${error.hint}`).toContain(words);
  expect(stdout + stderr).not.toContain('    at ');
});
