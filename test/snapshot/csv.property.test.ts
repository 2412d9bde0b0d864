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

const MB = 1024 * 1024;

test.each([
  ['long', 2],
  ['longest', 16],
])(
  'a row is read whole or the file is refused: of the %s, wherever it stands',
  async (_which, limit) => {
    const drawn = fc.record({
      length: fc.oneof(
        fc.constantFrom(
          ...[1, 2].flatMap((times) => [-72, -64, -8, 0].map((more) => times * limit * MB + more)),
        ),
        fc.integer({ min: Math.floor(0.9 * limit * MB), max: Math.floor(2.2 * limit * MB) }),
      ),
      before: fc.integer({ min: 0, max: 3 }),
      after: fc.constantFrom(0, 0, 1, 3),
      quote: fc.constantFrom('', '"'),
      end: fc.constantFrom('\n', '\r\n'),
      isEnded: fc.boolean(),
      footer: fc.constantFrom(0, 1),
    });
    await fc.assert(
      fc.asyncProperty(drawn, async ({ length, before, after, quote, end, isEnded, footer }) => {
        const short = (count: number): number[] => Array.from({ length: count }, () => 3);
        const lengths = [...short(before), length, ...short(after + footer)];
        const lines = ['id,v', ...lengths.map((size, id) => `${id},${quote}${'x'.repeat(size)}${quote}`)];
        const read = await readOrRefuse(lines.join(end) + (isEnded ? end : ''), { footer });
        const found = read === 'refused' ? read : read.rows.map(([id, v]) => `${id} ${v?.length}`).toSorted();
        const rows = lengths.slice(0, lengths.length - footer).map((size, id) => `${id} ${size}`);
        const isLong = length > 16 * MB - 16;
        expect([rows.toSorted(), ...(isLong ? ['refused'] : [])]).toContainEqual(found);
      }),
      { numRuns: Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 8) },
    );
  },
  60_000,
);
