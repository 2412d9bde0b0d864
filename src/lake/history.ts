import type { LedgerEntry, PublishedFile, TableState } from './ledger-entry.ts';

/** A published file with the run that published it and the key that its rows are applied by. */
export interface HistoryFile {
  readonly run: number;
  readonly file: PublishedFile;
  readonly primaryKey: readonly string[];
}

/** What a table's rows follow from, at a run: its newest full-load until then and the change files after it, in order. */
export interface TableHistory {
  readonly name: string;
  readonly state: TableState;
  readonly files: readonly HistoryFile[];
}

/** Every table of the lake as of a run (the newest where undefined), in the order of the ledger. */
export function tableHistories(entries: readonly LedgerEntry[], run?: number): TableHistory[] {
  const until = entries.slice(0, run === undefined ? undefined : run + 1);
  const last = until.at(-1);
  if (last === undefined) return [];
  return Object.entries(last.tables).map(([name, state]) => ({ name, state, files: filesOf(until, name) }));
}

function filesOf(entries: readonly LedgerEntry[], name: string): HistoryFile[] {
  const files = entries.flatMap((entry): HistoryFile[] => {
    const state = entry.tables[name];
    return state?.file == null ? [] : [{ run: entry.run, file: state.file, primaryKey: state.primaryKey }];
  });
  return files.slice(files.findLastIndex(({ file }) => file.kind === 'full-load'));
}
