import type { TableName } from './names.ts';

/** A past version of a table: its number, or the newest until an instant. */
export type PastVersion = number | Date;

/** Tables that queries read beside those of the change files: the layers'. */
export interface OtherTables {
  /** True where tables of this schema, in lower case, are theirs. */
  owns(schema: string): boolean;
  /**
   * Makes a table readable, in its own schema or in another; `at` is the newest version where undefined.
   *
   * @throws IgarapeError USAGE there is no such table or version; the hint tells what there is.
   */
  open(name: TableName, at?: PastVersion, schema?: string): Promise<void>;
  /** What they are called, for hints. */
  names(): Promise<readonly string[]>;
}

export const NO_OTHERS: OtherTables = {
  owns: () => false,
  open: async () => {},
  names: async () => [],
};
