import { IgarapeError } from '../core/errors.ts';
import { readCommit } from '../delta/log/commit-read.ts';
import { commitChanges } from '../delta/read/commit-changes.ts';
import { type CountedTable, HelperTables } from '../delta/read/relation.ts';
import type { DeltaTable } from '../delta/table.ts';
import type { Engine } from '../engine/engine.ts';
import { quoteName } from '../engine/quote.ts';
import type { Storage } from '../storage/port.ts';

/** By how many rows of its kind a table has more than before; fewer where it is negative. */
export const TIMES = '_igarape_times';

/** Versions of a table, both ends included. */
interface VersionRange {
  readonly from: number;
  readonly to: number;
}

/**
 * True where versions may have other rows than the one before them. What they tell of the table, and how its files lie, is
 * no such change.
 */
async function mayTouchRows(storage: Storage, { from, to }: VersionRange): Promise<boolean> {
  for (let version = to; version >= from; version -= 1) {
    const actions = await readCommit(storage, version);
    // Nobody knows of a commit that is no longer in the log.
    if (actions === undefined || commitChanges(actions).files.length > 0) return true;
  }
  return false;
}

/**
 * A table of the engine with the rows that a range of versions has added and taken away, in the columns given and
 * {@link TIMES}. What ends as it began is not in it, whatever happened in between, and in whichever order.
 *
 * @throws IgarapeError DELTA_CHANGE_FEED, DELTA_VERSION, DELTA_MISSING where the changes cannot be read
 */
export async function netChanges(
  delta: DeltaTable,
  range: VersionRange,
  columns: readonly string[],
  helpers: HelperTables,
): Promise<CountedTable> {
  await using feed = await delta.changes(range);
  const list = columns.map((name) => `${quoteName(name)}, `).join('');
  const sign = `CASE WHEN _change_type IN ('insert', 'update_postimage') THEN 1 ELSE -1 END`;
  return await helpers.createCounted(
    `SELECT ${list}CAST(sum(${sign}) AS BIGINT) AS ${TIMES} FROM (${feed.sql}) GROUP BY ALL HAVING ${TIMES} <> 0`,
  );
}

/** What has the rows that net changes have added, or taken away, each as often as it was. @param changes Their table. */
export function sideOf(changes: string, side: Side): string {
  return `${changes}_${side}`;
}

/** SQL of {@link sideOf}. */
function sideSql(changes: string, side: Side): string {
  const sign = side === 'gone' ? '-' : '';
  const times = `unnest(range(${sign}${TIMES})) AS _igarape_time`;
  return `SELECT * EXCLUDE (_igarape_time, ${TIMES}) FROM (SELECT *, ${times} FROM ${changes} WHERE ${sign}${TIMES} > 0)`;
}

type Side = 'come' | 'gone';
const SIDES: readonly Side[] = ['come', 'gone'];

/** Net changes that several models ask for: where they are few they are read once. They live as long as the engine. */
export class SharedChanges {
  readonly #engine: Engine;
  readonly #known = new Map<string, CountedTable>();
  readonly #touched = new Map<string, Promise<boolean>>();
  #rows = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** As {@link mayTouchRows}, of a table's folder. */
  async mayTouchRows(storage: Storage, range: VersionRange): Promise<boolean> {
    const asked = JSON.stringify([storage.uri, range.from, range.to]);
    const answer = this.#touched.get(asked) ?? mayTouchRows(storage, range);
    this.#touched.set(asked, answer);
    return answer;
  }

  /** As {@link netChanges}, with {@link sideOf} of them. @param helpers Drops these where nobody else is to have them. */
  async of(
    delta: DeltaTable,
    range: VersionRange,
    columns: readonly string[],
    helpers: HelperTables,
  ): Promise<CountedTable> {
    const asked = JSON.stringify([delta.uri, range.from, range.to, columns]);
    const known = this.#known.get(asked);
    if (known !== undefined) return known;
    const own = new HelperTables(this.#engine);
    const made = await netChanges(delta, range, columns, own);
    const isShared = this.#rows + made.count <= MOST_SHARED_ROWS;
    const sides = SIDES.map((side) => [sideOf(made.name, side), sideSql(made.name, side)] as const);
    await own.define(isShared ? 'TABLE' : 'VIEW', sides);
    if (isShared) {
      this.#rows += made.count;
      this.#known.set(asked, made);
    } else helpers.adopt(own);
    return made;
  }
}

const MOST_SHARED_ROWS = 100_000;

/** Errors by which a change feed tells that it does not reach back so far. */
const LOST: ReadonlySet<string> = new Set(['DELTA_CHANGE_FEED', 'DELTA_VERSION', 'DELTA_MISSING']);

/** True for an error that says that changes can no longer be read. */
export function isLostFeed(error: unknown): error is IgarapeError {
  return error instanceof IgarapeError && LOST.has(error.code);
}

/** Why the changes of a table since a version can no longer be read. @throws what is no such reason */
export function unreadable(table: string, since: number, error: unknown): string {
  return `the changes of ${table} since version ${since} cannot be read: ${lostChanges(error)}`;
}

/** Why rows can no longer be read. @throws what is no such reason */
export function lostChanges(error: unknown): string {
  if (isLostFeed(error)) return error.message;
  throw error;
}
