import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from '../support/cli.ts';
import { useTempDir } from '../support/tmp.ts';
import { linesOf, documentOf, planReport, runReport, verifyReport } from './report-shapes.ts';
import { openShop, publish } from './shop.ts';

const dir = useTempDir();
const igarape = async (...args: string[]): ReturnType<typeof runCli> => runCli(args, { cwd: dir() });

test('a stream of snapshots is planned, run and verified, each with one JSON document on stdout', async () => {
  await openShop(dir());
  await publish(dir(), 'clients', [
    { id: 1, name: 'Ana' },
    { id: 2, name: 'Bia' },
    { id: 3, name: 'Caio' },
    { id: 4, name: 'Duda' },
  ]);
  const first = documentOf((await igarape('run', '--json')).stdout, runReport);
  expect(first).toMatchObject({
    run: 0,
    source: { id: 'files:in' },
    tables: { clients: { operation: 'full-load', inserted: 4, file: 'full-load/clients.parquet' } },
  });

  await publish(dir(), 'clients', [
    { id: 1, name: 'Ana', city: 'Recife' },
    { id: 2, name: 'Bia', city: '' },
    { id: 3, name: 'Caio', city: '' },
    { id: 5, name: 'Eva', city: 'Natal' },
  ]);
  const planned = documentOf((await igarape('plan', '--json')).stdout, planReport);
  expect(planned.tables['clients']).toMatchObject({
    operation: 'cdc',
    inserted: 1,
    updated: 1,
    deleted: 1,
    unchanged: 2,
    guards: [],
    schema: { added: [{ name: 'city', type: 'text' }] },
  });
  expect(planned.tables['clients']?.samples).toEqual([
    { operation: 'D', row: { id: '4', name: 'Duda', city: null } },
    {
      operation: 'U',
      row: { id: '1', name: 'Ana', city: 'Recife' },
      before: { id: '1', name: 'Ana', city: null },
      changed: ['city'],
    },
    { operation: 'I', row: { id: '5', name: 'Eva', city: 'Natal' } },
  ]);
  expect(await readdir(join(dir(), 'lake'))).not.toContain('cdc');

  const second = await igarape('run', '--json');
  const report = documentOf(second.stdout, runReport);
  expect(report).toMatchObject({
    run: 1,
    tables: { clients: { operation: 'cdc', inserted: 1, updated: 1, deleted: 1 } },
  });
  const third = documentOf((await igarape('run', '--json')).stdout, runReport);
  expect(third).toMatchObject({
    run: null,
    tables: { clients: { operation: 'unchanged', unchanged: 4, file: null } },
  });

  const verified = documentOf((await igarape('verify', '--json')).stdout, verifyReport);
  expect(verified).toEqual({
    ok: true,
    runs: 2,
    tables: { clients: { ok: true, rows: 4, files: 2, problems: [] } },
  });
});

test('off a terminal stderr holds JSON lines only, all with the id of the run', async () => {
  await openShop(dir());
  await publish(dir(), 'clients', [{ id: 1 }]);
  const ids = await Promise.all(
    ['run', 'plan'].map(async (command) => {
      const { stderr } = await igarape(command, '--json', '--log-level', 'debug');
      const lines = linesOf(stderr);
      expect(lines.length).toBeGreaterThan(0);
      expect(
        lines.every((line) => typeof line['level'] === 'string' && typeof line['msg'] === 'string'),
      ).toBe(true);
      return new Set(lines.map((line) => line['correlation']));
    }),
  );
  expect(ids.map((set) => set.size)).toEqual([1, 1]);
  expect(ids[0]).not.toEqual(ids[1]);
});

test('a table that is held shows the guard with its numbers, and the rows that it is about', async () => {
  await openShop(dir());
  await publish(dir(), 'clients', [{ id: 1 }, { id: 2 }, { id: 3 }]);
  await igarape('run');
  await publish(dir(), 'clients', [{ id: 1 }]);
  const { stdout, exitCode } = await igarape('plan', '--json');
  expect(exitCode).toBe(4);
  const { clients } = documentOf(stdout, planReport).tables;
  expect(clients?.operation).toBe('held');
  const guards = [
    { rule: 'mass-delete', rows: 2, of: 3, limit: 0.3, message: expect.stringContaining('2 of 3 rows') },
  ];
  expect(clients?.guards).toEqual(guards);
  const counts = { inserted: 0, updated: 0, deleted: 2, unchanged: 1 };
  expect(clients).toMatchObject(counts);
  expect(clients?.samples.map(({ operation, row }) => [operation, row['id']])).toEqual([
    ['D', '2'],
    ['D', '3'],
  ]);
  expect((await igarape('plan', '--approve', 'clients')).exitCode).toBe(0);
  const run = await igarape('run', '--json');
  expect(run.exitCode).toBe(4);
  expect(documentOf(run.stdout, runReport).tables['clients']).toMatchObject({
    deleted: 0,
    held: { guards, counts, samples: clients?.samples },
  });
  expect((await igarape('run', '--approve', 'clients')).exitCode).toBe(0);
});
