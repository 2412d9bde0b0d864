import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { DeltaTable } from '../../../src/delta/table.ts';
import { Engine } from '../../../src/engine/engine.ts';
import { quoteName, quoteText } from '../../../src/engine/quote.ts';
import { useTempDir } from '../../support/tmp.ts';
import { HandMade } from '../hand-made.ts';

const dir = useTempDir();
const RUNS = Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 30);

/** A column, or a part of one, at the end of which are texts or bytes. */
type Shape =
  | { readonly kind: 'leaf'; readonly type: 'string' | 'binary'; readonly text: string }
  | { readonly kind: 'struct'; readonly members: readonly Shape[] }
  | { readonly kind: 'list'; readonly element: Shape }
  | { readonly kind: 'map'; readonly key: Shape; readonly value: Shape };

const leaf = fc.record({
  kind: fc.constant('leaf' as const),
  type: fc.constantFrom('string' as const, 'binary' as const),
  text: fc.constantFrom('é', String.raw`\x41`, '\\', 'a', String.raw`ü "\xFF"`, ''),
});
const { shape } = fc.letrec<{ shape: Shape }>((tie) => ({
  shape: fc.oneof(
    { maxDepth: 2 },
    leaf,
    fc.record({
      kind: fc.constant('struct' as const),
      members: fc.array(tie('shape'), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ kind: fc.constant('list' as const), element: tie('shape') }),
    fc.record({ kind: fc.constant('map' as const), key: leaf, value: tie('shape') }),
  ),
}));

const MODES = ['none', 'name', 'id'] as const;
const drawn = fc.record({
  shape,
  mode: fc.constantFrom(...MODES),
  hasBytes: fc.boolean(),
  /** In files, columns are found in letters of either case. */
  isUpper: fc.boolean(),
  /** Of each file, which of the leaves in turn it has the other way round. */
  files: fc.array(fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 }),
});

/** @param isOther Whether the next leaf is stored as the other type. @param prefix Of members' names. */
function valueSql(of: Shape, isOther: () => boolean, prefix: string): string {
  switch (of.kind) {
    case 'leaf': {
      const isText = (of.type === 'string') !== isOther();
      return isText ? quoteText(of.text) : `encode(${quoteText(of.text)})`;
    }
    case 'struct':
      return `{${of.members.map((member, index) => `'${prefix}${index}': ${valueSql(member, isOther, prefix)}`).join(', ')}}`;
    case 'list':
      return `[${valueSql(of.element, isOther, prefix)}, NULL]`;
    case 'map':
      return `map([${valueSql(of.key, isOther, prefix)}], [${valueSql(of.value, isOther, prefix)}])`;
    default:
      return of satisfies never;
  }
}

/** The JSON of a type. @param ids The numbers of mapped columns; none where they are not mapped. */
function typeOf(of: Shape, ids: Iterator<number> | undefined): unknown {
  switch (of.kind) {
    case 'leaf':
      return of.type;
    case 'struct':
      return {
        type: 'struct',
        fields: of.members.map((member, index) => field(`m${index}`, typeOf(member, ids), `p${index}`, ids)),
      };
    case 'list':
      return { type: 'array', elementType: typeOf(of.element, ids), containsNull: true };
    case 'map':
      return {
        type: 'map',
        keyType: typeOf(of.key, ids),
        valueType: typeOf(of.value, ids),
        valueContainsNull: true,
      };
    default:
      return of satisfies never;
  }
}

function field(name: string, type: unknown, physical: string, ids: Iterator<number> | undefined): object {
  const metadata =
    ids === undefined
      ? {}
      : { 'delta.columnMapping.id': ids.next().value, 'delta.columnMapping.physicalName': physical };
  return { name, type, nullable: true, metadata };
}

function* numbers(from: number): Generator<number> {
  for (let next = from; ; next += 1) yield next;
}

it('text that files hold as unmarked bytes, and bytes that they mark as text, are what the table says, at any depth', async () => {
  const engine = Engine.open({ memoryLimit: '1GB', spillDir: join(dir(), 'spill') });
  try {
    await fc.assert(
      fc.asyncProperty(drawn, async (given) => {
        const isMapped = given.mode !== 'none';
        const folder = await mkdtemp(join(dir(), 'table-'));
        const made = new HandMade(folder);
        const outer = isMapped ? numbers(1) : undefined;
        const inner = isMapped ? numbers(10) : undefined;
        const fields = [
          field('id', 'long', 'key', outer),
          field('v', typeOf(given.shape, inner), 'column', outer),
          ...(given.hasBytes ? [field('b', 'binary', 'bytes', outer)] : []),
        ];
        await made.commit(0, [
          { protocol: { minReaderVersion: 2, minWriterVersion: 5 } },
          {
            metaData: {
              id: '5fba94ed-9794-4965-ba6e-6ee3c0d22af9',
              format: { provider: 'parquet', options: {} },
              schemaString: JSON.stringify({ type: 'struct', fields }),
              partitionColumns: [],
              configuration: {
                'delta.columnMapping.mode': given.mode,
                'delta.columnMapping.maxColumnId': '99',
              },
            },
          },
        ]);
        const [id, v] = isMapped ? ['key', 'column'] : ['id', given.isUpper ? 'V' : 'v'];
        const ids = given.mode === 'id' ? ', FIELD_IDS {key: 1, "column": 2}' : '';
        const adds: object[] = [];
        for (const [index, others] of given.files.entries()) {
          let at = 0;
          const next = (): boolean => others[at++ % others.length] ?? false;
          const value = valueSql(given.shape, next, isMapped ? 'p' : 'm');
          const rows = `SELECT ${index}::BIGINT AS ${id}, ${value} AS ${quoteName(v)}`;
          adds.push({ add: await made.data(`${index}.parquet`, `${rows} UNION ALL SELECT 100, NULL`, ids) });
        }
        await made.commit(1, adds);
        const table = await DeltaTable.open(folder, { engine });
        const rows = await table.read({ columns: ['id', 'v'] });
        const own = valueSql(given.shape, () => false, 'm');
        const expected = given.files.map((_, index) => `SELECT ${index} AS id, ${own} AS v`);
        const nulls = `SELECT 100 AS id, NULL AS v FROM range(${given.files.length})`;
        const wanted = [...expected, nulls].join(' UNION ALL ');
        expect(
          await engine.rows(
            `SELECT 'ours' AS side, * FROM (FROM (${rows.sql}) EXCEPT ALL (${wanted})) UNION ALL SELECT 'written', * FROM ((${wanted}) EXCEPT ALL FROM (${rows.sql}))`,
          ),
        ).toEqual([]);
        await rows.close();
        await table.close();
      }),
      { numRuns: RUNS },
    );
  } finally {
    engine.close();
  }
});
