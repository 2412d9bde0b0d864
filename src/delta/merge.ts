import { IgarapeError } from '../core/errors.ts';
import type { AppVersions } from './app-version.ts';
import { runMerge } from './merge-run.ts';
import type { WriteResult } from './publish.ts';
import type { Snapshot } from './snapshot.ts';
import type { Writer } from './writer.ts';

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

export interface MergeOptions {
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
}

export interface MergeResult extends WriteResult {
  /**
   * On how many rows each clause acted, in the order of the clauses: rows of the table, or of the source where these
   * match none. Rows that an update left as they were count, too.
   */
  readonly clauseRows: readonly number[];
}

/**
 * A merge to be: clauses are looked at in the order in which they are given, and the first whose condition holds acts.
 *
 * @example
 * await table.merge('SELECT * FROM changes', { on: ['id'] })
 *   .whenMatchedDelete({ where: "source.op = 'D'" })
 *   .whenMatchedUpdateAll()
 *   .whenNotMatchedInsertAll()
 *   .execute();
 */
export class Merge {
  readonly #writer: Writer;
  readonly #snapshot: () => Promise<Snapshot>;
  readonly #source: string;
  readonly #options: MergeOptions;
  readonly #clauses: readonly MergeClause[];

  constructor(
    writer: Writer,
    snapshot: () => Promise<Snapshot>,
    source: string,
    options: MergeOptions,
    clauses: readonly MergeClause[] = [],
  ) {
    this.#writer = writer;
    this.#snapshot = snapshot;
    this.#source = source;
    this.#options = options;
    this.#clauses = clauses;
  }

  whenMatchedUpdate(set: MergeValues, options: ClauseOptions = {}): Merge {
    return this.#with({ on: 'matched', act: 'update', set, ...options });
  }

  /** Every column that the source has, too, gets the source's value. */
  whenMatchedUpdateAll(options: ClauseOptions = {}): Merge {
    return this.#with({ on: 'matched', act: 'update', set: 'all', ...options });
  }

  whenMatchedDelete(options: ClauseOptions = {}): Merge {
    return this.#with({ on: 'matched', act: 'delete', ...options });
  }

  /** Columns that are not set are null. */
  whenNotMatchedInsert(set: MergeValues, options: ClauseOptions = {}): Merge {
    return this.#with({ on: 'source only', act: 'insert', set, ...options });
  }

  whenNotMatchedInsertAll(options: ClauseOptions = {}): Merge {
    return this.#with({ on: 'source only', act: 'insert', set: 'all', ...options });
  }

  whenNotMatchedBySourceUpdate(set: MergeValues, options: ClauseOptions = {}): Merge {
    return this.#with({ on: 'target only', act: 'update', set, ...options });
  }

  whenNotMatchedBySourceDelete(options: ClauseOptions = {}): Merge {
    return this.#with({ on: 'target only', act: 'delete', ...options });
  }

  /**
   * Runs the merge in one commit. A row that an update leaves as it was is neither written nor told as a change.
   *
   * @throws IgarapeError DELTA_AMBIGUOUS where several source rows act on one row of the table; DELTA_QUERY,
   * DELTA_CONSTRAINT, DELTA_UNSUPPORTED, DELTA_CONFLICT
   */
  async execute(): Promise<MergeResult> {
    if (this.#clauses.length === 0) {
      throw new IgarapeError('DELTA_QUERY', 'The merge has no clause', {
        hint: 'Say what to do, e.g. .whenMatchedUpdateAll().whenNotMatchedInsertAll().',
      });
    }
    return runMerge(this.#writer, await this.#snapshot(), {
      ...this.#options,
      source: this.#source,
      clauses: this.#clauses,
    });
  }

  #with(clause: MergeClause): Merge {
    return new Merge(this.#writer, this.#snapshot, this.#source, this.#options, [...this.#clauses, clause]);
  }
}
