import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { IgarapeError } from '../../src/core/errors.ts';
import { openJson } from '../../src/snapshot/json.ts';
import { useTempDir } from '../support/tmp.ts';
import { writeFileAt } from '../support/write-file.ts';

const dir = useTempDir();

/** Pieces of JSON with the number of rows in them. */
interface Piece {
  readonly text: string;
  readonly rows: number;
}

const joined = (pieces: readonly Piece[], separator: string): string =>
  pieces.map(({ text }) => text).join(separator);
const rowsOf = (pieces: readonly Piece[]): number => pieces.reduce((sum, { rows }) => sum + rows, 0);

const space = fc.constantFrom('', ' ', '\n', '\r\n\t');
const row: fc.Arbitrary<Piece> = fc
  .tuple(fc.nat(99), space)
  .map(([id, blank]) => ({ text: `{${blank}"id"${blank}:${blank}${id}}`, rows: 1 }));
const list: fc.Arbitrary<Piece> = fc
  .tuple(fc.array(row, { maxLength: 3 }), space)
  .map(([rows, blank]) => ({ text: `[${blank}${joined(rows, `${blank},`)}${blank}]`, rows: rows.length }));
const other = fc
  .constantFrom('1', '"]"', 'null', '{"a":[1,2]}', '[1,[2]]', '"\\"{"', '{}')
  .map((text) => ({ text, rows: 0 }));
const document: fc.Arbitrary<Piece> = fc
  .array(fc.tuple(fc.constantFrom('data', 'meta', 'id2', 'é'), fc.oneof(list, other)), {
    minLength: 1,
    maxLength: 4,
  })
  .map((members) => ({
    text: `{${members.map(([name, { text }]) => `${JSON.stringify(name)}:${text}`).join(',')}}`,
    rows: rowsOf(members.map(([, piece]) => piece)),
  }));
const file: fc.Arbitrary<Piece> = fc
  .tuple(
    fc.array(fc.oneof(row, list, document), { minLength: 1, maxLength: 3 }),
    fc.constantFrom('', '\n', ',', ' '),
    fc.constantFrom('', '\n', ' ', ']', 'x', ','),
  )
  .map(([pieces, separator, end]) => ({ text: joined(pieces, separator) + end, rows: rowsOf(pieces) }));

test('of a JSON text all rows are read, or it is refused, whatever stands where', async () => {
  await fc.assert(
    fc.asyncProperty(file, async ({ text, rows }) => {
      const folder = join(dir(), randomUUID());
      const path = join(folder, 't.json');
      await writeFileAt(path, text);
      const { signal } = new AbortController();
      const read = await openJson({ path, name: 't.json' }, ['id'], 'utf-8', folder, signal).catch(
        (error: unknown) => {
          if (!(error instanceof IgarapeError)) throw error;
          return error.code;
        },
      );
      if (read === 'TABLE_UNREADABLE') return;
      if (typeof read === 'string') throw new Error(read);
      // Objects that are no rows have another column than the key: such a table is refused later.
      if (read.columns.some(({ name }) => name !== 'id')) return;
      expect(read.rows).toBe(rows);
    }),
    { numRuns: 150 },
  );
});
