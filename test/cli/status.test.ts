import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { callCli } from '../support/call-cli.ts';
import { type CliEnd } from '../support/cli.ts';
import { useTempDir } from '../support/tmp.ts';
import { documentOf, layerReport, runReport } from './report-shapes.ts';
import { openShop, publish } from './shop.ts';

const dir = useTempDir();
const igarape = async (...args: string[]): Promise<CliEnd> => callCli(args, dir());

const count = z.int().nonnegative();
const pastRun = z.strictObject({
  run: count,
  at: z.iso.datetime(),
  source: z.strictObject({ id: z.string(), version: z.string(), time: z.iso.datetime().optional() }),
  writer: z.string().regex(/^igarape \d/),
  backfillFrom: z.string().optional(),
  tables: runReport.shape.tables,
});
const historyRun = pastRun.extend({
  durationMs: count.nullable(),
  layers: z.record(z.string(), layerReport.extend({ durationMs: count })).optional(),
});
const historyReport = z.strictObject({ lake: z.string(), runs: z.array(historyRun) });
const statusReport = z.strictObject({
  lake: z.string(),
  runs: count,
  source: pastRun.shape.source.nullable(),
  tables: z.record(
    z.string(),
    z.strictObject({
      rows: count.nullable(),
      epoch: count.nullable(),
      key: z.array(z.string()),
      sourceVersion: z.string().nullable(),
      lastChange: z
        .strictObject({
          run: count,
          at: z.iso.datetime(),
          time: z.iso.datetime().nullable(),
          operation: z.enum(['full-load', 'cdc']),
          inserted: count,
          updated: count,
          deleted: count,
          file: z.string(),
        })
        .nullable(),
      trouble: z
        .strictObject({ operation: z.enum(['held', 'failed']), reason: z.string().min(1) })
        .nullable(),
      newest: z.strictObject({ column: z.string(), value: z.string() }).nullable(),
      configured: z.boolean(),
    }),
  ),
  lastRuns: z.array(historyRun),
  lastCycle: z.looseObject({ endedAt: z.iso.datetime(), exitCode: count }).nullable(),
  nextRun: z.strictObject({ at: z.iso.datetime(), isAnnounced: z.boolean() }).nullable(),
  sizes: z.strictObject({ source: count, lake: z.record(z.string(), count) }),
  unfinished: z.array(z.string()),
  staged: z.strictObject({ files: count, bytes: count }),
});

beforeEach(async () => {
  await openShop(dir(), {
    timer: { unit: 'hours', value: 6 },
    tables: [
      { name: 'clients', pk: 'id', date_field: 'seen' },
      { name: 'products', pk: 'id' },
    ],
  });
  await publish(dir(), 'clients', [
    { id: 1, seen: '2026-01-01' },
    { id: 2, seen: '2026-01-03' },
  ]);
  await publish(dir(), 'products', [{ id: 1 }]);
});

test('before the first run there are the tables of the configuration', async () => {
  const found = documentOf((await igarape('status', '--json')).stdout, statusReport);
  expect(found).toMatchObject({
    runs: 0,
    source: null,
    tables: { clients: { rows: null } },
    lastCycle: null,
    nextRun: null,
  });
  const { exitCode, stdout } = await igarape('status');
  expect(exitCode).toBe(0);
  expect(stdout).toContain('no runs yet');
  expect(stdout).toContain('not in the lake yet');
});

test('status tells rows, freshness, trouble and the next run; history what each run did', async () => {
  await igarape('run');
  await publish(dir(), 'clients', [
    { id: 1, seen: '2026-01-05' },
    { id: 2, seen: '2026-01-03' },
    { id: 3, seen: '2026-01-04' },
  ]);
  await publish(dir(), 'products', [{ id: 1 }, { id: 1 }]);
  expect((await igarape('run')).exitCode).toBe(4);

  const status = documentOf((await igarape('status', '--json')).stdout, statusReport);
  expect(status.lake).toBe(join(dir(), 'lake'));
  expect(status.tables).toMatchObject({
    clients: {
      rows: 3,
      lastChange: { run: 1, inserted: 1, updated: 1, deleted: 0 },
      newest: { column: 'seen', value: '2026-01-05' },
      trouble: null,
    },
    products: { rows: 1, lastChange: { run: 0 }, newest: null, trouble: { operation: 'held' } },
  });
  expect(status.lastRuns.map(({ run }) => run)).toEqual([1, 0]);
  expect(status.lastCycle).toMatchObject({ exitCode: 4 });
  const dueMs = Date.parse(status.nextRun?.at ?? '') - Date.parse(status.lastCycle?.endedAt ?? '');
  expect(dueMs).toBe(6 * 3_600_000);
  const shown = (await igarape('status')).stdout;
  for (const part of [
    'HELD',
    '+1 ~1 -0',
    'seen 2026-01-05',
    'products is held: ',
    'exit code 4',
    'in 6 hours',
  ])
    expect(shown).toContain(part);

  const history = documentOf((await igarape('history', '--json')).stdout, historyReport);
  expect(history.runs).toEqual(status.lastRuns);
  const limited = documentOf((await igarape('history', '--json', '--limit', '1')).stdout, historyReport);
  expect(limited.runs).toEqual(history.runs.slice(0, 1));
  const ofTable = await igarape('history', '--table', 'products');
  expect(ofTable.stdout.split('\n')[1]).toMatch(/^ *1 .*products\s+held/);
  expect(ofTable.stdout).not.toContain('clients');
  expect((await igarape('history', '--table', 'nothing')).exitCode).toBe(2);
});
