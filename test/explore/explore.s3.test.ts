import { afterAll, beforeAll, expect, test } from 'vitest';
import { changedColumns } from '../../src/explore/changed-positions.ts';
import { changes } from '../../src/explore/changes.ts';
import { findKey } from '../../src/explore/find-key.ts';
import { keyHistory } from '../../src/explore/key-history.ts';
import { profile } from '../../src/explore/profile.ts';
import { withReader } from '../../src/explore/reader.ts';
import { tablePage } from '../../src/explore/table-page.ts';
import { diff } from '../../src/explore/version-diff.ts';
import { toldCycle } from '../../src/pipeline/cycle.ts';
import { runOnce } from '../../src/pipeline/run.ts';
import { openFilesSource } from '../../src/source/files.ts';
import { openStorage } from '../../src/storage/open.ts';
import { makeReport } from '../../src/ui/report.ts';
import { versionsOf } from '../../src/ui/versions.ts';
import { describeWith } from '../support/external.ts';
import { S3_START_TIMEOUT_MS, type S3Server, seaweedfs } from '../support/s3-server.ts';
import { openScenario, testEdge } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';
import { ASSETS } from '../ui/demo-page.ts';

const dir = useTempDir();

describeWith(await seaweedfs(), 'a lake on S3', (program) => {
  let server: S3Server;
  beforeAll(async () => {
    server = await program.start();
  }, S3_START_TIMEOUT_MS);
  afterAll(async () => server.stop());

  test('is looked into as one on disk is: changes, keys, pages, profiles, versions, differences, report', async () => {
    const storage = await openStorage(await server.bucket('explored', 'a lake'), server.env);
    const lake = openScenario(
      dir(),
      {
        layers: ['bronze'],
        tables: [{ name: 't', pk: ['shop', 'id'], max_update_ratio: 1, max_delete_ratio: 1 }],
      },
      { storage },
    );
    const { config } = lake;
    const cycle = async (): Promise<void> => {
      const source = config.source?.type === 'files' ? openFilesSource(config.source) : undefined;
      const told = { config, storage, env: {}, writer: 'igarape test' };
      await toldCycle(told, testEdge(), (edge) => runOnce({ config, storage, source }, edge, 'igarape test'));
    };
    await lake.write('t.csv', 'shop,id,name\nA,1,Ana\nA,2,Bia\nB,1,Caio\n');
    await cycle();
    await lake.write('t.csv', 'shop,id,name\nA,1,Ana Maria\nA,2,Bia\nB,2,Davi\n');
    await cycle();
    await withReader(lake, testEdge(), async (reader) => {
      const page = await changes(reader, { run: 1, table: 't', before: true });
      expect(page.rows.map(({ operation, cells, before }) => [operation, cells, before])).toEqual([
        ['D', ['B', '1', 'Caio'], null],
        ['U', ['A', '1', 'Ana Maria'], ['A', '1', 'Ana']],
        ['I', ['B', '2', 'Davi'], null],
      ]);
      expect((await changedColumns(reader, { run: 1, table: 't' })).columns).toMatchObject([
        { name: 'name', changed: 1 },
      ]);
      const { versions } = await keyHistory(reader, 't', { shop: 'B', id: '1' });
      expect(versions.map(({ operation }) => operation)).toEqual(['F', 'D']);
      expect(await findKey(reader, 'b')).toEqual([
        { table: 't', key: { shop: 'B', id: '1' } },
        { table: 't', key: { shop: 'B', id: '2' } },
      ]);
      for (const table of ['t', 'bronze.t']) {
        expect((await tablePage(reader, { table })).total).toBe(3);
        expect((await tablePage(reader, { table, search: 'davi' })).total).toBe(1);
        expect((await profile(reader, { table })).rows).toBe(3);
        expect((await versionsOf(reader, table)).versions).toHaveLength(2);
        expect((await diff(reader, { table, from: 0, to: 1 })).counts).toEqual({ I: 1, U: 1, D: 1 });
      }
      const { html } = await makeReport({
        reader,
        version: '0',
        allowRun: false,
        nextRun: undefined,
        assets: ASSETS,
        at: '2026-01-01T00:00:00Z',
        runs: 10,
        rows: true,
        maxBytes: 5_000_000,
        signal: testEdge().signal,
      });
      expect(html).toContain('<!doctype html>');
    });
  }, 180_000);
});
