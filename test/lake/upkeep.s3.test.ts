import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { JOURNAL, LEDGER, REJECTS, SNAPSHOTS, STAGING } from '../../src/lake/layout.ts';
import { segmentFolder } from '../../src/pipeline/context.ts';
import { compact } from '../../src/pipeline/compact.ts';
import { toldCycle } from '../../src/pipeline/cycle.ts';
import { lookAtLedger } from '../../src/pipeline/doctor/lake.ts';
import { openStorage } from '../../src/storage/open.ts';
import type { Storage } from '../../src/storage/port.ts';
import { describeWith } from '../support/external.ts';
import { S3_START_TIMEOUT_MS, type S3Server, versitygw } from '../support/s3-server.ts';
import { openScenario, testEdge } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';
import { wrapStorage } from '../support/wrapped-storage.ts';

describeWith(await versitygw(), 'a lake in a bucket', ({ start }) => {
  const dir = useTempDir();
  let server: S3Server;
  beforeAll(async () => {
    server = await start();
  }, S3_START_TIMEOUT_MS);
  afterAll(() => server.stop());

  const open = async (bucket: string): Promise<Storage> =>
    openStorage(await server.bucket(bucket, 'raw'), server.env);

  async function keysOf(storage: Storage, ...prefixes: readonly string[]): Promise<string[]> {
    const keys: string[] = [];
    for (const prefix of prefixes) for await (const { key } of storage.list(prefix)) keys.push(key);
    return keys.toSorted();
  }

  it('is not begun beside change files of others, but where the prefix is adopted', async () => {
    const storage = await open('foreign');
    await storage.putIfAbsent('full-load/t/t.parquet', Buffer.from('x'));
    await storage.putIfAbsent('cdc/t/t_20251004_095645.parquet', Buffer.from('y'));
    const lake = openScenario(dir(), { tables: [{ name: 't', pk: 'id' }] }, { storage });
    await lake.write('t.csv', 'id\n1\n');
    const refusal = {
      code: 'LAKE_NOT_EMPTY',
      message: expect.stringMatching(/^s3:\/\/foreign\/raw holds 2 files .*cdc\/t\/t_20251004_095645/),
    };
    await expect(lake.run()).rejects.toMatchObject(refusal);
    await expect(lake.plan()).rejects.toMatchObject(refusal);
    await expect(lookAtLedger(storage, 'files:./source')).rejects.toMatchObject(refusal);
    expect(await keysOf(storage, '_igarape/')).toEqual([]);
    expect((await lake.run({ adoptPrefix: true })).report.run).toBe(0);
    expect((await lake.run()).exitCode).toBe(0);
    expect((await lake.verify()).ok).toBe(true);
  });

  it('keeps no base, no staged file, no list and no rejected line but those of its newest entry, whatever died', async () => {
    const storage = await open('upkeep');
    const tables = [
      { name: 't', pk: 'id', bad_lines: 'reject', max_update_ratio: 1 },
      { name: 'log', mode: 'append', file: 'log_*.csv' },
    ];
    const lake = openScenario(dir(), { tables }, { storage });
    for (let run = 0; run < 6; run += 1) {
      await lake.write('t.csv', `id,v\n1,${run}\n2,b\n3,c,too many ${run}\n`);
      await lake.write(`log_${run}.csv`, `v\n${run}\n`);
      let writes = 0;
      const die = (): void => {
        writes += 1;
        if (writes === 2 + 2 * run) throw new Error('dies here');
      };
      const dying = wrapStorage(storage, { before: die });
      await openScenario(dir(), { tables }, { storage: dying })
        .run()
        .catch((error: unknown) => error);
      expect((await lake.run()).exitCode).toBe(0);
    }
    await compact({ ...lake, tables: ['t'] }, testEdge(), 'igarape test');
    const newest = (await lake.ledger()).at(-1);
    const needed = Object.values(newest?.tables ?? {}).flatMap(({ base, taken, rejects }) => [
      ...base.segments.map(({ key }) => key),
      ...[taken, rejects].flatMap((one) => one?.key ?? []),
    ]);
    expect(await keysOf(storage, STAGING, SNAPSHOTS, REJECTS)).toEqual(needed.toSorted());
    expect(await readdir(segmentFolder(lake.config.workDir))).toHaveLength(
      needed.filter((key) => key.endsWith('.parquet')).length,
    );
    expect((await lake.verify()).ok).toBe(true);
    expect(await keysOf(storage, LEDGER)).toHaveLength((newest?.run ?? 0) + 1);
  });

  it('keeps of the cycles that found nothing new the last twenty', async () => {
    const storage = await open('journal');
    const { config } = openScenario(dir(), { tables: [{ name: 't', pk: 'id' }] });
    const report = { run: null, source: { id: 'x', version: '1' }, tables: {} };
    for (let cycle = 0; cycle < 25; cycle += 1) {
      await toldCycle(
        { config, storage, env: {}, writer: 'igarape test', redact: (text) => text },
        testEdge(),
        () => Promise.resolve({ report, exitCode: 0 as const }),
      );
    }
    expect(await keysOf(storage, JOURNAL)).toHaveLength(20);
  });
});
