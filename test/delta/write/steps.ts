import {
  boolean,
  constant,
  constantFrom,
  integer,
  oneof,
  option,
  record,
  type Arbitrary,
  uniqueArray,
} from 'fast-check';
import type { WriteResult } from '../../../src/delta/write/publish.ts';
import type { DeltaTable } from '../../../src/delta/table.ts';

/** A row of the tables that steps are made for. */
export interface Row {
  readonly id: number;
  readonly part: string;
  readonly value: number | null;
}

export type Step =
  | { readonly act: 'append' | 'overwrite'; readonly rows: readonly Row[] }
  | { readonly act: 'merge'; readonly rows: readonly Row[]; readonly bySource: boolean }
  | { readonly act: 'delete' | 'update'; readonly below: number }
  /** `reopen` is up to whoever has the table. */
  | { readonly act: 'optimize' | 'checkpoint' | 'reopen' }
  /** `all`: without regard to older versions. */
  | { readonly act: 'vacuum'; readonly all: boolean }
  | { readonly act: 'restore'; readonly back: number }
  | { readonly act: 'delete part' | 'replace part'; readonly part: string; readonly rows: readonly Row[] };

const PARTS = ['a', 'b', 'é/='];

const rowArbitrary = record({
  id: integer({ min: 0, max: 12 }),
  part: constantFrom(...PARTS),
  value: option(integer({ min: 0, max: 5 })),
});

const rowsArbitrary = uniqueArray(rowArbitrary, { maxLength: 6, selector: ({ id }) => id });

export const stepArbitrary: Arbitrary<Step> = oneof(
  record({ act: constantFrom('append' as const, 'overwrite' as const), rows: rowsArbitrary }),
  record({ act: constant('merge' as const), rows: rowsArbitrary, bySource: boolean() }),
  record({
    act: constantFrom('delete' as const, 'update' as const),
    below: integer({ min: 0, max: 13 }),
  }),
  record({ act: constantFrom('optimize' as const, 'checkpoint' as const, 'reopen' as const) }),
  record({ act: constant('vacuum' as const), all: boolean() }),
  record({ act: constant('restore' as const), back: integer({ min: 0, max: 3 }) }),
  record({
    act: constantFrom('delete part' as const, 'replace part' as const),
    part: constantFrom(...PARTS),
    rows: rowsArbitrary,
  }),
);

/** Carries out a step on a table that holds the model's rows; resolves the version that the table has then. */
export async function run(table: DeltaTable, step: Step, model: readonly Row[]): Promise<number> {
  const { version } = await table.snapshot();
  switch (step.act) {
    case 'append':
      return versionOf(table.append(sqlOf(fresh(model, step.rows))));
    case 'overwrite':
      return versionOf(table.overwrite(sqlOf(step.rows)));
    case 'merge': {
      const merge = table
        .merge(sqlOf(step.rows), { on: ['id'] })
        .whenMatchedDelete({ where: 'source.value = 0' })
        .whenMatchedUpdateAll()
        .whenNotMatchedInsertAll({ where: 'source.value IS DISTINCT FROM 0' });
      return versionOf(
        (step.bySource ? merge.whenNotMatchedBySourceDelete({ where: 'target.id < 4' }) : merge).execute(),
      );
    }
    case 'delete':
      return versionOf(table.delete(`id < ${step.below}`));
    case 'update':
      return versionOf(
        table.update({
          set: { value: 'coalesce(value, 0) % 5 + 1', part: `if(id % 2 = 0, 'a', part)` },
          where: `id < ${step.below}`,
        }),
      );
    case 'delete part':
      return versionOf(table.delete(`part = '${step.part}'`));
    case 'replace part':
      return versionOf(table.overwrite(sqlOf(ofPart(step, model)), { where: `part = '${step.part}'` }));
    case 'optimize':
      return versionOf(table.optimize());
    case 'checkpoint':
      return table.checkpoint();
    case 'vacuum':
      await table.vacuum(step.all ? { retentionMs: 0, allowShortRetention: true } : {});
      return version;
    case 'restore':
      return versionOf(table.restore(olderVersion(version, step)));
    case 'reopen':
      return version;
    default:
      return step satisfies never;
  }
}

async function versionOf(write: Promise<WriteResult>): Promise<number> {
  return (await write).version;
}

/** The version that a restore goes back to. */
export function olderVersion(version: number, { back }: { readonly back: number }): number {
  return Math.max(0, version - back);
}

/** The model after a step; of the versions before it, for a restore. */
export function after(versions: readonly (readonly Row[])[], version: number, step: Step): readonly Row[] {
  const model = versions[version] ?? [];
  switch (step.act) {
    case 'restore':
      return versions[olderVersion(version, step)] ?? [];
    case 'optimize':
    case 'checkpoint':
    case 'vacuum':
    case 'reopen':
      return model;
    case 'append':
      return [...model, ...fresh(model, step.rows)];
    case 'overwrite':
      return step.rows;
    case 'merge': {
      const source = new Map(step.rows.map((row) => [row.id, row]));
      const kept = model.flatMap((row): Row[] => {
        const match = source.get(row.id);
        if (match === undefined) return step.bySource && row.id < 4 ? [] : [row];
        return match.value === 0 ? [] : [match];
      });
      const known = new Set(model.map(({ id }) => id));
      return [...kept, ...step.rows.filter(({ id, value }) => !known.has(id) && value !== 0)];
    }
    case 'delete':
      return model.filter(({ id }) => id >= step.below);
    case 'update':
      return model.map((row) =>
        row.id < step.below
          ? { id: row.id, part: row.id % 2 === 0 ? 'a' : row.part, value: ((row.value ?? 0) % 5) + 1 }
          : row,
      );
    case 'delete part':
      return model.filter(({ part }) => part !== step.part);
    case 'replace part':
      return [...model.filter(({ part }) => part !== step.part), ...ofPart(step, model)];
    default:
      return step satisfies never;
  }
}

/** Rows whose keys the table does not have yet, so that keys stay unique. */
function fresh(model: readonly Row[], rows: readonly Row[]): readonly Row[] {
  return rows.filter(({ id }) => model.every((row) => row.id !== id));
}

function ofPart(step: { part: string; rows: readonly Row[] }, model: readonly Row[]): readonly Row[] {
  const others = model.filter(({ part }) => part !== step.part);
  return fresh(others, step.rows).map((row) => ({ ...row, part: step.part }));
}

export function sqlOf(rows: readonly Row[]): string {
  const list = rows.map(({ id, part, value }) => `(${id}, '${part}', ${value})`);
  const values = list.length === 0 ? `SELECT 0, '', 0 WHERE false` : `VALUES ${list.join(', ')}`;
  return `SELECT id::BIGINT AS id, part::VARCHAR AS part, value::INTEGER AS value FROM (${values}) AS v(id, part, value)`;
}

/** Rows as texts, in their order, to be compared. */
export function textsOf(rows: readonly object[]): string[] {
  return rows
    .map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => !name.startsWith('_'))))
    .map(({ id, part, value }) => `${String(id)} ${String(part)} ${String(value)}`)
    .toSorted();
}
