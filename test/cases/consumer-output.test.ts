import { describe, expect, test } from 'vitest';
import { openScenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

const CSV =
  'id;v;DtAtualizacao\n1;a;2025-10-01 10:00:00.000\n2;b;2025-10-01 10:00:00.000\n3;c;2025-10-01 10:00:00.000\n4;d;2025-10-01 10:00:00.000\n';
const TABLE = { name: 't', sep: ';', pk: 'id', date_field: 'DtAtualizacao' };

describe('2c. Output that the consumer can apply', () => {
  test('34. a deleted row has the time of its detection and a later sequence than its last update', async () => {
    let now = Date.UTC(2025, 9, 2);
    const scenario = openScenario(dir(), { tables: [TABLE] }, { edge: { clock: () => now } });
    await scenario.write('t.csv', CSV);
    await scenario.run();
    const files: string[] = [];
    for (const rows of [CSV.replace(';a;2025-10-01', ';A;2025-10-02'), CSV.replace(/^1;.*\n/m, '')]) {
      now += 86_400_000;
      await scenario.write('t.csv', rows);
      files.push((await scenario.runTable('t')).file ?? '');
    }
    const [update, deletion] = await Promise.all(files.map(async (file) => (await scenario.rows(file))[0]));
    expect([update?.['_cdc_operation'], deletion?.['_cdc_operation']]).toEqual(['U', 'D']);
    expect(update?.['_cdc_timestamp']).toBe('2025-10-03 00:00:00+00');
    expect(deletion?.['_cdc_timestamp']).toBe('2025-10-04 00:00:00+00');
    expect(deletion?.['DtAtualizacao']).toBe('2025-10-02 10:00:00');
    expect(Number(deletion?.['_cdc_sequence'])).toBeGreaterThan(Number(update?.['_cdc_sequence']));
  });

  test('34. the time never falls, whatever the clock does', async () => {
    let now = Date.UTC(2025, 9, 2);
    const scenario = openScenario(dir(), { tables: [TABLE] }, { edge: { clock: () => now } });
    await scenario.write('t.csv', CSV);
    await scenario.run();
    const times: unknown[] = [];
    for (const [value, step] of [
      ['x', 86_400_000],
      ['y', -172_800_000],
    ] as const) {
      now += step;
      await scenario.write('t.csv', CSV.replace(';a;', `;${value};`));
      const [row] = await scenario.rows((await scenario.runTable('t')).file ?? '');
      times.push(row?.['_cdc_timestamp']);
    }
    expect(times).toEqual(['2025-10-03 00:00:00+00', '2025-10-03 00:00:00+00']);
  });

  test('35. every change says its operation, its capture time and its sequence', async () => {
    const scenario = openScenario(dir(), { tables: [TABLE] });
    await scenario.write('t.csv', CSV);
    await scenario.run();
    await scenario.write('t.csv', CSV.replace(';a;', ';A;'));
    const { file } = await scenario.runTable('t');
    expect(await scenario.columns(file ?? '')).toEqual({
      id: 'BIGINT',
      v: 'VARCHAR',
      DtAtualizacao: 'TIMESTAMP',
      _cdc_operation: 'VARCHAR',
      _cdc_timestamp: 'TIMESTAMP WITH TIME ZONE',
      _cdc_sequence: 'BIGINT',
    });
  });

  test('36. a column has one type in every file of a table', async () => {
    const scenario = openScenario(dir(), { tables: [TABLE] });
    await scenario.write('t.csv', CSV);
    await scenario.run();
    await scenario.write('t.csv', CSV.replace(';a;2025-10-01 10:00:00.000', ';A;'));
    const { file } = await scenario.runTable('t');
    const fullLoad = await scenario.columns('full-load/t.parquet');
    expect(await scenario.columns(file ?? '')).toMatchObject(fullLoad);
  });

  test('38. the ledger says of each file its run, source version, rows, size and hash; it is the mark of success', async () => {
    const scenario = openScenario(dir(), { tables: [TABLE] });
    await scenario.write('t.csv', CSV);
    await scenario.run();
    const [entry] = await scenario.ledger();
    expect(entry).toMatchObject({ run: 0, source: { id: 'files:./source' } });
    expect(entry?.tables['t']?.file).toMatchObject({
      key: 'full-load/t.parquet',
      rows: 4,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      sizeBytes: (await scenario.storage.stat('full-load/t.parquet'))?.sizeBytes,
    });
  });

  test('the older consumers’ layout: nested folders and one column op', async () => {
    const scenario = openScenario(dir(), { layout: 'nested', compat: 'op', tables: [TABLE] });
    await scenario.write('t.csv', CSV);
    expect((await scenario.runTable('t')).file).toBe('full-load/t/t.parquet');
    await scenario.write('t.csv', CSV.replace(';a;', ';A;'));
    const { file } = await scenario.runTable('t');
    expect(file).toMatch(/^cdc\/t\/t_\d{8}_\d{6}\.parquet$/);
    expect(Object.keys(await scenario.columns(file ?? ''))).toEqual(['id', 'v', 'DtAtualizacao', 'op']);
    expect((await scenario.verify()).ok).toBe(true);
  });

  test('as AWS DMS writes: Op first, the time as text', async () => {
    const scenario = openScenario(
      dir(),
      { compat: 'dms', tables: [TABLE] },
      { edge: { clock: () => Date.UTC(2025, 9, 4, 12, 0, 0, 5) } },
    );
    await scenario.write('t.csv', CSV);
    await scenario.run();
    await scenario.write('t.csv', CSV.replace(';a;', ';A;'));
    const { file } = await scenario.runTable('t');
    const [row] = await scenario.rows(file ?? '');
    expect(Object.entries(row ?? {}).slice(0, 2)).toEqual([
      ['Op', 'U'],
      ['_cdc_timestamp', '2025-10-04 12:00:00.005000'],
    ]);
    expect((await scenario.verify()).ok).toBe(true);
  });
});
