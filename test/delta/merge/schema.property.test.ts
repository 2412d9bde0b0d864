import {
  array,
  assert,
  asyncProperty,
  boolean,
  constantFrom,
  integer,
  record,
  uniqueArray,
} from 'fast-check';
import { expect, it } from 'vitest';
import { createTable } from '../../../src/delta/operations/create-table.ts';
import { Merge } from '../../../src/delta/merge/merge.ts';
import { optimizeTable } from '../../../src/delta/maintain/optimize.ts';
import { loadSnapshot } from '../../../src/delta/log/snapshot.ts';
import type { PlainRow } from '../../../src/engine/plain.ts';
import { openWriter, rowsBetween, tableRows } from '../write/table.ts';

/** A merge whose source has a key, a number of one of several types, one of several other columns, and both in a struct. */
const mergeArbitrary = record({
  ids: uniqueArray(integer({ min: 0, max: 8 }), { minLength: 1, maxLength: 4 }),
  type: constantFrom('SMALLINT', 'INTEGER', 'BIGINT', 'DECIMAL(12,1)', 'DECIMAL(22,2)'),
  value: integer({ min: 0, max: 2 }),
  column: constantFrom('a', 'b', 'c d'),
  deletes: boolean(),
  optimizes: boolean(),
});

const settings = record({ vectors: boolean(), partitioned: boolean() });

type ModelRow = Readonly<Record<string, number | null | Readonly<Record<string, number>>>>;

it(
  'holds what a model holds, whatever columns and types the merges bring',
  { timeout: 300_000 },
  async () => {
    await assert(
      asyncProperty(settings, array(mergeArbitrary, { maxLength: 7 }), async (setting, merges) => {
        const writer = await openWriter();
        await createTable(writer, {
          rows: `SELECT i::INTEGER AS id, (i % 2)::INTEGER AS part, 0::SMALLINT AS value FROM range(5) AS r(i)`,
          partitionColumns: setting.partitioned ? ['part'] : [],
          configuration: { 'delta.enableDeletionVectors': String(setting.vectors) },
        });
        let model = new Map(
          [0, 1, 2, 3, 4].map((id): [number, ModelRow] => [id, { id, part: id % 2, value: 0 }]),
        );
        for (const { ids, type, value, column, deletes, optimizes } of merges) {
          const before = model;
          model = new Map(before);
          for (const id of ids) {
            const row = before.get(id);
            if (deletes && row !== undefined) model.delete(id);
            else model.set(id, { part: id % 2, ...row, id, value, [column]: id, s: { value, [column]: id } });
          }
          const source = ids.map(
            (id) =>
              `SELECT ${id} AS id, ${id % 2} AS part, ${value}::${type} AS value, ${id} AS "${column}", {'${column}': ${id}, 'value': ${value}::${type}} AS s`,
          );
          const merge = new Merge(writer, () => loadSnapshot(writer), source.join(' UNION ALL '), {
            on: ['id'],
            mergeSchema: true,
          });
          const { version, committed } = await merge
            .whenMatchedDelete({ where: String(deletes) })
            .whenMatchedUpdateAll()
            .whenNotMatchedInsertAll()
            .execute();
          const snapshot = await loadSnapshot(writer);
          expect(textsOf(await tableRows(writer, snapshot))).toEqual(textsOf([...model.values()]));
          const changes = committed ? await rowsBetween(writer, version, version) : [];
          const [gone, come] = [
            ofTypes(changes, 'delete', 'update_preimage'),
            ofTypes(changes, 'insert', 'update_postimage'),
          ];
          expect(textsOf([...before.values(), ...come])).toEqual(textsOf([...model.values(), ...gone]));
          // A row is told once for what it was and once for what it became.
          expect(new Set(textsOf(gone)).size).toBe(gone.length);
          if (optimizes) await optimizeTable(writer, snapshot);
        }
      }),
      { numRuns: Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 15) },
    );
  },
);

function ofTypes(changes: readonly PlainRow[], ...types: readonly string[]): PlainRow[] {
  return changes.filter(({ _change_type: type }) => types.some((name) => name === type));
}

const NAMES = ['id', 'part', 'value', 'a', 'b', 'c d', 's'];

/** Rows as texts, their numbers without their types, a column that is missing as a null. */
function textsOf(rows: readonly Readonly<Record<string, unknown>>[]): string[] {
  return rows.map((row) => textOf(row)).toSorted();
}

function textOf(row: Readonly<Record<string, unknown>>): string {
  return NAMES.map((name) => {
    const value = row[name] ?? undefined;
    if (value === undefined) return '-';
    return typeof value === 'object' ? `{${textOf({ ...value })}}` : String(Number(value));
  }).join(' ');
}
