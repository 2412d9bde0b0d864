import { IgarapeError } from '../../core/errors.ts';
import type { ClauseOptions, MergeClause, MergeOptions, MergeResult, MergeValues } from './request.ts';
import { runMerge } from './run.ts';
import type { Snapshot } from '../log/snapshot.ts';
import type { Writer } from '../files/disk.ts';
import { checkKind, checkOptions, type Kinds, TEXT, TEXTS_BY_NAME } from '../../core/kinds.ts';
import { bindParameters, type Parameters } from '../read/parameters.ts';
import { type RowSource, withGivenRows } from '../write/given-rows.ts';

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
  readonly #source: RowSource;
  readonly #options: MergeOptions;
  readonly #clauses: readonly MergeClause[];

  constructor(
    writer: Writer,
    snapshot: () => Promise<Snapshot>,
    source: RowSource,
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
    return this.#with(
      'whenMatchedUpdate',
      { on: 'matched', act: 'update', set: values('whenMatchedUpdate', set) },
      options,
    );
  }

  /** Every column that the source has, too, gets the source's value. */
  whenMatchedUpdateAll(options: ClauseOptions = {}): Merge {
    return this.#with('whenMatchedUpdateAll', { on: 'matched', act: 'update', set: 'all' }, options);
  }

  whenMatchedDelete(options: ClauseOptions = {}): Merge {
    return this.#with('whenMatchedDelete', { on: 'matched', act: 'delete' }, options);
  }

  /** Columns that are not set are null. */
  whenNotMatchedInsert(set: MergeValues, options: ClauseOptions = {}): Merge {
    return this.#with(
      'whenNotMatchedInsert',
      { on: 'source only', act: 'insert', set: values('whenNotMatchedInsert', set) },
      options,
    );
  }

  whenNotMatchedInsertAll(options: ClauseOptions = {}): Merge {
    return this.#with('whenNotMatchedInsertAll', { on: 'source only', act: 'insert', set: 'all' }, options);
  }

  whenNotMatchedBySourceUpdate(set: MergeValues, options: ClauseOptions = {}): Merge {
    return this.#with(
      'whenNotMatchedBySourceUpdate',
      { on: 'target only', act: 'update', set: values('whenNotMatchedBySourceUpdate', set) },
      options,
    );
  }

  whenNotMatchedBySourceDelete(options: ClauseOptions = {}): Merge {
    return this.#with('whenNotMatchedBySourceDelete', { on: 'target only', act: 'delete' }, options);
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
    const snapshot = await this.#snapshot();
    const { parameters, ...options } = this.#options;
    const given = {
      rows: this.#source,
      known: snapshot.schema,
      parameters: typeof this.#source === 'string' ? parameters : undefined,
    };
    return withGivenRows(this.#writer, given, (source) =>
      runMerge(this.#writer, snapshot, {
        ...options,
        on: typeof options.on === 'string' ? bindParameters(options.on, parameters) : options.on,
        source,
        clauses: this.#clauses.map((clause) => bindClause(clause, parameters)),
      }),
    );
  }

  #with(call: string, clause: MergeClause, options: ClauseOptions): Merge {
    checkOptions(call, options, CLAUSE);
    const clauses = [...this.#clauses, { ...clause, ...options }];
    return new Merge(this.#writer, this.#snapshot, this.#source, this.#options, clauses);
  }
}

const CLAUSE: Kinds<ClauseOptions> = { where: TEXT };

function values(call: string, set: MergeValues): MergeValues {
  checkKind(call, 'set', set, TEXTS_BY_NAME);
  return set;
}

function bindClause(clause: MergeClause, parameters: Parameters | undefined): MergeClause {
  const where = clause.where === undefined ? {} : { where: bindParameters(clause.where, parameters) };
  if (clause.act === 'delete' || clause.set === 'all') return { ...clause, ...where };
  const set = Object.entries(clause.set).map(([name, sql]) => [name, bindParameters(sql, parameters)]);
  return { ...clause, ...where, set: Object.fromEntries(set) };
}
