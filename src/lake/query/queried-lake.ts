import type { Storage } from '../../storage/port.ts';
import { type LakeHistory, lakeHistory } from '../history.ts';
import { readLedger } from '../ledger.ts';
import type { LedgerEntry, PublishedFile } from '../ledger-entry.ts';
import { openSegments } from '../segments.ts';
import type { OtherTables } from './other-tables.ts';
import type { QueriedLake } from './tables.ts';

export interface QueriedFiles {
  readonly storage: Storage;
  /** Where bases of a lake that is not on this disk are kept. */
  readonly basesDir: string;
  /** A local path with the bytes of what is published. */
  readonly open: (file: PublishedFile) => Promise<string>;
  readonly others: OtherTables;
}

/** A lake at its newest entry, as {@link openTable} reads it; each file and each history is fetched once. */
export function queriedLake(
  newest: LedgerEntry | undefined,
  { storage, basesDir, open, others }: QueriedFiles,
): QueriedLake {
  const fetched = new Map<string, Promise<string>>();
  const fetch = (file: PublishedFile): Promise<string> => {
    const path = fetched.get(file.key) ?? open(file);
    fetched.set(file.key, path);
    return path;
  };
  const histories = new Map<number | undefined, Promise<LakeHistory>>();
  return {
    newest,
    history: (until) => {
      const history = histories.get(until) ?? lakeHistory(readLedger(storage, until));
      histories.set(until, history);
      return history;
    },
    openPublished: fetch,
    openSegments: (state) => openSegments(storage, basesDir, state),
    others,
  };
}
