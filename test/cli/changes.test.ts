import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { callCli } from '../support/call-cli.ts';
import { type CliEnd } from '../support/cli.ts';
import { useTempDir } from '../support/tmp.ts';
import { openShop, publish } from './shop.ts';

const dir = useTempDir();
const igarape = async (...args: string[]): Promise<CliEnd> => callCli(args, dir());

beforeEach(async () => {
  const tables = [{ name: 'clients', pk: 'id', max_update_ratio: 1 }];
  await openShop(dir(), { tables, layers: ['bronze', 'silver'], models: 'models' });
  await mkdir(join(dir(), 'models', 'silver'), { recursive: true });
  await writeModel('');
  await publish(dir(), 'clients', [
    { id: 1, name: 'Ana', points: 10 },
    { id: 2, name: 'Bia', points: 20 },
  ]);
  await igarape('run');
});

async function writeModel(header: string): Promise<void> {
  const sql = `-- key: id\n${header}SELECT id, name, points FROM bronze.clients\n`;
  await writeFile(join(dir(), 'models', 'silver', 'clients.sql'), sql);
}

test('changes, key and diff show old values beside new ones', async () => {
  await publish(dir(), 'clients', [
    { id: 1, name: 'Ana', points: 15 },
    { id: 3, name: 'Caio', points: 0 },
  ]);
  expect((await igarape('run', '--approve', 'clients')).exitCode).toBe(0);

  const changes = await igarape('changes', 'clients');
  expect(changes.stdout).toContain('run 1');
  expect(changes.stdout).toContain('1 inserted, 1 updated, 1 deleted');
  expect(changes.stdout).toContain('columns that updates changed: points 1');
  expect(changes.stdout).toContain('U  id: 1  points: 10 → 15');
  expect((await igarape('changes', 'clients', '--operations', 'D')).stdout).not.toContain('points: 10');

  const key = await igarape('key', 'clients', '1');
  expect(key.stdout).toMatch(
    /run 0 .*full-load\s+name: Ana {2}points: 10\nrun 1 .*updated\s+points: 10 → 15/,
  );
  expect((await igarape('key', 'clients', '2')).stdout).toMatch(/run 1 .*deleted/);
  expect((await igarape('key', 'clients', '9')).stdout).toContain('has never had');

  const diff = await igarape('diff', 'silver.clients', '--from', '0', '--to', '1');
  expect(diff.stdout).toContain('1 inserted, 1 updated, 1 deleted');
  expect(diff.stdout).toContain('U  id: 1  points: 10 → 15');
  for (const table of ['clients', 'silver.clients']) {
    const same = await igarape('diff', table, '--from', '1', '--to', '1');
    expect(same).toMatchObject({
      exitCode: 0,
      stdout: `${table} from 1 to 1: nothing differs\n`,
    });
  }
});

test('what is not there is refused with a sentence', async () => {
  const refused = [
    [['changes', 'other'], 'The lake has no table other of the source.'],
    [['changes', 'clients', '--run', '7'], 'Run 7 has published nothing of clients.'],
    [['key', 'clients', '1', '2'], 'The key of clients is id; values given: 2.'],
    [['diff', 'clients', '--from', '0', '--to', '5'], 'The lake has no run 5.'],
  ] as const;
  for (const [args, sentence] of refused) {
    const { exitCode, stderr } = await igarape(...args);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(sentence)]);
  }
});

test('status tells of a table of a layer that a check holds', async () => {
  await writeModel('-- check: row_count >= 1000\n');
  await igarape('run');
  const { stdout } = await igarape('status');
  expect(stdout).toContain('silver.clients is held: row_count >= 1000');
  const { layers } = JSON.parse((await igarape('status', '--json')).stdout);
  expect(layers['silver.clients'].trouble.operation).toBe('held');
  expect(layers['bronze.clients'].trouble).toBeNull();
});
