import { createHash } from 'node:crypto';
import { IgarapeError } from '../../core/errors.ts';
import { HelperTables } from '../../delta/read/relation.ts';
import type { Snapshot } from '../../delta/log/snapshot.ts';
import { appliedVersions, madeOf } from './notes.ts';
import { openSources } from './sources.ts';
import { fullName } from '../layer.ts';
import type { LayerTables } from '../layer-tables.ts';
import type { Model } from '../models/model.ts';
import { type LayerReport, NO_ROWS, sumReports, withSpark } from '../report.ts';
import { appliedVersion, brokenBy } from '../source-identity.ts';
import { MODEL_PROPERTY } from '../step.ts';
import { commitRows } from './commit.ts';
import { computeDates } from './compute-dates.ts';
import { type Cube, openCube } from './cube.ts';
import { allDates, storedDates } from './cube-dates.ts';
import { dayNumber, fromDayNumber, isDate, sortedDates } from './day-number.ts';
import { laidOut } from './layout.ts';
import { hasSchema } from './cube-rows.ts';
import { retried } from './retried.ts';

export interface BackfillRequest {
  /** The first date, `2024-02-01`. */
  readonly from: string;
  /** The last one; it is computed, too. */
  readonly to: string;
  /** The versions of the sources, by full name; the newest of those that are not in it. */
  readonly versions?: ReadonlyMap<string, number>;
  /** Hears of each commit. */
  readonly onProgress?: (progress: BackfillProgress) => void;
  /** Stops between two commits. */
  readonly signal?: AbortSignal;
}

export interface BackfillProgress {
  /** The dates that are committed, those of an interrupted backfill included. */
  readonly done: number;
  readonly total: number;
  /** The newest of them. */
  readonly last: string;
}

export interface BackfillReport extends LayerReport {
  /** How many dates were computed. */
  readonly dates: number;
  /** Where an interrupted backfill had come to: the dates after it were computed now. */
  readonly resumedAfter?: string;
}

/**
 * Computes a gold table's dates from a range anew, month by month, each in a commit of its own that notes how far it has
 * come: the same backfill, of the same model and versions of the sources, goes on from there. Dates without data are
 * none; their rows are deleted. The table does not count as made from these versions of the sources unless
 * the range holds all of its dates.
 *
 * @throws IgarapeError USAGE for a range that is none, or a model that the table was not made by; DELTA_CONFLICT where
 * another run has gone ahead with newer versions; what {@link computeDates} throws
 */
export async function backfillGold(
  tables: LayerTables,
  model: Model,
  request: BackfillRequest,
): Promise<BackfillReport> {
  checkRange(request);
  const sources = await openSources(tables, { model, versions: request.versions }, undefined);
  await using cube = await openCube(tables, model, sources);
  const report = await new Backfill(cube, request).run();
  return withSpark(report, cube.rows.spark, cube.rows.refused);
}

/** All backfills of a table share it, so that its log has no more of them than the last one. */
const APP_ID = 'igarape:backfill';

/** A number that the log keeps has 63 bits: which backfill, and the last date that it has committed. */
const MARK_BITS = 38;
const DAY_BITS = 24n;
/** Days before 1970 have negative numbers. */
const FIRST_DAY = 1n << (DAY_BITS - 1n);

class Backfill {
  readonly #cube: Cube;
  readonly #request: BackfillRequest;
  readonly #versions: ReadonlyMap<string, number>;
  /** Which backfill it is, in the upper bits of what its commits note. */
  readonly #mark: bigint;

  constructor(cube: Cube, request: BackfillRequest) {
    this.#cube = cube;
    this.#request = request;
    this.#versions = new Map(cube.sources.map(({ table, wanted }) => [fullName(table), wanted.version]));
    // The model and its sources, which no other table shares.
    const what = JSON.stringify([
      request.from,
      request.to,
      madeOf(cube.model, cube.sources),
      [...this.#versions],
    ]);
    const hash = createHash('sha256').update(what).digest();
    this.#mark = BigInt.asUintN(MARK_BITS, hash.readBigUInt64BE()) << DAY_BITS;
  }

  async run(): Promise<BackfillReport> {
    const { from, to, onProgress, signal } = this.#request;
    const before = await this.#table();
    const all = await allDates(this.#cube);
    const stored = await storedDates(this.#cube, before);
    const dates = sortedDates(new Set([...all, ...stored]));
    const wanted = dates.filter((date) => isWithin(date, from, to));
    const version = before?.version ?? null;
    if (wanted.length === 0) {
      const reason = `there is no date from ${from} to ${to}: ${fullName(this.#cube.dates.table)} has no rows for one`;
      return { operation: 'unchanged', ...NO_ROWS, version, dates: 0, reason };
    }
    const there = new Set(all);
    const resumed = this.#reached(before);
    let report: BackfillReport = {
      operation: 'unchanged',
      ...NO_ROWS,
      version,
      dates: 0,
      ...(resumed === undefined ? {} : { resumedAfter: resumed }),
    };
    for (const month of byMonth(
      wanted.filter((date) => resumed === undefined || dayNumber(date) > dayNumber(resumed)),
    )) {
      signal?.throwIfAborted();
      const last = month.at(-1) ?? to;
      const isEnd = last === wanted.at(-1);
      const chunk = { month, last, there, isWhole: isEnd && wanted.length === dates.length };
      const next = await retried(this.#cube.tables.edge.log, this.#cube.model, () => this.#chunk(chunk));
      report = added(report, next, month.length);
      if (next.operation === 'held') return report;
      onProgress?.({ done: wanted.indexOf(last) + 1, total: wanted.length, last });
    }
    return report;
  }

  async #chunk({ month, last, there, isWhole }: Chunk): Promise<LayerReport> {
    const before = await this.#table();
    const reached = this.#reached(before);
    // Another backfill of the same dates was here meanwhile.
    if (reached !== undefined && reached >= last)
      return { operation: 'unchanged', ...NO_ROWS, version: before?.version ?? null };
    const compute = month.filter((date) => there.has(date));
    const { model, tables } = this.#cube;
    const reaches = {
      appId: APP_ID,
      version: this.#mark + BigInt(dayNumber(last)) + FIRST_DAY,
      isReset: true,
    };
    const asked = { model, versions: this.#versions };
    const sources = isWhole ? await openSources(tables, asked, before) : [];
    const app = [reaches, ...(appliedVersions(sources).app ?? [])];
    const notes = { app, configuration: madeOf(model, sources) };
    await using helpers = new HelperTables(tables.edge.engine);
    const rows = await computeDates(this.#cube, compute, helpers);
    const computed = {
      model,
      sources: this.#cube.sources,
      target: before,
      ...rows,
      dates: month,
      operation: 'updated',
      notes,
    } as const;
    return await commitRows(tables, computed, helpers);
  }

  /** The table as it is now, where this backfill may go on with it. */
  async #table(): Promise<Snapshot | undefined> {
    const { model, tables } = this.#cube;
    const snapshot = await laidOut(tables, model);
    if (snapshot === undefined) return undefined;
    const isSame = snapshot.configuration[MODEL_PROPERTY] === model.hash;
    if (!isSame || !(await hasSchema(this.#cube, snapshot.schema))) {
      throw new IgarapeError(
        'USAGE',
        `${fullName(model)} was made by another model than ${model.path} is now.`,
        {
          hint: `Make it anew with its changed model first: igarape run --models ${fullName(model)}`,
        },
      );
    }
    for (const source of model.sources) {
      const name = fullName(source);
      const noted = appliedVersion(snapshot, name);
      if (noted === undefined || noted <= (this.#versions.get(name) ?? Infinity)) continue;
      if (brokenBy(snapshot, name, await (await tables.require(source)).snapshot()) !== undefined) continue;
      throw new IgarapeError(
        'DELTA_CONFLICT',
        `${fullName(model)} was made from version ${noted} of ${name} meanwhile, which is newer than the backfill's.`,
        { hint: 'What was committed stays. Run the backfill again.', retryable: true },
      );
    }
    return snapshot;
  }

  /** The last date that an interrupted backfill, or another one at the same time, has committed. */
  #reached(snapshot: Snapshot | undefined): string | undefined {
    const noted = snapshot?.state.transactions.get(APP_ID)?.version;
    if (noted === undefined || noted >> DAY_BITS !== this.#mark >> DAY_BITS) return undefined;
    return fromDayNumber(Number(BigInt.asUintN(Number(DAY_BITS), noted) - FIRST_DAY));
  }
}

interface Chunk {
  /** Ascending. */
  readonly month: readonly string[];
  readonly last: string;
  /** Every date that there is. */
  readonly there: ReadonlySet<string>;
  /** True where the table is from now on as the versions of the sources make it. */
  readonly isWhole: boolean;
}

function isWithin(date: string, from: string, to: string): boolean {
  return dayNumber(from) <= dayNumber(date) && dayNumber(date) <= dayNumber(to);
}

function byMonth(dates: readonly string[]): readonly (readonly string[])[] {
  const months = new Map<string, string[]>();
  for (const date of dates) {
    const month = date.slice(0, -'-01'.length);
    months.set(month, [...(months.get(month) ?? []), date]);
  }
  return [...months.values()];
}

/** With the next month. What is told of one stands until another tells more. */
function added({ reason, ...sum }: BackfillReport, next: LayerReport, dates: number): BackfillReport {
  return {
    ...(reason === undefined ? {} : { reason }),
    ...sum,
    ...sumReports(sum, next),
    dates: sum.dates + (next.operation === 'held' ? 0 : dates),
  };
}

/** @throws IgarapeError USAGE for dates that are none, or a range that ends before it begins. */
export function checkRange({ from, to }: Pick<BackfillRequest, 'from' | 'to'>): void {
  const wrong = [from, to].find((date) => !isDate(date));
  if (wrong !== undefined) {
    throw new IgarapeError('USAGE', `${JSON.stringify(wrong)} is no date.`, {
      hint: 'Dates are written as 2024-02-01.',
    });
  }
  if (from <= to) return;
  throw new IgarapeError('USAGE', `The range from ${from} to ${to} ends before it begins.`, {
    hint: 'Both dates are computed: for one day give it twice.',
  });
}
