import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { onTerminal, runCli } from '../support/cli.ts';
import { useTempDir } from '../support/tmp.ts';
import { openShop, publish } from './shop.ts';

const dir = useTempDir();
const igarape = async (...args: string[]): ReturnType<typeof runCli> => runCli(args, { cwd: dir() });

async function openFilledShop(): Promise<void> {
  await openShop(dir(), { tables: ['clients', 'orders'].map((name) => ({ name, pk: 'id' })) });
  await publish(dir(), 'clients', [{ id: 1, name: 'Ana' }]);
  await publish(dir(), 'orders', [{ id: 7, client: 1 }]);
  await igarape('run');
}

test('tables, and SHOW TABLES, tell what there is; of one table the types', async () => {
  await openFilledShop();
  const tables = await igarape('tables');
  expect(tables.stdout).toMatch(/clients +1 {2}id, name\n/);
  expect((await igarape('query', 'show tables;')).stdout).toBe(tables.stdout);
  expect((await igarape('tables', 'CLIENTS')).stdout).toMatch(/id +BIGINT +key\nname +VARCHAR\n$/);
  const unknown = await igarape('tables', 'client');
  expect(unknown.exitCode).toBe(2);
  expect(unknown.stderr).toContain('Did you mean clients?');
});

test('a query comes as an argument, from a file or piped in', async () => {
  await openFilledShop();
  const sql = '-- which\nSELECT name FROM clients';
  await writeFile(join(dir(), 'q.sql'), sql);
  const found = await igarape('query', sql);
  expect(found.stdout).toContain('Ana');
  expect(await igarape('query', '--file', 'q.sql')).toEqual(found);
  expect(await runCli(['query', '-'], { cwd: dir(), input: sql })).toEqual(found);
  expect((await igarape('query')).exitCode).toBe(2);
  expect((await igarape('query', '--file', 'nothing.sql')).stderr).toContain('nothing.sql cannot be read');
});

test('the shell runs what is piped in, and ends with the first failure', async () => {
  await openFilledShop();
  const input = 'SELECT name\nFROM clients;\nSELECT nix FROM clients;\nSELECT 3 AS three;';
  const { exitCode, stdout, stderr } = await runCli(['sql'], { cwd: dir(), input });
  expect(exitCode).toBe(2);
  expect(stdout).toBe('name\nAna\n1 row\n');
  expect(stderr).toContain('"nix"');
});

test('the shell completes, goes on after a mistake, and remembers', async () => {
  await openFilledShop();
  const terminal = onTerminal(['sql', '--no-color'], { cwd: dir() });
  await terminal.until((raw) => raw.includes('igarape> '));
  terminal.write('SELECT nix FROM clients;\r');
  const prompted = (raw: string): string[] => raw.split('igarape> ');
  await terminal.until((raw) => raw.includes('error[USAGE]') && prompted(raw).length > 2);
  terminal.write('SELECT * FROM ord');
  await terminal.until((raw) => prompted(raw).at(-1)?.includes('ord') === true);
  terminal.write('\t');
  await terminal.until((raw) => prompted(raw).at(-1)?.includes('ers') === true);
  terminal.write(';\r');
  await terminal.until((raw) => raw.includes('1 row'));
  terminal.write('.quit\r');
  const { exitCode, text } = await terminal.ended;
  expect(exitCode).toBe(0);
  expect(text).toMatch(/id +client/);
});
