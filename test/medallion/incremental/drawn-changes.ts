import * as fc from 'fast-check';

/** Sources of the columns of `SOURCE_TYPES`. */
export const NAMES = ['a', 'b', 'c'] as const;

const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { freq: 5 });

const row = fc.record({
  id: fc.nat(8),
  ref: maybe(fc.nat(5)),
  x: maybe(fc.nat(4)),
  s: maybe(fc.constantFrom('p', 'q', 'P')),
  m: maybe(fc.constantFrom('1.00', '2.50')),
  ts: maybe(fc.constantFrom('2024-01-01 10:00:00', '2024-01-01 12:00:00', '2024-01-02 00:00:00')),
});

/** A change of a source: the rows of an id go, and one may come, or two that are alike. */
const change = fc
  .record({
    name: fc.constantFrom(...NAMES),
    row,
    times: fc.constantFrom(0, 1, 1, 1, 2),
    isReplaced: fc.boolean(),
  })
  .map(({ name, row: { id, ref, x, s, m, ts }, times, isReplaced }) => {
    const table = `igarape_now."src.${name}"`;
    const values = [id, ref, x, s, m, ts].map((value) => (value === null ? 'NULL' : `'${value}'`));
    const insert = `INSERT INTO ${table} VALUES (${values.join(', ')})`;
    return [
      ...(isReplaced || times === 0 ? [`DELETE FROM ${table} WHERE id = ${id}`] : []),
      ...Array.from({ length: times }, () => insert),
    ];
  });

/** Statements that fill empty sources. */
export const drawnRows: fc.Arbitrary<readonly string[]> = fc
  .array(change, { maxLength: 30 })
  .map((each) => each.flat());

/** Statements that change sources, round by round. */
export const drawnRounds: fc.Arbitrary<readonly (readonly string[])[]> = fc.array(
  fc.array(change, { minLength: 1, maxLength: 4 }).map((each) => each.flat()),
  { minLength: 1, maxLength: 3 },
);
