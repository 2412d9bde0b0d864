import type { LedgerEntry, PublishedFile, TableState } from '../../src/lake/ledger-entry.ts';

/** A ledger entry of one table, `t`, for tests; its file is staged by the entry's attempt. */
export function entryOf(
  run: number,
  file: PublishedFile | null,
  segments: readonly string[] = ['_igarape/snapshots/t/b.parquet'],
): LedgerEntry {
  const state: TableState = {
    operation: file?.kind ?? 'unchanged',
    inserted: 0,
    updated: 0,
    deleted: 0,
    unchanged: 0,
    file,
    epoch: 0,
    schema: [{ name: 'id', type: 'bigint' }],
    primaryKey: ['id'],
    base: { segments: segments.map((key) => ({ key, sizeBytes: 1, rows: 1 })), rows: 1, hashVersion: null },
    seen: { version: 'v', name: 't.csv', sizeBytes: 1, sha256: '00' },
    lastTimestampMicros: '0',
    lastSequence: 0,
  };
  return {
    run,
    attempt: `attempt-${run}`,
    writer: 'igarape test',
    committedAt: '2025-01-01T00:00:00.000Z',
    source: { id: 'files:./source', version: 'v' },
    tables: { t: state },
    report: {},
  };
}

export function fileOf(key: string, stagedKey: string, sizeBytes: number): PublishedFile {
  return { kind: 'cdc', key, stagedKey, sizeBytes, sha256: '00', rows: 1 };
}
