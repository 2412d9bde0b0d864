import type { LedgerEntry, PastEntry, PublishedFile, TableRun } from '../../lake/ledger-entry.ts';
import { readLedgerBackwards } from '../../lake/ledger.ts';
import type { Storage } from '../../storage/port.ts';

/** A published file that a bronze table has still to apply. */
export interface PendingFile {
  readonly run: number;
  readonly file: PublishedFile;
  /** What rows carry as their time whose file has none: the source version's, else the run's; microseconds since 1970. */
  readonly timeMicros: bigint;
  /** The table as that run left it. */
  readonly state: TableRun;
}

/** Files that follow each other and go together. */
export function inGroups(
  files: readonly PendingFile[],
  goTogether: (left: PendingFile, right: PendingFile) => boolean,
): PendingFile[][] {
  const groups: PendingFile[][] = [];
  for (const file of files) {
    const [first] = groups.at(-1) ?? [];
    if (first !== undefined && goTogether(first, file)) groups.at(-1)?.push(file);
    else groups.push([file]);
  }
  return groups;
}

/** The files of a lake's tables by table, in the order of the ledger. */
export type PendingFiles = ReadonlyMap<string, readonly PendingFile[]>;

/** What a table wants of the ledger. */
export interface Wanted {
  /** The last run that it has applied; undefined for a table that has none. */
  readonly after: number | undefined;
  /** True where also what lies behind the newest full-load counts, for the table keeps its past. */
  readonly past: boolean;
}

/** What the tables have not applied yet. Only as much of the ledger is read as that takes, from its end. */
export async function pendingFiles(
  storage: Storage,
  newest: LedgerEntry | undefined,
  wanted: ReadonlyMap<string, Wanted>,
): Promise<PendingFiles> {
  const pending = new Map<string, PendingFile[]>();
  const open = new Map(wanted);
  for await (const entry of readLedgerBackwards(storage, newest)) {
    for (const [table, { after, past }] of open) {
      const isApplied = after !== undefined && entry.run <= after;
      const kind = isApplied ? undefined : takeFile(pending, entry, table);
      if (isApplied || (kind === 'full-load' && !past)) open.delete(table);
    }
    if (open.size === 0) break;
  }
  return pending;
}

function takeFile(
  pending: Map<string, PendingFile[]>,
  entry: PastEntry,
  table: string,
): PublishedFile['kind'] | undefined {
  const state = entry.tables[table];
  if (state?.file == null) return undefined;
  const files = pending.get(table) ?? [];
  files.unshift({ run: entry.run, file: state.file, state, timeMicros: timeOf(entry, state) });
  pending.set(table, files);
  return state.file.kind;
}

function timeOf({ source, committedAt }: PastEntry, { file, lastTimestampMicros }: TableRun): bigint {
  if (file?.kind === 'cdc') return BigInt(lastTimestampMicros);
  return source.timeMicros === undefined
    ? BigInt(Date.parse(committedAt)) * 1000n
    : BigInt(source.timeMicros);
}
