import { isDeepStrictEqual } from 'node:util';
import { bareRecord } from '../core/bare-record.ts';
import type { Schema } from '../core/schema.ts';
import type {
  LedgerEntry,
  PastEntry,
  RunHead,
  Segment,
  TableReport,
  TableRun,
  TableState,
} from './ledger-entry.ts';

/** What a run has stored of a table. */
export interface RecordedTable extends TableRun {
  /** Left out where it is as it was. */
  readonly schema?: Schema;
  readonly base: {
    /** How many segments of the base before stay in front. */
    readonly kept: number;
    readonly added: readonly Segment[];
    readonly rows: number;
    readonly hashVersion: string | null;
    /** Of a table that was started anew: how many rows it had before. */
    readonly rowsBefore?: number;
  };
}

export interface Changes extends RunHead {
  /** What the run has recorded; the other tables are as they were. */
  readonly tables: Readonly<Record<string, RecordedTable>>;
  /** What the run told of a table, unless it is that it has found it unchanged. */
  readonly report: Readonly<Record<string, TableReport>>;
  /** Of the tables that `report` leaves out: those not looked at, or where that is shorter those that were. */
  readonly others: { readonly unseen: readonly string[] } | { readonly unchanged: readonly string[] };
}

/** A ledger entry as it is stored: what the run has changed, or in the first format everything. */
export type LedgerRecord =
  | { readonly kind: 'changes'; readonly changes: Changes }
  | { readonly kind: 'whole'; readonly entry: LedgerEntry };

export function runOf(record: LedgerRecord): number {
  return record.kind === 'whole' ? record.entry.run : record.changes.run;
}

/** What an entry that follows `previous` is stored as: it grows with what the run has changed, not with the lake. */
export function changesOf(entry: LedgerEntry, previous: LedgerEntry | undefined): Changes {
  const { tables, report, ...head } = entry;
  const known = previous?.tables ?? bareRecord<TableState>();
  const carried = carriedOver(previous);
  const recorded = Object.entries(tables).filter(([name, state]) => !isDeepStrictEqual(state, carried[name]));
  const told = Object.entries(report).filter(
    ([name, table]) => !isDeepStrictEqual(table, unchangedReport(known[name]?.base.rows)),
  );
  const silent = Object.keys(known).filter((name) => !told.some(([each]) => each === name));
  const unseen = silent.filter((name) => !Object.hasOwn(report, name));
  const unchanged = silent.filter((name) => Object.hasOwn(report, name));
  return {
    ...head,
    tables: Object.fromEntries(recorded.map(([name, state]) => [name, recordTable(state, known[name])])),
    report: Object.fromEntries(told),
    others: unseen.length > unchanged.length ? { unchanged } : { unseen },
  };
}

function recordTable(state: TableState, known: TableState | undefined): RecordedTable {
  const { schema: columns, base, ...run } = state;
  const before = known?.base.segments ?? [];
  const differs = before.findIndex((segment, index) => !isDeepStrictEqual(segment, base.segments[index]));
  const kept = differs < 0 ? before.length : differs;
  const isNew = known !== undefined && state.operation === 'full-load';
  return {
    ...run,
    ...(isDeepStrictEqual(columns, known?.schema) ? {} : { schema: columns }),
    base: {
      kept,
      added: base.segments.slice(kept),
      rows: base.rows,
      hashVersion: base.hashVersion,
      ...(isNew ? { rowsBefore: known.base.rows } : {}),
    },
  };
}

/** The lake after a stored entry, from what it was before; undefined where the entry rests on what was not there. */
export function applyRecord(
  previous: LedgerEntry | undefined,
  record: LedgerRecord,
): LedgerEntry | undefined {
  if (record.kind === 'whole') return record.entry;
  const { tables, report, others, ...head } = record.changes;
  const states: Record<string, TableState> = {};
  for (const [name, recorded] of Object.entries(tables)) {
    const known = previous?.tables[name];
    const { schema: columns = known?.schema, base, ...run } = recorded;
    const { kept, added, rows, hashVersion } = base;
    const before = known?.base.segments.slice(0, kept) ?? [];
    if (columns === undefined || before.length < kept || kept + added.length === 0) return undefined;
    states[name] = { ...run, schema: columns, base: { segments: [...before, ...added], rows, hashVersion } };
  }
  return nextEntry(previous, head, states, wholeReport(report, others, rowsOf(previous)));
}

/** An entry that follows `previous`, by the tables that its run records. */
export function nextEntry(
  previous: LedgerEntry | undefined,
  head: RunHead,
  states: LedgerEntry['tables'],
  report: LedgerEntry['report'],
): LedgerEntry {
  return { ...head, tables: bareRecord(carriedOver(previous), states), report };
}

/** The tables that a run does not touch stay as they are, and publish nothing again. */
function carriedOver(entry: LedgerEntry | undefined): Record<string, TableState> {
  const carried = bareRecord<TableState>();
  for (const [name, state] of Object.entries(entry?.tables ?? {})) {
    carried[name] = {
      ...state,
      operation: 'unchanged',
      inserted: 0,
      updated: 0,
      deleted: 0,
      unchanged: state.base.rows,
      file: null,
    };
  }
  return carried;
}

function rowsOf(entry: LedgerEntry | undefined): Map<string, number> {
  return new Map(Object.entries(entry?.tables ?? {}).map(([name, { base }]) => [name, base.rows]));
}

/** What a run told of every table that it looked at. */
function wholeReport(
  told: Changes['report'],
  others: Changes['others'],
  rows: ReadonlyMap<string, number>,
): Record<string, TableReport> {
  const isUnchanged = (name: string): boolean =>
    'unseen' in others ? !others.unseen.includes(name) : others.unchanged.includes(name);
  const unchanged = [...rows].filter(([name]) => told[name] === undefined && isUnchanged(name));
  return bareRecord(Object.fromEntries(unchanged.map(([name, n]) => [name, unchangedReport(n)])), told);
}

function unchangedReport(rows = 0): TableReport {
  return {
    operation: 'unchanged',
    inserted: 0,
    updated: 0,
    deleted: 0,
    unchanged: rows,
    file: null,
    bytes: 0,
  };
}

/** Tells of runs from the newest backwards, by what each has stored and how many rows the tables had before it. */
export class Backwards {
  readonly #rows: Map<string, number>;

  constructor(newest: LedgerEntry) {
    this.#rows = rowsOf(newest);
  }

  /** The next older run: the newest one first. */
  next(record: LedgerRecord): PastEntry {
    if (record.kind === 'whole') return record.entry;
    const { tables, report, others, ...head } = record.changes;
    for (const [name, table] of Object.entries(tables)) {
      const before = table.base.rowsBefore ?? table.base.rows - table.inserted + table.deleted;
      if (table.operation === 'full-load' && table.base.rowsBefore === undefined) this.#rows.delete(name);
      else this.#rows.set(name, before);
    }
    return { ...head, tables, report: wholeReport(report, others, this.#rows) };
  }
}
