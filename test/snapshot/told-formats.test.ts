import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TableReport } from '../../src/lake/ledger-entry.ts';
import { tarOf, zipOf } from '../support/archives.ts';
import { databaseOf } from '../support/database.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';
import { zstdOf, zstdRepeating } from '../support/zstd.ts';

const dir = useTempDir();

function open(table: object = {}, name = 't'): Scenario {
  return openScenario(dir(), { tables: [{ name, pk: 'id', ...table }] });
}

async function publish(file: string, content: string | Uint8Array, table: object = {}): Promise<TableReport> {
  const scenario = open(table);
  await scenario.write(file, content);
  return scenario.runTable('t');
}

const CSV = 'id,v\n1,a\n2,ção\n';
const TSV = 'id\tv\n1\ta\n2\tção\n';
const JSON_LINES = '{"id":1,"v":"a"}\n{"id":2,"v":"ção"}\n';
/** `printf 'id,v\n1,a\n2,ção\n' | bzip2` */
const BZIP2 = Buffer.from(
  '425a683931415926535963bef326000005599400100004300024208100088008002000310340d020064068d01680be47273f8bb9229c284831df799300',
  'hex',
);

const CSV_ZIP = await zipOf({ 'whatever.csv': CSV });
const TABLE_ZIP = await zipOf({ 'a/t.csv': CSV, 'a/README.md': 'x', '__MACOSX/a/._t.csv': 'x' });
const GZ_ZIP = await zipOf({ 't.csv.gz': gzipSync(CSV) });
const ZIP_ZIP = await zipOf({ 'inner.zip': await zipOf({ 't.json': JSON_LINES }) });
const ZIP_ZIP_ZIP = await zipOf({ 'outer.zip': ZIP_ZIP });
const TWO_ZIP = await zipOf({ 'a.csv': CSV, 'b.csv': CSV });
const TAR = await tarOf([{ name: 't.tsv', content: TSV }]);

async function parquet(): Promise<Uint8Array> {
  const scenario = openScenario(`${dir()}/other`, { tables: [{ name: 't', pk: 'id' }] });
  await scenario.write('t.csv', CSV);
  await scenario.run();
  return (await scenario.storage.read('full-load/t.parquet')) ?? Buffer.alloc(0);
}

describe('a file is read as what it is', () => {
  test.each(['\n', '\r\n', '\r'])(
    'a NUL in a value is no sign of another format: lines end with %j',
    async (end) => {
      const scenario = open();
      await scenario.write('t.csv', `id,v${end}1,a\u0000b${end}`);
      expect(await scenario.runTable('t')).toMatchObject({ operation: 'full-load', inserted: 1 });
      expect(await scenario.query('SELECT v FROM t')).toEqual([{ v: 'a\u0000b' }]);
    },
  );

  test.each([
    ['t.tsv', TSV],
    ['t.tsv.gz', gzipSync(TSV)],
    ['t.TSV', TSV],
    ['T.CSV', CSV],
    ['t.txt', CSV],
    ['t.ndjson', JSON_LINES],
    ['t.json.gz', gzipSync(JSON_LINES)],
    ['t.csv', gzipSync(CSV)],
    ['t.csv.gz', CSV],
    ['t.csv', JSON_LINES],
    ['t.csv.zst', zstdOf(Buffer.from(CSV))],
    ['t.csv', zstdOf(Buffer.from(CSV))],
    ['t.csv.bz2', BZIP2],
    ['t.csv.zip', CSV_ZIP],
    ['t.csv', TABLE_ZIP],
    ['t.csv.zip', GZ_ZIP],
    ['t.csv.zip', ZIP_ZIP],
    ['t.csv', TAR],
  ])('%s', async (file, content) => {
    const scenario = open();
    await scenario.write(file, content);
    const report = await scenario.runTable('t');
    expect(report.reason).toBeUndefined();
    expect(await scenario.rows('full-load/t.parquet')).toEqual([
      { id: '1', v: 'a' },
      { id: '2', v: 'ção' },
    ]);
  });

  test('Parquet under any ending, packed too', async () => {
    const bytes = await parquet();
    for (const [file, content] of [
      ['t.csv', bytes],
      ['t.parquet.gz', gzipSync(bytes)],
      ['t.json', zstdOf(bytes)],
    ] as const) {
      const scenario = openScenario(`${dir()}/${file}`, { tables: [{ name: 't', pk: 'id' }] });
      await scenario.write(file, content);
      expect(await scenario.runTable('t')).toMatchObject({ operation: 'full-load', inserted: 2 });
    }
    expect(await publish('t.parquet', bytes, { format: 'csv' })).toMatchObject({
      reason: expect.stringContaining('t.parquet: it is a Parquet file, and "format" of the table says csv.'),
    });
  });
});

describe('a damaged file of a format that its bytes tell', () => {
  const NOT_OURS = /Error:|Exception|Invalid (?:Input|data)|magic bytes|footer|central directory|\/unpacked/i;

  test.each<[string, () => Promise<Uint8Array>]>([
    ['Parquet', parquet],
    ['SQLite', () => databaseOf('CREATE TABLE t (id, v)', "INSERT INTO t VALUES (1, 'a'), (2, 'b')")],
    ['zip', () => zipOf({ 't.csv': CSV.repeat(20) })],
    ['gzip', async () => gzipSync(CSV.repeat(20))],
    ['Zstandard', async () => zstdOf(Buffer.from(CSV.repeat(20)))],
    ['bzip2', async () => BZIP2],
  ])('is told in words of ours, and without a path of this machine: %s', async (_format, whole) => {
    const bytes = Buffer.from(await whole());
    let folder = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: bytes.length - 1 }),
        fc.constantFrom('cut', 'zeros', 'flipped', 'end'),
        fc.constantFrom('t.csv', 't.json', 't.csv.gz', 't.csv.zip'),
        async (at, how, file) => {
          folder += 1;
          const damaged = Buffer.from(how === 'cut' ? bytes.subarray(0, Math.max(at, 4)) : bytes);
          if (how === 'zeros') damaged.fill(0, Math.max(at, 4));
          if (how === 'flipped') damaged.writeUInt8(damaged.readUInt8(at) ^ 0xff, at);
          if (how === 'end') damaged.writeUInt8(damaged.readUInt8(bytes.length - 5) ^ 0x55, bytes.length - 5);
          const packed = file.endsWith('.gz')
            ? gzipSync(damaged)
            : file.endsWith('.zip')
              ? await zipOf({ 't.csv': damaged })
              : damaged;
          const scenario = openScenario(`${dir()}/damaged-${folder}`, { tables: [{ name: 't', pk: 'id' }] });
          await scenario.write(file, packed);
          const { reason = '' } = await scenario.runTable('t');
          expect(reason).not.toContain(dir());
          expect(reason).not.toMatch(NOT_OURS);
        },
      ),
      { numRuns: Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 12) },
    );
  });

  test.each([
    ['a stub', 'PAR1', 'it is a Parquet file that is cut off'],
    ['its marks alone', 'PAR1PAR1', 'it is a damaged Parquet file'],
    [
      'an end that is longer than the file',
      `PAR1${'x'.repeat(9)}\xff\xff\xff\x7fPAR1`,
      'it is a damaged Parquet file',
    ],
    ['its beginning', `PAR1${'x'.repeat(99)}`, 'it is a Parquet file that is cut off'],
  ])('of Parquet, %s', async (_what, bytes, reason) => {
    for (const file of ['t.csv', 't.parquet']) {
      const report = await publish(file, Buffer.from(bytes, 'latin1'), { file });
      expect(report.reason).toBe(`${file}: ${reason}. Fetch it again; the table keeps its last state.`);
    }
  });
});

describe('what is no table is named as what it is', () => {
  const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n';
  test.each([
    ['t.csv', '\uFEFF <!DOCTYPE html><html><body>Sign in</body></html>', 'it is an HTML page. A server may'],
    ['t.json', '<html>\n', 'it is an HTML page'],
    ['t.csv', '\n<!-- a page -->\n<table class="x"><tr><td>id</td></tr></table>', 'it is an HTML page'],
    ['t.csv', '<p>Not found</p>', 'it is an HTML page'],
    ['t.csv', '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', 'it is an XML document'],
    ['t.csv', pointer, 'it is a Git LFS pointer, and not the file that it stands for. Run `git lfs pull`'],
    ['t.parquet', pointer, 'it is a Git LFS pointer'],
    ['t.csv', Buffer.from('377abcaf271c0004', 'hex'), 'it is a 7-Zip archive. Unpack it'],
    ['t.csv.gz', Buffer.from('526172211a0700', 'hex'), 'it is a RAR archive'],
    ['t.csv', Buffer.from('fd377a585a0000', 'hex'), 'it is an xz file'],
    [
      't.csv',
      Buffer.from('d0cf11e0a1b11ae1', 'hex'),
      'it is an Excel workbook of the old form (.xls), or one with a password. Save',
    ],
    [
      't.csv',
      Buffer.from('id,v\n1,abc\n', 'utf16le'),
      'it is text in UTF-16 (little-endian) without a byte order mark. Set "encoding" of the table to "utf-16le"',
    ],
    ['t.csv', Buffer.from('id,v\n1,abc\n', 'utf16le').swap16(), 'Set "encoding" of the table to "utf-16be"'],
    ['t.csv', Buffer.from([0x13, 0, 0, 7, 0, 1, 0, 0, 0, 2]), 'it is binary data of an unknown kind'],
    ['t.csv', gzipSync(gzipSync(CSV)), 'it is a single gzipped file. It is packed twice'],
    ['t.csv', TWO_ZIP, 'it is an archive that holds a.csv, b.csv, and which of them is the table t'],
    ['t.csv', ZIP_ZIP_ZIP, 'it is an archive in an archive in an archive'],
  ])('%s %#', async (file, content, reason) => {
    const report = await publish(file, content);
    expect(report.operation).toBe('failed');
    expect(report.reason).toContain(reason);
  });

  test.each(['Łódź', 'Привет', 'שלום', '日本', 'नमस्ते', '😀', 'a\u001Ab'])(
    'text in UTF-16 with a mark is text, whatever its letters: %s',
    async (word) => {
      const scenario = open();
      const bytes = Buffer.from(`\uFEFFid,v\n1,${word}\n`, 'utf16le');
      for (const content of [bytes, Buffer.from(bytes).swap16()]) {
        await scenario.write('t.csv', content);
        await scenario.run();
        expect(await scenario.query('SELECT v FROM t')).toEqual([{ v: word }]);
      }
    },
  );

  test('text in UTF-16 without a mark is read with its encoding', async () => {
    const bytes = Buffer.from('id,v\n1,abc\n', 'utf16le');
    expect(await publish('t.csv', bytes, { encoding: 'UTF-16LE' })).toMatchObject({ inserted: 1 });
  });

  test.each([
    ['cut', zstdOf(Buffer.from(CSV.repeat(100))).subarray(0, -3), 'The Zstandard file t.csv is cut off'],
    [
      'damaged',
      Buffer.concat([zstdOf(Buffer.from(CSV)).subarray(0, 9), Buffer.alloc(30, 0xff)]),
      'The Zstandard file t.csv is',
    ],
    ['cut', BZIP2.subarray(0, -12), 'The bzip2 file t.csv is'],
    ['damaged', BZIP2.with(40, 0), 'The bzip2 file t.csv is damaged'],
    ['a bomb', zstdRepeating(0x61, 4_000_000_000), 't.csv unpacks to more than'],
  ])('a packed file that is %s is refused %#', async (_what, content, reason) => {
    const report = await publish('t.csv', content);
    expect(report.operation).toBe('failed');
    expect(report.reason).toContain(reason);
  });
});

describe('a table without a file', () => {
  test('is told with what the source has, the likeliest first, and as one that has no state where it has none', async () => {
    const scenario = open({}, 'clientes');
    await scenario.write('a.csv', 'id\n1\n');
    await scenario.write('sub/cliente.csv', 'id\n1\n');
    const first = await scenario.runTable('clientes');
    expect(first.reason).toBe(
      'No file of this version matches "**/clientes.*". The source has sub/cliente.csv, a.csv. Is it sub/cliente.csv? Set "file" of the table clientes to the name of its file.',
    );
    const named = open({ file: 'sub/cliente.csv' }, 'clientes');
    await named.run();
    expect((await scenario.runTable('clientes')).reason).toMatch(
      /Is it sub\/cliente\.csv\? The table clientes keeps its last state/,
    );
  });

  test('has none where two endings match', async () => {
    const scenario = open();
    await scenario.write('t.csv', CSV);
    await scenario.write('t.json', JSON_LINES);
    expect((await scenario.runTable('t')).reason).toContain('t.csv, t.json');
  });
});
