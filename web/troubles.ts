import type { ProjectStatus } from '../src/explore/status.ts';
import type { TableReport } from '../src/lake/ledger-entry.ts';

export interface Trouble {
  readonly table: string;
  readonly operation: 'held' | 'failed' | 'skipped';
  readonly reason: string;
}

/** Tables, of the source and of the layers, that the last cycle left as they were. */
export function troublesOf({ tables, layers = {} }: ProjectStatus): Trouble[] {
  return [...Object.entries(tables), ...Object.entries(layers)].flatMap(([table, { trouble }]) =>
    trouble === null ? [] : [{ table, ...trouble }],
  );
}

/** What a run did to its tables: first what it left undone, last what it found as it was. */
export function byInterest(tables: Readonly<Record<string, TableReport>>): [string, TableReport][] {
  const rank = ({ operation }: TableReport): number =>
    operation === 'held' || operation === 'failed' ? 0 : operation === 'unchanged' ? 2 : 1;
  return Object.entries(tables).toSorted(([, left], [, right]) => rank(left) - rank(right));
}
