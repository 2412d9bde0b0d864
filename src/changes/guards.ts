import { ROW_KEY } from '../config/config.ts';
import { counted } from '../core/counted.ts';
import { sameNames } from '../core/schema.ts';
import type { Engine } from '../engine/engine.ts';
import { quoteName } from '../engine/quote.ts';
import type { SchemaChange, TypeChange } from '../snapshot/evolve.ts';
import type { ChangeCounts } from './compare.ts';

/** A rule that holds a table back until a person approves it, once, for one run; what was found, and what is allowed. */
export type Guard = Finding & {
  /** The same as an English sentence, without its full stop. */
  readonly message: string;
};

type Finding =
  /** So many `rows` are gone, or would be updated, of all; `limit` is the share that may. */
  | {
      readonly rule: 'mass-delete' | 'mass-update';
      readonly rows: number;
      readonly of: number;
      readonly limit: number;
    }
  /** `before` is null for a table that the lake does not have yet. */
  | { readonly rule: 'empty-table'; readonly before: number | null }
  | { readonly rule: 'cut-file'; readonly files: readonly string[] }
  | { readonly rule: 'empty-file'; readonly files: readonly string[] }
  | { readonly rule: 'type-change'; readonly columns: readonly TypeChange[]; readonly losesDigits: boolean }
  | { readonly rule: 'dropped-column'; readonly columns: readonly string[] }
  | { readonly rule: 'changed-key'; readonly from: readonly string[]; readonly to: readonly string[] }
  | {
      readonly rule: 'frozen-schema';
      readonly added: readonly string[];
      readonly widened: readonly TypeChange[];
    };

/** The guards that a change of the schema or the key trips. */
export function guardSchema(change: SchemaChange, frozen: boolean): Guard[] {
  const guards: Guard[] = [];
  if (change.retyped.length > 0) {
    guards.push(guard({ rule: 'type-change', columns: change.retyped, losesDigits: false }));
  }
  if (change.dropped.length > 0) {
    guards.push(guard({ rule: 'dropped-column', columns: change.dropped }));
  }
  if (frozen && (change.added.length > 0 || change.widened.length > 0)) {
    const added = change.added.map(({ name }) => name);
    guards.push(guard({ rule: 'frozen-schema', added, widened: change.widened }));
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
  return losing.length === 0 ? [] : [guard({ rule: 'type-change', columns: losing, losesDigits: true })];
}

export function guardKey(recorded: readonly string[], configured: readonly string[]): Guard[] {
  return sameNames(recorded, configured)
    ? []
    : [guard({ rule: 'changed-key', from: recorded, to: configured })];
}

/**
 * The guard against a file that is cut within its last line: that line reads as a row like any other, and the rows after
 * it as gone. `before` is whether a file of the table ended so when it was last read, undefined where nobody knows.
 */
export function guardEnd(
  before: boolean | undefined,
  unended: readonly string[] = [],
  { inserted, updated, deleted }: Omit<ChangeCounts, 'unchanged'>,
): Guard[] {
  if (before !== false || unended.length === 0 || inserted + updated + deleted === 0) return [];
  return [guard({ rule: 'cut-file', files: unended })];
}

/** The guard against a file of many that was cut off to nothing. `before` is how many were empty when they were last read. */
export function guardEmptyFiles(
  before: number,
  files: readonly string[],
  { deleted }: Pick<ChangeCounts, 'deleted'>,
): Guard[] {
  return files.length <= before || deleted === 0 ? [] : [guard({ rule: 'empty-file', files })];
}

/** The guards that the changes themselves trip; `baseRows` is undefined for a table seen for the first time. */
export function guardChanges(
  counts: ChangeCounts,
  nextRows: number,
  baseRows: number | undefined,
  maxDeleteRatio: number,
): Guard[] {
  if (nextRows === 0 && baseRows !== 0) return [guard({ rule: 'empty-table', before: baseRows ?? null })];
  if (baseRows === undefined || baseRows === 0 || counts.deleted <= maxDeleteRatio * baseRows) return [];
  return [guard({ rule: 'mass-delete', rows: counts.deleted, of: baseRows, limit: maxDeleteRatio })];
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
  return [guard({ rule: 'mass-update', rows: updated, of: stayed, limit: maxUpdateRatio })];
}

function guard(found: Finding): Guard {
  return { ...found, message: sentenceOf(found) };
}

function sentenceOf(found: Finding): string {
  switch (found.rule) {
    case 'mass-delete':
      return `${shareOf(found)} are gone, more than max_delete_ratio (${found.limit}) allows`;
    case 'mass-update':
      return `${shareOf(found)} would be updated, more than max_update_ratio (${found.limit}) allows`;
    case 'empty-table':
      return `The table has no rows${found.before === null ? '' : `; there were ${counted(found.before)}`}`;
    case 'cut-file':
      return `The last line of ${filesText(found.files)} has no end, and had one until now, so that the file may be cut off`;
    case 'empty-file':
      return `Rows are gone, and ${filesText(found.files)} is empty, as it may be if it was cut off`;
    case 'type-change': {
      const columns = found.columns.map(typeChangeText).join(', ');
      return found.losesDigits ? `Digits would be lost in ${columns}` : `The type of ${columns} would change`;
    }
    case 'dropped-column':
      return `The column ${found.columns.join(', ')} is gone`;
    case 'changed-key':
      if (isWholeRow(found.to)) return `The key was ${found.from.join(' + ')} and would be the whole row`;
      return isWholeRow(found.from)
        ? `The key was the whole row and would be ${found.to.join(' + ')}`
        : `The key was ${found.from.join(' + ')} and would be ${found.to.join(' + ')}`;
    case 'frozen-schema': {
      const what = [
        ...found.added.map((name) => `${name} is new`),
        ...found.widened.map((widened) => `${typeChangeText(widened)} would widen`),
      ];
      return `The schema is frozen, and ${what.join(', ')}`;
    }
    default:
      return found satisfies never;
  }
}

/** Nobody has named that column in a configuration. */
function isWholeRow([first, ...others]: readonly string[]): boolean {
  return first === ROW_KEY && others.length === 0;
}

function filesText([first, ...others]: readonly string[]): string {
  return others.length === 0 ? (first ?? '') : `${first} and ${others.length} more`;
}

function shareOf({ rows, of }: { readonly rows: number; readonly of: number }): string {
  return `${counted(rows)} of ${counted(of)} rows (${((100 * rows) / of).toFixed(1)} %)`;
}

function typeChangeText(change: TypeChange): string {
  const sample = change.sample === undefined ? '' : `, for ${JSON.stringify(change.sample)}`;
  return `${change.name} (${change.from} → ${change.to}${sample})`;
}
