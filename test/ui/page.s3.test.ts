import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStorage } from '../../src/storage/open.ts';
import { describeWith } from '../support/external.ts';
import { S3_START_TIMEOUT_MS, type S3Server, seaweedfs } from '../support/s3-server.ts';
import { openScenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';
import { openSession, runCycle, withPage } from './demo-page.ts';

const dir = useTempDir();

const ADDRESSES = [
  'overview',
  'status',
  'run?run=1',
  'cycles',
  'changes?run=1&table=t&before=1',
  'columns?run=1&table=t',
  'key?table=t&k.id=1',
  'find?q=1',
  'graph',
  'rows?table=bronze.t',
  'rows?table=t&sort=name',
  'profile?table=bronze.t',
  'versions?table=bronze.t',
  'cubes',
];

describeWith(await seaweedfs(), 'the page of a lake on S3', (program) => {
  let server: S3Server;
  beforeAll(async () => {
    server = await program.start();
  }, S3_START_TIMEOUT_MS);
  afterAll(async () => server.stop());

  test('answers as of one on disk; once the store is away it says so, and that one may ask again', async () => {
    const storage = await openStorage(await server.bucket('page', 'a lake'), server.env);
    const lake = openScenario(dir(), { layers: ['bronze'], tables: [{ name: 't', pk: 'id' }] }, { storage });
    await lake.write('t.csv', 'id,name\n1,Ana\n2,Bia\n');
    await runCycle(lake);
    await lake.write('t.csv', 'id,name\n1,Ana Maria\n2,Bia\n');
    await runCycle(lake);
    await withPage(lake, {}, async (served) => {
      const get = await openSession(served);
      for (const address of ADDRESSES)
        expect([address, (await get(`/api/${address}`)).status]).toEqual([address, 200]);
      const changed = await get('/api/changes?run=1&table=t&before=1');
      expect(await changed.json()).toMatchObject({
        rows: [{ cells: ['1', 'Ana Maria'], before: ['1', 'Ana'] }],
      });
      await server.stop();
      expect(await (await get('/api/status')).json()).toMatchObject({
        error: { code: 'LAKE_UNREACHABLE', retryable: true },
      });
    });
  });
});
