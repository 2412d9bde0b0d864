import { describe, expect, it } from 'vitest';
import { useTempDir } from '../../support/tmp.ts';
import { openTable } from '../disk.ts';
import { HandMade } from '../hand-made.ts';
import type { DeltaTable } from '../../../src/delta/table.ts';

const dir = useTempDir();

interface Kind {
  readonly type: (inner: unknown) => unknown;
  readonly value: (inner: string) => string;
}

const list: Kind = {
  type: (elementType) => ({ type: 'array', elementType, containsNull: true }),
  value: (inner) => `[${inner}]`,
};
const map: Kind = {
  type: (valueType) => ({ type: 'map', keyType: 'integer', valueType, valueContainsNull: true }),
  value: (inner) => `MAP {1: ${inner}}`,
};
const struct: Kind = {
  type: (type) => ({ type: 'struct', fields: [{ name: 'f', type, nullable: true, metadata: {} }] }),
  value: (inner) => `{'f': ${inner}}`,
};

const kinds: readonly (readonly [name: string, levels: readonly Kind[], lists: number])[] = [
  ['lists', [list], 1],
  ['maps', [map], 1],
  ['lists of structs and maps', [list, struct, map], 2],
];

function nested(levels: readonly Kind[], depth: number): { type: unknown; value: string } {
  let inner: { type: unknown; value: string } = { type: 'integer', value: '7' };
  for (let level = 0; level < depth; level++)
    for (const kind of levels) inner = { type: kind.type(inner.type), value: kind.value(inner.value) };
  return inner;
}

async function made({ type, value }: { type: unknown; value: string }): Promise<DeltaTable> {
  const hand = new HandMade(dir());
  await hand.create({ id: 'integer', deep: type });
  await hand.commit(1, [{ add: await hand.data('a.parquet', `SELECT 1 AS id, ${value} AS deep`) }]);
  return openTable(dir());
}

describe.each(kinds)('%s one inside of another', (_, levels, lists) => {
  it('are read where they are 20', async () => {
    const table = await made(nested(levels, 20 / lists));
    const [row] = await (await table.read()).toArray();
    expect(
      JSON.stringify(row, (_key, value: unknown) => (value instanceof Map ? [...value] : value)),
    ).toContain('7');
  });

  it('are refused by name where they are more, and the other columns read', async () => {
    const depth = 20 / lists + 1;
    const { type, value } = nested(levels, depth);
    const table = await made({ type, value });
    const told = {
      code: 'DELTA_UNSUPPORTED',
      message: `${dir()}: the column deep has ${depth * lists} lists or maps one inside of another; the most are 20`,
    };
    await expect(table.read()).rejects.toMatchObject(told);
    await expect(table.append(`SELECT 2 AS id, ${value} AS deep`)).rejects.toMatchObject(told);
    expect(await (await table.read({ columns: ['id'] })).toArray()).toEqual([{ id: 1 }]);
  });
});
