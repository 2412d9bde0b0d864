import {
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import sqlite from 'node-sqlite3-wasm';
import { ZipFile } from 'yazl';
import { measureNode } from './measure.ts';

/** The same rows in each format that is not read by the engine itself, within a memory_limit of 512 MB. */
const ROWS = Number(process.env['BENCH_FORMAT_ROWS'] ?? 1_000_000);
const CLI = join(import.meta.dirname, '..', 'bin', 'igarape.js');
const DATA = join(tmpdir(), 'igarape-bench-data');

const WRITERS = { xlsx: writeWorkbook, sqlite: writeDatabase, jsonl: writeJson };

const table: Record<string, Record<string, string>> = {};
for (const [format, write] of Object.entries(WRITERS)) {
  const file = join(DATA, `${ROWS}.${format}`);
  mkdirSync(DATA, { recursive: true });
  if (!existsSync(file)) {
    await write(`${file}.part`);
    renameSync(`${file}.part`, file);
  }
  const folder = mkdtempSync(join(tmpdir(), 'igarape-bench-'));
  mkdirSync(join(folder, 'source'));
  symlinkSync(file, join(folder, 'source', `t.${format}`));
  const config = join(folder, 'igarape.json');
  const source = { type: 'files', path: './source' };
  writeFileSync(config, JSON.stringify({ source, memory_limit: '512MB', tables: [{ name: 't', pk: 'id' }] }));
  const { seconds, peakBytes } = measureNode([
    CLI,
    'run',
    '--json',
    '--log-level',
    'silent',
    '--config',
    config,
  ]);
  table[format] = { 'first run (s)': seconds.toFixed(2), 'peak (GB)': (peakBytes / 1e9).toFixed(2) };
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${ROWS.toLocaleString('en')} rows, memory_limit 512 MB`);
console.table(table);

function valuesOf(
  id: number,
): readonly [id: number, name: string, points: number, score: number, city: string] {
  return [
    id,
    `client number ${id}`,
    (id * 7919) % 1_000_003,
    Math.sin(id) * 1000,
    id % 2 === 0 ? 'Recife' : 'São Paulo',
  ];
}

async function writeWorkbook(path: string): Promise<void> {
  const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const text = (value: string): string => `<c t="inlineStr"><is><t>${value}</t></is></c>`;
  const number = (value: number): string => `<c><v>${value}</v></c>`;
  const rows = function* (): Generator<string> {
    yield `<worksheet><sheetData><row>${['id', 'name', 'points', 'score', 'city'].map(text).join('')}</row>`;
    for (let id = 0; id < ROWS; id += 1) {
      const cells = valuesOf(id).map((value) => (typeof value === 'number' ? number(value) : text(value)));
      yield `<row>${cells.join('')}</row>`;
    }
    yield '</sheetData></worksheet>';
  };
  const zip = new ZipFile();
  const add = (name: string, xml: string): void => zip.addBuffer(Buffer.from(xml), name);
  add(
    'xl/workbook.xml',
    `<workbook xmlns:r="${relations}"><sheets><sheet name="t" r:id="r"/></sheets></workbook>`,
  );
  add(
    'xl/_rels/workbook.xml.rels',
    `<Relationships><Relationship Id="r" Type="${relations}/worksheet" Target="s.xml"/></Relationships>`,
  );
  zip.addReadStream(Readable.from(rows(), { objectMode: false }), 'xl/s.xml');
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(path));
}

function writeDatabase(path: string): Promise<void> {
  rmSync(path, { force: true });
  const database = new sqlite.Database(path);
  database.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, points INTEGER, score REAL, city TEXT)');
  const insert = database.prepare('INSERT INTO t VALUES (?, ?, ?, ?, ?)');
  database.exec('BEGIN');
  for (let id = 0; id < ROWS; id += 1) insert.run([...valuesOf(id)]);
  database.exec('COMMIT');
  insert.finalize();
  database.close();
  return Promise.resolve();
}

async function writeJson(path: string): Promise<void> {
  const lines = function* (): Generator<string> {
    for (let at = 0; at < ROWS; at += 1) {
      const [id, name, points, score, city] = valuesOf(at);
      yield `${JSON.stringify({ id, name, points, score, city, tags: [id % 3] })}\n`;
    }
  };
  await pipeline(Readable.from(lines()), createWriteStream(path));
}
