import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HandMade } from '../delta/hand-made.ts';
import { callCli } from '../support/call-cli.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

async function customers(): Promise<void> {
  const made = new HandMade(join(dir(), 'customers'));
  const configuration = { 'delta.enableChangeDataFeed': 'true' };
  await made.create(
    { id: 'long', name: 'string' },
    { configuration, timeMs: Date.parse('2024-01-01T00:00:00Z') },
  );
  const add = await made.data(
    'a.parquet',
    `SELECT unnest([1, 2, 9007199254740993])::BIGINT AS id, 'Ana "A", ''x''' AS name`,
  );
  await made.commit(
    1,
    [{ commitInfo: { operation: 'WRITE', engineInfo: 'hand' } }, { add }],
    Date.parse('2024-01-02T00:00:00Z'),
  );
}

async function delta(
  ...args: readonly string[]
): Promise<{ exitCode: number | null; stdout: string; stderr: string }> {
  return callCli(['delta', ...args], dir());
}

describe('igarape delta', () => {
  it('describes a table', async () => {
    await customers();
    const { stdout, exitCode } = await delta('describe', 'customers', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      files: 1,
      columns: [
        { name: 'id', type: 'BIGINT', nullable: true },
        { name: 'name', type: 'VARCHAR', nullable: true },
      ],
      properties: { 'delta.enableChangeDataFeed': 'true' },
    });
    expect(exitCode).toBe(0);
    expect((await delta('describe', 'customers')).stdout).toMatch(/^table +\S+customers\nversion +1\n/);
  });

  it('makes a folder of Parquet files a table', async () => {
    const made = new HandMade(join(dir(), 'sales'));
    await made.data('day=2024-01-31/city=São Paulo/a.parquet', 'SELECT 1 AS id');
    expect(await delta('convert', 'sales', '--partition', 'day')).toMatchObject({ exitCode: 2 });
    expect(await delta('convert', 'sales')).toMatchObject({ exitCode: 2, stdout: '' });
    const { stdout } = await delta('convert', 'sales', '--partition', 'day:date,city:string', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ version: 0, rows: 1, partitionColumns: ['day', 'city'] });
    expect((await delta('read', 'sales', '--where', "day = '2024-01-31'", '--format', 'jsonl')).stdout).toBe(
      '{"id":1,"day":"2024-01-31","city":"São Paulo"}\n',
    );
    expect(await delta('convert', 'sales')).toMatchObject({ exitCode: 5 });
  });

  it('tells its history, newest first', async () => {
    await customers();
    const { stdout } = await delta('history', 'customers');
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      'version  at (UTC)             operation  by    parameters',
      '      1  2024-01-02 00:00:00  WRITE      hand',
      '      0  2024-01-01 00:00:00',
    ]);
    expect(JSON.parse((await delta('history', 'customers', '--limit', '1', '--json')).stdout)).toHaveLength(
      1,
    );
  });

  it('reads rows as a table, as CSV, as JSON lines and as one document, and none of a version without', async () => {
    await customers();
    expect((await delta('read', 'customers', '--columns', 'id', '--where', 'id > 2')).stdout).toBe(
      '              id\n9007199254740993\n1 row\n',
    );
    expect((await delta('read', 'customers', '--where', 'id = 1', '--format', 'csv')).stdout).toBe(
      `id,name\n1,"Ana ""A"", 'x'"\n`,
    );
    const lines = (await delta('read', 'customers', '--where', 'id > 2', '--format', 'jsonl')).stdout;
    expect(lines).toBe(`{"id":9007199254740993,"name":"Ana \\"A\\", 'x'"}\n`);
    const document = JSON.parse((await delta('read', 'customers', '--limit', '2', '--json')).stdout) as {
      rows: unknown[];
    };
    expect(document.rows).toHaveLength(2);
    expect((await delta('read', 'customers', '--version', '0', '--format', 'csv')).stdout).toBe('id,name\n');
    expect(
      (await delta('read', 'customers', '--timestamp', '2024-01-01T12:00:00Z', '--format', 'csv')).stdout,
    ).toBe('id,name\n');
  });

  it('writes rows and changes to files', async () => {
    await customers();
    const read = await delta('read', 'customers', '--out', 'rows.csv');
    expect(read).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^3 rows, .* written to .*rows\.csv\n$/),
    });
    expect(await readFile(join(dir(), 'rows.csv'), 'utf8')).toContain('9007199254740993,');
    await delta('changes', 'customers', '--from', '1', '--out', 'changes.jsonl');
    expect((await readFile(join(dir(), 'changes.jsonl'), 'utf8')).split('\n')[0]).toMatch(
      /"_change_type":"insert","_commit_version":1,"_commit_timestamp":"2024-01-02/,
    );
  });

  it.each([
    [['read', 'nowhere'], 5, 'DELTA_NOT_FOUND'],
    [['read', 'customers', '--version', '7'], 2, 'DELTA_VERSION'],
    [['read', 'customers', '--version', '1', '--timestamp', '2024-01-01'], 2, 'USAGE'],
    [['read', 'customers', '--version', 'x'], 2, 'USAGE'],
    [['read', 'customers', '--columns', 'x'], 2, 'DELTA_QUERY'],
    [['read', 'customers', '--where', 'x = 1'], 2, 'DELTA_QUERY'],
    [['changes', 'customers'], 2, 'USAGE'],
    [['changes', 'customers', '--from', 'tomorrow'], 2, 'DELTA_VERSION'],
    [['read', 'customers', '--out', 'rows.xlsx'], 2, 'USAGE'],
  ])('says what is wrong with %j', async (args, exitCode, code) => {
    await customers();
    const end = await delta(...args, '--json');
    expect(end.exitCode).toBe(exitCode);
    expect(JSON.parse(end.stdout === '' ? end.stderr : end.stdout)).toMatchObject({ error: { code } });
  });
});
