import type { DeltaType } from '../schema/schema.ts';

/** Column by column, of equal length; a column may have its type with it. */
export interface GivenColumns {
  readonly columns: readonly GivenColumn[];
  readonly rows: number;
}

export interface GivenColumn {
  readonly name: string;
  readonly type?: DeltaType;
  readonly values: readonly unknown[];
}
