import type { LedgerEntry, PublishedFile, TableState } from './ledger-entry.ts';

/** A published file with the run that published it and the key that its rows are applied by. */
export interface HistoryFile {
  readonly run: number;
  readonly file: PublishedFile;
  readonly primaryKey: readonly string[];
}

/** A table at a run, and what it has published until then. */
export interface TableHistory {
  readonly name: string;
  readonly state: TableState;
  /** What its rows follow from: its newest full-load and the change files after it, in order. */
  readonly files: readonly HistoryFile[];
  /** Every file, of earlier full-loads too, in order. */
  readonly published: readonly HistoryFile[];
}

export interface LakeHistory {
  /** How many runs were read. */
  readonly runs: number;
  /** The attempt that became each run. */
  readonly attempts: readonly string[];
  /** In the order of the ledger. */
  readonly tables: readonly TableHistory[];
}

/** Every table of the lake as of the last of the entries, which come in the order of the ledger. */
export async function lakeHistory(entries: AsyncIterable<LedgerEntry>): Promise<LakeHistory> {
  const published = new Map<string, HistoryFile[]>();
  const attempts: string[] = [];
  let last: LedgerEntry | undefined;
  for await (const entry of entries) {
    last = entry;
    attempts.push(entry.attempt);
    for (const [name, { file, primaryKey }] of Object.entries(entry.tables)) {
      if (file === null) continue;
      const files = published.get(name) ?? [];
      files.push({ run: entry.run, file, primaryKey });
      published.set(name, files);
    }
  }
  const tables = Object.entries(last?.tables ?? {}).map(([name, state]): TableHistory => {
    const all = published.get(name) ?? [];
    const newest = all.findLastIndex(({ file }) => file.kind === 'full-load');
    return { name, state, files: all.slice(newest), published: all };
  });
  return { runs: attempts.length, attempts, tables };
}
