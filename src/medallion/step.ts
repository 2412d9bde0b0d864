import type { Model } from './models/model.ts';
import type { StructType } from '../delta/schema/schema.ts';
import type { Cost } from './report.ts';

/** What a run has to do with a table of silver or gold. */
export type LayerStep =
  | { readonly kind: 'unchanged' }
  /** The table does not exist yet. */
  | { readonly kind: 'create' }
  /** Only what the sources' changes touch is computed. */
  | { readonly kind: 'update'; readonly sources: readonly SourceRange[]; readonly cost?: Cost }
  /** The whole table is computed anew, for a reason that users can read: "its SQL has a window function". */
  | { readonly kind: 'rebuild'; readonly reason: string };

/** A source's versions: what the table has applied, and what it applies now. */
export interface SourceRange {
  readonly table: string;
  readonly from: number;
  readonly to: number;
}

export interface StepRequest {
  readonly model: Model;
  /** The versions of the sources that this run reads, by full name, the same for every model; the newest of others. */
  readonly versions?: ReadonlyMap<string, number> | undefined;
  readonly fullRefresh?: boolean;
  /** Sources that change before the model is computed, by full name, and the columns that they have then; undefined where nobody knows these. */
  readonly coming?: ReadonlyMap<string, StructType | undefined>;
}

/** The `txn` application id by which a table says which version of a source it has applied. */
export function sourceAppId(source: string): string {
  return `igarape:${source}`;
}

/** The table property that holds the hash of the model that a table was made by. */
export const MODEL_PROPERTY = 'igarape.model';
