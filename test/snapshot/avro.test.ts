import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { describeWith } from '../support/external.ts';
import { fastavroPython } from '../support/python.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

const seed =
  process.env['IGARAPE_PROPERTY_SEED'] ?? (process.env['CI'] === 'true' ? 20_261_124 : randomInt(1e9));

describeWith(await fastavroPython(), `Avro as fastavro writes it, seed ${seed}`, (python) => {
  let files = '';
  beforeAll(async () => {
    files = await mkdtemp(join(tmpdir(), 'igarape-avro-'));
    await promisify(execFile)(python, [join(import.meta.dirname, 'avro_files.py'), files, String(seed)]);
  });
  afterAll(() => rm(files, { recursive: true, force: true }));
  const bytesOf = (name: string): Promise<Buffer> => readFile(join(files, `${name}.avro`));
  const open = (): Scenario =>
    openScenario(dir(), { tables: [{ name: 't', pk: 'id', max_delete_ratio: 1 }] });

  test('has every value in its own type, whatever packs its blocks', async () => {
    const { values, types } = z
      .object({
        values: z.record(z.string(), z.array(z.string().nullable())),
        types: z.record(z.string(), z.string()),
      })
      .parse(JSON.parse(await readFile(join(files, 'expected.json'), 'utf8')));
    const scenario = open();
    await scenario.write('t.avro', await bytesOf('null'));
    expect(await scenario.runTable('t')).toMatchObject({ operation: 'full-load', inserted: 40 });
    expect(await scenario.columns('full-load/t.parquet')).toEqual({ id: 'BIGINT', ...types });
    const rows = await scenario.rows('full-load/t.parquet');
    rows.sort((a, b) => Number(a['id']) - Number(b['id']));
    for (const [column, expected] of Object.entries(values))
      expect({ column, values: rows.map((row) => row[column]) }).toEqual({ column, values: expected });
    for (const codec of ['deflate', 'snappy', 'zstandard']) {
      await scenario.write('t.avro', await bytesOf(codec));
      expect(await scenario.runTable('t')).toMatchObject({ operation: 'unchanged', unchanged: 40 });
    }
    expect(await scenario.verify()).toMatchObject({ ok: true });
  });

  test('is refused where it is cut off within a block, damaged, packed in a way that is not read, or has decimals of more than 38 digits', async () => {
    const scenario = open();
    const whole = await bytesOf('deflate');
    const reasonOf = async (bytes: Buffer): Promise<string | undefined> => {
      await scenario.write('t.avro', bytes);
      const { operation, reason } = await scenario.runTable('t');
      expect(operation).toBe('failed');
      return reason;
    };
    const packed = Buffer.from(whole.toString('latin1').replace('deflate', 'lzma-xz'), 'latin1');
    expect(await reasonOf(packed)).toContain('its blocks are packed by lzma-xz. Write it with deflate');
    for (const cut of [17, 30, Math.floor(whole.length / 3), whole.length - 20, whole.length - 1])
      expect(await reasonOf(whole.subarray(0, cut))).toMatch(/^t\.avro: it is (?:cut off|a damaged)/);
    const damaged = Buffer.from(whole);
    damaged.fill(0, whole.length - 60, whole.length - 20);
    expect(await reasonOf(damaged)).toMatch(/^t\.avro: it is a damaged Avro file/);
    expect(await reasonOf(await bytesOf('long'))).toContain('the column v has decimals of 40 digits');
    expect(await reasonOf(await bytesOf('dense'))).toMatch(/^t\.avro: it is a damaged Avro file/);
  });

  test('whose block differs from its checksum is refused', async () => {
    const scenario = open();
    const whole = await bytesOf('snappy');
    // The checksum of the last block stands before the mark at the file's end.
    const damaged = whole.with(whole.length - 18, (whole.at(-18) ?? 0) ^ 1);
    await scenario.write('t.avro', damaged);
    const { operation, reason } = await scenario.runTable('t');
    expect({ operation, reason }).toEqual({
      operation: 'failed',
      reason: expect.stringMatching(/^t\.avro: it is a damaged Avro file/),
    });
  });

  test('with a value that its type does not have is refused with the column, and none becomes another one', async () => {
    const scenario = open();
    const names = z.array(z.string()).parse(JSON.parse(await readFile(join(files, 'beyond.json'), 'utf8')));
    for (const name of names) {
      await scenario.write('t.avro', await bytesOf(name));
      const { code, reason } = await scenario.runTable('t');
      expect({ name, code, reason }).toEqual({
        name,
        code: 'TABLE_UNREADABLE',
        reason: expect.stringMatching(
          /^t\.avro: in the column v it has (?:a time that no (?:calendar|day) has|decimals of 4 digits), /,
        ),
      });
    }
  });

  test('has dates after the year 9999 as they are, in nested values too', async () => {
    const scenario = open();
    await scenario.write('t.avro', await bytesOf('late'));
    await scenario.runTable('t');
    expect(await scenario.rows('full-load/t.parquet')).toEqual([
      { id: '1', v: '["9999-12-31","+010000-01-01","1970-01-01"]' },
    ]);
  });

  test('may hold records of their own type', async () => {
    const scenario = open();
    await scenario.write('t.avro', await bytesOf('tree'));
    expect(await scenario.runTable('t')).toMatchObject({ operation: 'full-load', inserted: 1 });
    const leaf = '{"below":[],"id":3,"next":null}';
    expect(await scenario.rows('full-load/t.parquet')).toEqual([
      { id: '1', below: `[${leaf},{"below":[${leaf}],"id":2,"next":null}]`, next: leaf },
    ]);
  });
});
