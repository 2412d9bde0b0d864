import { sameName } from '../core/schema.ts';
import type { Engine } from '../engine/engine.ts';
import { quoteName } from '../engine/quote.ts';
import type { SchemaChange, TypeChange } from '../snapshot/evolve.ts';
import type { ChangeCounts } from './compare.ts';

/** A rule that holds a table back until a person approves it, once, for one run. */
export interface Guard {
  readonly rule:
    | 'mass-delete'
    | 'mass-update'
    | 'empty-table'
    | 'type-change'
    | 'dropped-column'
    | 'changed-key'
    | 'frozen-schema';
  /** What was found, with its numbers. */
  readonly message: string;
}

/** The guards that a change of the schema or the key trips. */
export function guardSchema(change: SchemaChange, frozen: boolean): Guard[] {
  const guards: Guard[] = [];
  if (change.retyped.length > 0) {
    guards.push({
      rule: 'type-change',
      message: `The type of ${change.retyped.map(typeChangeText).join(', ')} would change`,
    });
  }
  if (change.dropped.length > 0) {
    guards.push({ rule: 'dropped-column', message: `The column ${change.dropped.join(', ')} is gone` });
  }
  if (frozen && (change.added.length > 0 || change.widened.length > 0)) {
    const what = [
      ...change.added.map((column) => `${column.name} is new`),
      ...change.widened.map((widened) => `${typeChangeText(widened)} would widen`),
    ];
    guards.push({ rule: 'frozen-schema', message: `The schema is frozen, and ${what.join(', ')}` });
  }
  return guards;
}

/** A recorded integer beyond 2^53 would lose digits as a double. `base` is SQL after FROM, in the recorded types. */
export async function guardWidening(engine: Engine, base: string, change: SchemaChange): Promise<Guard[]> {
  const doubles = change.widened.filter(({ from, to }) => from === 'bigint' && to === 'double');
  if (doubles.length === 0) return [];
  const lossy = doubles.map(
    ({ name }) => `bool_or(abs(${quoteName(name)}::HUGEINT) > 9007199254740992) AS ${quoteName(name)}`,
  );
  const [row] = await engine.rows(`SELECT ${lossy.join(', ')} FROM ${base}`);
  const losing = doubles.filter(({ name }) => row?.[name] === true);
  if (losing.length === 0) return [];
  return [
    { rule: 'type-change', message: `Digits would be lost in ${losing.map(typeChangeText).join(', ')}` },
  ];
}

export function guardKey(recorded: readonly string[], configured: readonly string[]): Guard[] {
  const same =
    recorded.length === configured.length &&
    recorded.every((name, index) => sameName(name, configured[index] ?? ''));
  if (same) return [];
  const message = `The key was ${recorded.join(' + ')} and would be ${configured.join(' + ')}`;
  return [{ rule: 'changed-key', message }];
}

/** The guards that the changes themselves trip; `baseRows` is undefined for a table seen for the first time. */
export function guardChanges(
  counts: ChangeCounts,
  nextRows: number,
  baseRows: number | undefined,
  maxDeleteRatio: number,
): Guard[] {
  if (nextRows === 0 && baseRows !== 0) {
    const before = baseRows === undefined ? '' : `; there were ${baseRows}`;
    return [{ rule: 'empty-table', message: `The table has no rows${before}` }];
  }
  if (baseRows === undefined || baseRows === 0 || counts.deleted <= maxDeleteRatio * baseRows) return [];
  const share = ((100 * counts.deleted) / baseRows).toFixed(1);
  return [
    {
      rule: 'mass-delete',
      message: `${counts.deleted} of ${baseRows} rows (${share} %) are gone, more than max_delete_ratio (${maxDeleteRatio}) allows`,
    },
  ];
}

/** Fewer updates than these are looked through at a glance, whatever their share. */
const FEWEST_UPDATES = 20;

/**
 * The guard against rows that are others than before by their key alone: a key that was counted anew, another decimal
 * mark, another encoding. `updated` counts the rows that differ in a column that the base has, too.
 */
export function guardUpdates(
  updated: number,
  { deleted }: Pick<ChangeCounts, 'deleted'>,
  baseRows: number,
  maxUpdateRatio: number,
): Guard[] {
  const stayed = baseRows - deleted;
  if (updated < FEWEST_UPDATES || updated <= maxUpdateRatio * stayed) return [];
  const share = ((100 * updated) / stayed).toFixed(1);
  return [
    {
      rule: 'mass-update',
      message: `${updated} of ${stayed} rows (${share} %) would be updated, more than max_update_ratio (${maxUpdateRatio}) allows`,
    },
  ];
}

function typeChangeText(change: TypeChange): string {
  const sample = change.sample === undefined ? '' : `, for ${JSON.stringify(change.sample)}`;
  return `${change.name} (${change.from} to ${change.to}${sample})`;
}
