import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import { quoteText } from '../../src/engine/quote.ts';
import { openParquet } from '../../src/snapshot/parquet.ts';
import { writeParquetEnd } from '../../src/snapshot/parquet-end.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();
let engine: Engine;
beforeEach(async () => {
  engine = Engine.open({ memoryLimit: '500MB', spillDir: join(dir(), 'spill') });
});
afterEach(() => engine.close());

const path = (name: string): string => join(dir(), name);

async function fromEnd(
  bytes: Buffer,
): Promise<{ readonly isParquet: boolean; readonly asked: readonly number[] }> {
  const asked: number[] = [];
  const end = async (count: number): Promise<Buffer> => {
    asked.push(count);
    return bytes.subarray(Math.max(0, bytes.length - count));
  };
  const isParquet = await writeParquetEnd({ sizeBytes: bytes.length, end }, path('end.parquet'));
  return { isParquet, asked };
}

test.each([
  ['of few columns', 'SELECT i AS id, md5(i::VARCHAR) AS v FROM range(50000) AS r(i)', 1],
  [
    'whose end is longer than what is looked at first',
    `SELECT ${Array.from({ length: 700 }, (_, index) => `i AS "a column of a long name, ${index}"`).join(', ')} FROM range(9) AS r(i)`,
    2,
  ],
])('a Parquet file %s opens by its end as by itself', async (_, select, requests) => {
  await engine.run(`COPY (${select}) TO ${quoteText(path('whole.parquet'))} (FORMAT parquet)`);
  const bytes = await readFile(path('whole.parquet'));
  const { isParquet, asked } = await fromEnd(bytes);
  expect(isParquet).toBe(true);
  expect(asked).toHaveLength(requests);
  expect((await stat(path('end.parquet'))).size).toBe(bytes.length);
  const told = async (name: string): Promise<object> => {
    const { rows, dialect, columns } = await openParquet(engine, path(name), 'table', dir());
    return { rows, dialect, columns };
  };
  expect(await told('end.parquet')).toEqual(await told('whole.parquet'));
});

test.each([
  ['empty', ''],
  ['short', 'PAR1'],
  ['another', 'id,v\n1,2\n3,4\n5,6\n'],
  ['one whose end says that it is longer than the file', `PAR1${'\0'.repeat(20)}\xff\0\0\0PAR1`],
])('a file that is no Parquet is told by its end: %s', async (_, text) => {
  expect((await fromEnd(Buffer.from(text, 'latin1'))).isParquet).toBe(false);
});
