import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bindParameters, type ParameterValue } from '../../../src/delta/read/parameters.ts';
import { DeltaTable } from '../../../src/delta/table.ts';
import { openMemoryStorage } from '../../../src/storage/memory.ts';
import { openDisk } from '../disk.ts';
import { openWriter, optionsOf } from '../write/table.ts';

describe('parameters', () => {
  it('are values, whatever stands in them', async () => {
    const { engine } = await openDisk();
    const value = fc.oneof(
      fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0')),
      fc.constantFrom(`'; DROP TABLE t; --`, '$name', "it''s", '-- x'),
      fc.integer(),
      fc.double(),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.boolean(),
    );
    await fc.assert(
      fc.asyncProperty(value, async (some) => {
        const sql = bindParameters('SELECT $name AS v', { name: some });
        const [row] = await engine.rows(sql);
        expect(typeof some === 'bigint' ? BigInt(String(row?.['v'])) : row?.['v']).toEqual(some);
      }),
    );
  });

  it.each<[ParameterValue, string]>([
    [null, 'NULL'],
    [new Date('2024-01-31T12:00:00.123Z'), "TIMESTAMPTZ '2024-01-31 12:00:00.123+00'"],
    [Uint8Array.of(0, 39, 255), String.raw`'\x00\x27\xFF'::BLOB`],
    [['a', "b'"], "['a', 'b''']"],
    [0.1, '0.1::DOUBLE'],
    [1e21, '1e21::DOUBLE'],
    [-0, "'-0.0'::DOUBLE"],
    [NaN, "'NaN'::DOUBLE"],
  ])('may be %s', async (value, sql) => {
    const { engine } = await openDisk();
    const bound = bindParameters('SELECT $1 AS v', [value]);
    expect(await engine.rows(bound)).toEqual(await engine.rows(`SELECT ${sql} AS v`));
    expect((await engine.describe(bound))[0]?.type).toBe(
      (await engine.describe(`SELECT ${sql} AS v`))[0]?.type,
    );
  });

  it('stand where no text, name or comment is', () => {
    const sql = `SELECT '$a', "$a", $$ $a $$, $q$ $a $q$, x$a, $a -- $a\n /* $a */ + $a`;
    expect(bindParameters(sql, { a: 7 })).toBe(
      `SELECT '$a', "$a", $$ $a $$, $q$ $a $q$, x$a, 7 -- $a\n /* $a */ + 7`,
    );
  });

  it('that are missing are told by name', () => {
    expect(() => bindParameters('a = $b', { c: 1 })).toThrow(/\$b in a = \$b has no value/);
    expect(() => bindParameters('a = $2', [1])).toThrow(/\$2/);
  });

  it('go with every call that takes SQL', async () => {
    const writer = await openWriter();
    const table = await DeltaTable.create(openMemoryStorage(), {
      ...optionsOf(writer),
      rows: 'SELECT i AS id, $name AS name FROM range($n) AS r(i)',
      parameters: { name: "D'Ávila", n: 10 },
    });
    const where = 'id >= $least AND name = $name';
    const parameters = { least: 8, name: "D'Ávila" };
    expect(await (await table.read({ where, parameters })).toArray()).toHaveLength(2);
    expect(await table.count({ where, parameters })).toBe(2);
    expect(await table.files({ where: 'id > $1', parameters: [9] })).toEqual([]);
    await table.append('SELECT $id AS id', { parameters: { id: 10 } });
    await table.update({ set: { name: '$new' }, where: 'id = $id', parameters: { new: 'x', id: 0 } });
    await table.delete({ where: 'id = $id', parameters: { id: 1 } });
    await table.overwrite('SELECT $id AS id, $name AS name', {
      where: 'id = $id',
      parameters: { id: 2, name: 'two' },
    });
    await table
      .merge('SELECT $id AS id', {
        on: 'target.id = source.id + $more',
        parameters: { id: 1, more: 2, v: 'three' },
      })
      .whenMatchedUpdate({ name: '$v' }, { where: 'target.id < $id + 5' })
      .execute();
    const rows = await table.read({ where: 'id IN ($1, $2, $3)', parameters: [0, 2, 3], columns: ['name'] });
    expect(new Set((await rows.toArray()).map(({ name }) => name))).toEqual(new Set(['three', 'two', 'x']));
    expect(await table.count()).toBe(10);
  });
});
