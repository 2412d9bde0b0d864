import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { generateCsvCount } from '../../scripts/generate-csv-count.ts';
import { countRecords } from '../../src/snapshot/csv-count.ts';
import { dialectOf, visitFields } from '../../src/snapshot/csv-fields.ts';
import { USUAL_RECORD_BYTES, visitRecords } from '../../src/snapshot/csv-records.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();
const CHUNK_BYTES = 1024 * 1024;

async function write(text: string): Promise<string> {
  const path = join(dir(), 't.csv');
  await writeFile(path, text);
  return path;
}

/** What reading one record after the other says; undefined where a record is not as all are, or line ends differ. */
async function countOneByOne(
  path: string,
  dialect: ReturnType<typeof dialectOf>,
  columns: number,
): Promise<number | undefined> {
  let records = 0;
  let isClean = true;
  const lineEnds = await visitRecords(path, { dialect, skip: 0, comment: undefined }, (record) => {
    records += 1;
    const { bytes, start, end, isOpen } = record;
    const fields = visitFields(bytes, start, end, dialect);
    // What follows a closing quote is the engine's to refuse.
    isClean &&= !isOpen && (fields === columns || fields === 'text-after-quote');
    return 'next';
  });
  return isClean && lineEnds.size < 2 ? records : undefined;
}

test('the code is what its source says', async () => {
  const stored = readFileSync(join(import.meta.dirname, '../../src/snapshot/csv-count-code.ts'), 'utf8');
  expect(stored, 'run `npx tsx scripts/generate-csv-count.ts`').toBe(await generateCsvCount());
});

test('a count is what reading one record after the other gives, or there is none', async () => {
  const piece = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.constantFrom('a', ',', ',', '"', '""', '"x"', ' ', ';', 'é', '\n', '\r\n', '\r'),
    },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 130 }).map((length) => 'x'.repeat(length)) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 70 }).map((length) => `"${',\n'.repeat(length)}"`) },
  );
  const columns = fc.integer({ min: 1, max: 3 });
  const quote = fc.constantFrom('"', '');
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 40 }), columns, quote, async (pieces, width, mark) => {
      const path = await write(pieces.join(''));
      const dialect = dialectOf({ separator: ',', quote: mark, escape: '' });
      const counted = await countRecords(path, dialect, width);
      expect([undefined, await countOneByOne(path, dialect, width)]).toContain(counted);
    }),
  );
});

test('an ordinary file is counted without a closer look, wherever its blocks and chunks end', async () => {
  const lineEnd = fc.constantFrom('\n', '\r\n', '\r');
  const field = fc.oneof(
    fc.constantFrom('', 'a', 'é', '""', '"a ""b"" c"', '"a,\nb\r\nc"'),
    fc.integer({ min: 1, max: 130 }).map((length) => 'x'.repeat(length)),
  );
  const row = fc.tuple(field, field, fc.integer().map(String)).map((fields) => fields.join(','));
  const before = fc.constantFrom(0, CHUNK_BYTES - 200, 2 * CHUNK_BYTES - 100);
  const rows = fc.array(row, { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(rows, lineEnd, before, fc.boolean(), async (drawn, end, filled, isEnded) => {
      const all = [`${'f'.repeat(filled)},b,c`, ...drawn];
      const path = await write(all.join(end) + (isEnded ? end : ''));
      const dialect = dialectOf({ separator: ',', quote: '"', escape: '' });
      expect(await countRecords(path, dialect, 3)).toBe(all.length);
    }),
  );
});

test.each([
  ['a row is unusually long', `a,b\n${'x'.repeat(USUAL_RECORD_BYTES)},y\n`],
  ['a row has one field too few', 'a,b\nc\n'],
  ['a row has one field too many, an empty one', 'a,b\nc,d,\n'],
  ['a quote is not closed', 'a,b\n"c,d\n'],
  ['a quote stands within a field', 'a,b\nc"d,e"f\n'],
  ['lines end in two ways', 'a,b\r\nc,d\n'],
  ['lines end in two ways, the last ones', 'a,b\nc,d\r'],
])('there is no count where %s', async (_what, text) => {
  const dialect = dialectOf({ separator: ',', quote: '"', escape: '' });
  expect(await countRecords(await write(text), dialect, 2)).toBeUndefined();
});
