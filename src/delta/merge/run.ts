import { IgarapeError } from '../../core/errors.ts';
import type { Engine } from '../../engine/engine.ts';
import type { MergeClause, MergeRequest, MergeResult } from './request.ts';
import { ACTION, madeRow, MergeClauses, targetValue } from './clauses.ts';
import { filesWithKeys, type MergeCondition, mergeCondition } from './plan.ts';
import {
  type LocatedFiles,
  locateRows,
  scanLocated,
  type Search,
  wholeFiles,
  withCopies,
} from './located-rows.ts';
import { sievingSource } from './sieve.ts';
import { conditionsOf, isAmbiguous, mergeMetrics, mergeParameters } from './report.ts';
import { type MergeTarget, mergeTarget } from './target.ts';
import { checkExpressions } from '../read/predicate.ts';
import { queryError } from '../read/query-error.ts';
import { AT } from '../read/row-places.ts';
import { estimateRows } from '../read/scan.ts';
import { foundRows } from './found-rows.ts';
import { type CountedTable, HelperTables, type Relation } from '../read/relation.ts';
import { changedPlaces, countedBy } from '../write/changed-places.ts';
import { checkInsert, checkUpdate } from '../write/made-values.ts';
import { noRow, publishChanges, rowStruct } from '../write/row-changes.ts';
import { rowsError, type SourceColumn, sourceColumns } from '../write/row-source.ts';
import { findField } from '../schema/schema.ts';
import type { Snapshot } from '../log/snapshot.ts';
import { checkRemovable, checkTarget, isWritten } from '../write/target.ts';
import { nothingDone } from '../write/publish.ts';
import { readFiles } from '../log/conflict.ts';
import type { Writer } from '../files/disk.ts';

/** Carries out a merge: see {@link Merge}. */
export async function runMerge(
  writer: Writer,
  snapshot: Snapshot,
  request: MergeRequest,
): Promise<MergeResult> {
  checkTarget(snapshot);
  if (request.clauses.some(({ act }) => act !== 'insert')) checkRemovable(snapshot, 'such a merge');
  if (isWritten(snapshot, request.app))
    return { ...nothingDone(snapshot), clauseRows: request.clauses.map(() => 0) };
  const columns = await sourceColumns(writer.engine, request.source);
  const target = mergeTarget(snapshot, columns, request);
  await checkClauses(writer.engine, request.clauses);
  checkMadeValues(target.after, request.clauses, columns);
  const condition = await mergeCondition(writer.engine, target.after, columns, request.on);
  const tables = new HelperTables(writer.engine);
  try {
    const run = new MergeRun(writer, target, request, columns, condition, tables);
    return await run.execute();
  } finally {
    await tables.drop();
  }
}

async function checkClauses(engine: Engine, clauses: readonly MergeClause[]): Promise<void> {
  const conditions = clauses.flatMap(({ where }) => where ?? []);
  const values = clauses.flatMap((clause) =>
    'set' in clause && clause.set !== 'all' ? Object.values(clause.set) : [],
  );
  await checkExpressions(engine, conditions, values);
}

function checkMadeValues(
  { table, schema }: Snapshot,
  clauses: readonly MergeClause[],
  columns: readonly SourceColumn[],
): void {
  for (const clause of clauses) {
    if (clause.act === 'delete') continue;
    const set = clause.set === 'all' ? columns.map(({ name }) => name) : Object.keys(clause.set);
    const fields = new Set(set.map((name) => findField(schema, name)));
    if (clause.act === 'insert') checkInsert(table, schema, (field) => fields.has(field));
    else
      checkUpdate(
        table,
        schema.fields.filter((field) => fields.has(field)),
      );
  }
}

/** A source row's own number. */
const SOURCE_ROW = '_igarape_source';

class MergeRun {
  readonly #writer: Writer;
  readonly #target: MergeTarget;
  readonly #request: MergeRequest;
  readonly #condition: MergeCondition;
  readonly #tables: HelperTables;
  readonly #matched: MergeClauses;
  readonly #sourceOnly: MergeClauses;
  readonly #targetOnly: MergeClauses;

  constructor(
    writer: Writer,
    target: MergeTarget,
    request: MergeRequest,
    columns: readonly SourceColumn[],
    condition: MergeCondition,
    tables: HelperTables,
  ) {
    this.#writer = writer;
    this.#target = target;
    this.#request = request;
    this.#condition = condition;
    this.#tables = tables;
    const { schema } = target.after;
    this.#matched = new MergeClauses(request.clauses, 'matched', schema, columns);
    this.#sourceOnly = new MergeClauses(request.clauses, 'source only', schema, columns);
    this.#targetOnly = new MergeClauses(request.clauses, 'target only', schema, columns);
  }

  async execute(): Promise<MergeResult> {
    const { after, widens } = this.#target;
    const { name: source, count } = await this.#tables
      .createCounted(`SELECT row_number() OVER () AS ${SOURCE_ROW}, s.* FROM (${this.#request.source}) AS s`)
      .catch((error: unknown) => {
        throw rowsError(error);
      });
    const { keys } = this.#condition;
    const readsAll = widens || !this.#targetOnly.isEmpty;
    const search: Search = {
      source,
      count,
      keys,
      filter: async (files) =>
        readsAll ? files : filesWithKeys(this.#writer, after, { source, keys }, files),
      predicate: mergeParameters(this.#request)['predicate'],
    };
    const all = await after.files();
    // Where rows that are in no row of the source count, and where others have looked, all rows of the files are read.
    const located =
      readsAll || this.#request.found !== undefined
        ? await wholeFiles(search, all)
        : await locateRows(this.#writer, after, search, all);
    const values = (count + estimateRows(located.whole)) * after.schema.fields.length;
    return this.#writer.engine.overValues(values, () => this.#merge(search, located));
  }

  async #merge({ source, count, filter }: Search, located: LocatedFiles): Promise<MergeResult> {
    const { engine } = this.#writer;
    const { after, actions, widens } = this.#target;
    const { files } = located;
    const changes = await this.#changes(source, located);
    const places = await changedPlaces(engine, changes.name, changes.count, ACTION);
    if (!this.#matched.isOneDelete && (await isAmbiguous(engine, changes.name, places)))
      throw await this.#ambiguous(changes.name);
    const result = await publishChanges(
      this.#writer,
      after,
      { table: changes.name, count: changes.count, places, files },
      {
        operation: 'MERGE',
        parameters: mergeParameters(this.#request),
        reads: { ...readFiles(files, filter), had: () => filter(files) },
        app: this.#request.app,
        change: { actions, widens },
        order: this.#condition.keys.map(({ target }) => target.name),
        metrics: mergeMetrics(count),
      },
    );
    const acted = countedBy(places, ({ clause }) => clause);
    return { ...result, clauseRows: this.#request.clauses.map((_, number) => acted.get(number) ?? 0) };
  }

  async #changes(source: string, located: LocatedFiles): Promise<CountedTable> {
    try {
      const { name, count } = await this.#match(source, located);
      const inserted = await this.#insertSourceOnly(source, name);
      const left = await this.#changeTargetOnly(located, name);
      return { name, count: count + inserted + left };
    } catch (error) {
      throw queryError(error, this.#target.after.table, conditionsOf(this.#request));
    }
  }

  /**
   * A table of every pair of rows that belong together, and of what becomes of the target's. By a key alone it has the rows
   * of the source without a partner, too: other outer joins the engine makes by trying every pair.
   */
  async #match(source: string, located: LocatedFiles): Promise<CountedTable> {
    const { after } = this.#target;
    const [clauses, others] = [this.#matched, this.#sourceOnly];
    const rows = await this.#targetRows(located);
    try {
      const isOld = clauses.isEmpty ? 'false' : `target.${AT.file} IS NOT NULL`;
      const old = `CASE WHEN ${isOld} THEN ${rowStruct(after.schema, targetValue)} END`;
      const action = this.#isOuter
        ? `CASE WHEN target.${AT.file} IS NULL THEN ${others.action()} ELSE ${clauses.action()} END`
        : clauses.action();
      const next = madeRow(after.schema, this.#isOuter ? [clauses, others] : [clauses]);
      const { keys } = this.#condition;
      const local = await withCopies(this.#writer, located.whole, located.copies);
      const sieving = await sievingSource(this.#writer, after, { source, keys }, local);
      const pairs = `SELECT target.${AT.file} AS _file, target.${AT.row} AS _row, source.${SOURCE_ROW}, ${old} AS old, ${action} AS ${ACTION}, ${next} AS next
        FROM (${rows.sql}) AS target ${this.#isOuter ? 'RIGHT JOIN' : 'JOIN'} ${sieving} AS source ON ${this.#condition.sql}`;
      const kind = `CASE WHEN _file IS NULL AND ${ACTION} IS NOT NULL THEN 'insert' ELSE ${clauses.kind()} END`;
      const table = await this.#writer.engine.withJoinsAsWritten(() =>
        this.#tables.createCounted(
          `SELECT _file, _row, ${kind} AS kind, old, next, ${SOURCE_ROW}, ${ACTION} FROM (${pairs})`,
        ),
      );
      return clauses.isOneDelete ? await this.#once(table.name) : table;
    } finally {
      await rows.release();
    }
  }

  get #isOuter(): boolean {
    return typeof this.#request.on !== 'string' && !this.#sourceOnly.isEmpty;
  }

  async #targetRows(located: LocatedFiles): Promise<Relation> {
    const { after } = this.#target;
    const { found } = this.#request;
    return found === undefined
      ? scanLocated(this.#writer, after, located)
      : foundRows(this.#writer, after.schema, found, located.files);
  }

  /** Several source rows may delete one row: it is deleted once. */
  async #once(table: string): Promise<CountedTable> {
    const first = '(_file IS NULL OR row_number() OVER (PARTITION BY _file, _row) = 1)';
    return this.#tables.createCounted(
      `SELECT * REPLACE (if(${first}, kind, NULL) AS kind, if(${first}, ${ACTION}, NULL) AS ${ACTION}) FROM ${table}`,
    );
  }

  /** Why several rows of the source cannot act on one of the table. */
  async #ambiguous(changes: string): Promise<IgarapeError> {
    const [found] = await this.#writer.engine.rows(
      `SELECT count(*) AS n, CAST(any_value(old) AS VARCHAR) AS row FROM ${changes} WHERE ${ACTION} IS NOT NULL AND _file IS NOT NULL GROUP BY _file, _row HAVING n > 1 LIMIT 1`,
    );
    return new IgarapeError(
      'DELTA_AMBIGUOUS',
      `${this.#target.after.table}: ${String(found?.['n'])} rows of the merge's source act on one row of the table, ${String(found?.['row'])}`,
      { hint: 'Nothing was changed. Keep one row for each key in the source, e.g. the newest.' },
    );
  }

  /** Resolves how many rows were added to the changes, as {@link #changeTargetOnly} does. */
  async #insertSourceOnly(source: string, changes: string): Promise<number> {
    const { schema } = this.#target.after;
    const clauses = this.#sourceOnly;
    if (clauses.isEmpty || this.#isOuter) return 0;
    const rows = `SELECT ${clauses.action()} AS ${ACTION}, ${madeRow(schema, [clauses])} AS next, source.${SOURCE_ROW} FROM ${source} AS source
      ANTI JOIN ${changes} AS c ON c.${SOURCE_ROW} = source.${SOURCE_ROW}`;
    return this.#tables.insert(
      changes,
      `SELECT NULL, NULL, 'insert', ${noRow(schema)}, next, ${SOURCE_ROW}, ${ACTION} FROM (${rows}) WHERE ${ACTION} IS NOT NULL`,
    );
  }

  async #changeTargetOnly(located: LocatedFiles, changes: string): Promise<number> {
    const { after } = this.#target;
    const clauses = this.#targetOnly;
    if (clauses.isEmpty) return 0;
    const rows = await this.#targetRows(located);
    try {
      const left = `SELECT target.${AT.file} AS _file, target.${AT.row} AS _row, ${rowStruct(after.schema, targetValue)} AS old, ${clauses.action()} AS ${ACTION}, ${madeRow(after.schema, [clauses])} AS next
        FROM (${rows.sql}) AS target ANTI JOIN ${changes} AS c ON c._file = target.${AT.file} AND c._row = target.${AT.row}`;
      return await this.#writer.engine.withJoinsAsWritten(() =>
        this.#tables.insert(
          changes,
          `SELECT _file, _row, ${clauses.kind()}, old, next, NULL, ${ACTION} FROM (${left}) WHERE ${ACTION} IS NOT NULL`,
        ),
      );
    } finally {
      await rows.release();
    }
  }
}
