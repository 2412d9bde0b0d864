import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CsvOptions } from '../../src/config/config.ts';
import { IgarapeError } from '../../src/core/errors.ts';
import { type CsvReader, openCsvReader, type ReadCsv } from '../support/read-csv.ts';

let reader: CsvReader;
beforeAll(async () => {
  reader = await openCsvReader();
});
afterAll(() => reader.close());

async function readOrRefuse(text: string, options: Partial<CsvOptions>): Promise<ReadCsv | 'refused'> {
  try {
    const { rows, ...read } = await reader.read(text, options);
    return { ...read, rows: sorted(rows) };
  } catch (error) {
    const isRefusal = error instanceof IgarapeError && error.code === 'TABLE_UNREADABLE';
    // That rows were lost on the way is no refusal of the file.
    if (!isRefusal || error.message.includes('were read')) throw error;
    return 'refused';
  }
}

function sorted(rows: ReadCsv['rows']): ReadCsv['rows'] {
  return rows.toSorted((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1));
}

test('a file that is read as it is, and its copy without what is none of its rows, are one table', async () => {
  const piece = fc.constantFrom(
    'a',
    'b',
    ',',
    ',',
    '"',
    '""',
    '"x"',
    '\n',
    '\n',
    '\r\n',
    '\r',
    ' ',
    ';',
    'é',
  );
  const text = fc
    .tuple(
      fc.constantFrom('h', 'h,i', 'h,i,j', 'h,"i"', '"h"'),
      fc.constantFrom('\n', '\r\n', '\r'),
      fc.array(piece, { maxLength: 24 }),
    )
    .map(([header, end, pieces]) => header + end + pieces.join(''));
  await fc.assert(
    fc.asyncProperty(text, async (csv) => {
      const itself = await readOrRefuse(csv, {});
      const copied = await readOrRefuse(csv, { badLines: 'reject' });
      const isBad = copied === 'refused' || copied.rejected > 0;
      expect(itself).toEqual(isBad ? 'refused' : copied);
    }),
  );
});
