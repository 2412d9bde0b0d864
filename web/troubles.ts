import type { ProjectStatus } from '../src/explore/status.ts';

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
