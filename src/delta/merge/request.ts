import type { AppVersions } from '../protocol/app-version.ts';
import type { WithParameters } from '../read/parameters.ts';
import type { WriteResult } from '../write/publish.ts';

/** SQL expressions by column of the table; in them stand `target.column` and `source.column`. */
export type MergeValues = Readonly<Record<string, string>>;

export interface ClauseOptions {
  /** A condition in SQL on `target` and `source`, as far as the clause has both. */
  readonly where?: string;
}

export type MergeClause =
  | {
      readonly on: 'matched';
      readonly act: 'update';
      readonly set: MergeValues | 'all';
      readonly where?: string;
    }
  | { readonly on: 'matched'; readonly act: 'delete'; readonly where?: string }
  | {
      readonly on: 'source only';
      readonly act: 'insert';
      readonly set: MergeValues | 'all';
      readonly where?: string;
    }
  | { readonly on: 'target only'; readonly act: 'update'; readonly set: MergeValues; readonly where?: string }
  | { readonly on: 'target only'; readonly act: 'delete'; readonly where?: string };

export interface MergeOptions extends WithParameters {
  /**
   * Key columns that both sides have, or a condition in SQL on `target` and `source`. As in SQL, a null equals nothing:
   * a source row with a null in its key matches no row.
   */
  readonly on: readonly string[] | string;
  readonly app?: AppVersions;
  /**
   * Gives the table the columns that the source has beside it, at its end, and the wider types, which writes every file
   * anew; all in the merge's commit. With names, of these columns of the source alone.
   */
  readonly mergeSchema?: boolean | readonly string[];
  /** Table properties to be set in the same commit; the others stay. */
  readonly configuration?: Readonly<Record<string, string>>;
  /**
   * The rows of the table that the merge is about, where another engine has looked for them: a SELECT of the table's
   * columns, and of those of `AT`, of which the file is its URI. No others are looked at. They are of
   * the version `ifVersion`.
   */
  readonly found?: string;
}

export interface MergeResult extends WriteResult {
  /**
   * On how many rows each clause acted, in the order of the clauses: rows of the table, or of the source where these
   * match none. Rows that an update left as they were count, too.
   */
  readonly clauseRows: readonly number[];
}

export interface MergeRequest extends Omit<MergeOptions, 'parameters'> {
  /** One SELECT. */
  readonly source: string;
  readonly clauses: readonly MergeClause[];
}
