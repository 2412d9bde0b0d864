import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { useTempDir } from '../../support/tmp.ts';
import { openDisk, openTable } from '../disk.ts';
import { HandMade } from '../hand-made.ts';

const dir = useTempDir();

const mapped = (id: number, type: unknown): object => ({
  name: `m${id}`,
  type,
  nullable: true,
  metadata: { 'delta.columnMapping.id': id, 'delta.columnMapping.physicalName': `col-${id}` },
});

/** Where a struct stands in a column: its type there, its SQL, and what is read. */
const PLACES = {
  struct: { type: (s: object) => s, sql: (s: string) => s, value: (s: unknown) => s },
  list: {
    type: (s: object) => ({ type: 'array', elementType: s, containsNull: true }),
    sql: (s: string) => `[${s}, NULL]`,
    value: (s: unknown) => [s, null],
  },
  map: {
    type: (s: object) => ({ type: 'map', keyType: 'string', valueType: s, valueContainsNull: true }),
    sql: (s: string) => `MAP {'k': ${s}}`,
    value: (s: unknown) => new Map([['k', s]]),
  },
  inner: {
    type: (s: object) => ({ type: 'struct', fields: [mapped(20, s), mapped(21, 'long')] }),
    sql: (s: string) => `{'col-20': ${s}, 'col-21': 7}`,
    value: (s: unknown) => ({ m20: s, m21: 7n }),
  },
};

/** Ids of members, from 2: those that the table has, and those that each file was written with. */
const members = fc.uniqueArray(fc.integer({ min: 2, max: 6 }), { minLength: 1, maxLength: 3 });

it('structs are read whatever is left of the members that a file has', async () => {
  const { engine } = await openDisk();
  const place = fc.constantFrom<keyof typeof PLACES>('struct', 'list', 'map', 'inner');
  await fc.assert(
    fc.asyncProperty(
      place,
      members,
      fc.array(members, { minLength: 1, maxLength: 3 }),
      async (at, own, files) => {
        const { type, sql, value } = PLACES[at];
        const made = new HandMade(await mkdtemp(join(dir(), 'table-')));
        const struct = { type: 'struct', fields: own.map((id) => mapped(id, 'string')) };
        const schema = { type: 'struct', fields: [mapped(1, type(struct)), mapped(30, 'long')] };
        const adds: object[] = [];
        for (const [index, ids] of files.entries()) {
          const has = `{${ids.map((id) => `'col-${id}': 'v${id}'`).join(', ')}}`;
          const add = await made.data(
            `${index}.parquet`,
            `SELECT ${sql(has)} AS "col-1", ${index} AS "col-30" UNION ALL SELECT NULL, ${index}`,
          );
          adds.push({ add });
        }
        const metaData = {
          id: 'x',
          format: { provider: 'parquet', options: {} },
          schemaString: JSON.stringify(schema),
          partitionColumns: [],
          configuration: { 'delta.columnMapping.mode': 'name' },
        };
        await made.commit(0, [
          { protocol: { minReaderVersion: 2, minWriterVersion: 5 } },
          { metaData },
          ...adds,
        ]);
        const table = await openTable(made.folder, { engine });
        const found = await (await table.read()).toArray();
        const expected = files.flatMap((ids, index) => {
          const row = Object.fromEntries(own.map((id) => [`m${id}`, ids.includes(id) ? `v${id}` : null]));
          return [
            { m1: value(row), m30: BigInt(index) },
            { m1: null, m30: BigInt(index) },
          ];
        });
        expect(found).toHaveLength(expected.length);
        expect(found).toEqual(expect.arrayContaining(expected));
      },
    ),
    { numRuns: Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 30) },
  );
});
