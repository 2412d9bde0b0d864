import { IgarapeError } from '../core/errors.ts';
import { quoteName } from '../engine/quote.ts';
import type { AddFile } from './actions.ts';
import type { MergeClause, MergeOptions, MergeValues } from './merge.ts';
import { findColumn, keyFilter, type MergeCondition, mergeCondition } from './merge-plan.ts';
import type { WriteResult } from './publish.ts';
import { queryError } from './query-error.ts';
import { HelperTables } from './relation.ts';
import { type ChangeOptions, noRow, publishChanges, rowStruct } from './row-changes.ts';
import { isAssignable, nameOf, refused, type SourceColumn, sourceColumns } from './row-source.ts';
import { scanFiles } from './scan.ts';
import type { StructField } from './schema.ts';
import type { Snapshot } from './snapshot.ts';
import { checkRemovable, checkTarget, isWritten } from './target.ts';
import { withStreamedFiles } from './streamed-joins.ts';
import { assignments } from './update-rows.ts';
import { nothingDone, readFiles } from './write-table.ts';
import type { Writer } from './writer.ts';

export interface MergeRequest extends MergeOptions {
  /** One SELECT. */
  readonly source: string;
  readonly clauses: readonly MergeClause[];
}

/** Carries out a merge: see {@link Merge}. */
export async function runMerge(
  writer: Writer,
  snapshot: Snapshot,
  request: MergeRequest,
): Promise<WriteResult> {
  checkTarget(snapshot);
  if (request.clauses.some(({ act }) => act !== 'insert')) checkRemovable(snapshot, 'such a merge');
  if (isWritten(snapshot, request.app)) return nothingDone(snapshot);
  const columns = await sourceColumns(writer.engine, request.source);
  const condition = await mergeCondition(writer.engine, snapshot, columns, request.on);
  const tables = new HelperTables(writer.engine);
  try {
    const run = new MergeRun(writer, snapshot, request, columns, condition, tables);
    return await run.execute();
  } finally {
    await tables.drop();
  }
}

type Clauses<On extends MergeClause['on']> = readonly Extract<MergeClause, { on: On }>[];

/** The number of the clause that acts on a row, and a source row's own number. */
const ACTION = 'igarape_action';
const SOURCE_ROW = 'igarape_source';

class MergeRun {
  readonly #writer: Writer;
  readonly #snapshot: Snapshot;
  readonly #request: MergeRequest;
  readonly #columns: readonly SourceColumn[];
  readonly #condition: MergeCondition;
  readonly #tables: HelperTables;

  constructor(
    writer: Writer,
    snapshot: Snapshot,
    request: MergeRequest,
    columns: readonly SourceColumn[],
    condition: MergeCondition,
    tables: HelperTables,
  ) {
    this.#writer = writer;
    this.#snapshot = snapshot;
    this.#request = request;
    this.#columns = columns;
    this.#condition = condition;
    this.#tables = tables;
  }

  async execute(): Promise<WriteResult> {
    const { engine } = this.#writer;
    const source = await this.#tables.createAs(
      `SELECT row_number() OVER () AS ${SOURCE_ROW}, s.* FROM (${this.#request.source}) AS s`,
    );
    const [counted] = await engine.rows(`SELECT count(*) AS n FROM ${source}`);
    const all = [...this.#snapshot.files()];
    const filter =
      this.#clauses('target only').length > 0
        ? async (files: readonly AddFile[]) => files
        : await keyFilter(this.#writer, this.#snapshot, source, this.#condition.keys);
    const files = await filter(all);
    const changes = await this.#changes(source, files);
    return publishChanges(
      this.#writer,
      this.#snapshot,
      { table: `(SELECT * FROM ${changes} WHERE kind IS NOT NULL)`, files },
      {
        operation: 'MERGE',
        parameters: mergeParameters(this.#request),
        reads: readFiles(files, filter),
        app: this.#request.app,
        order: this.#condition.keys.map(({ target }) => target.name),
        metrics: mergeMetrics(Number(counted?.['n'])),
      },
    );
  }

  async #changes(source: string, files: readonly AddFile[]): Promise<string> {
    try {
      const changes = await this.#match(source, files);
      await this.#checkAmbiguity(changes);
      await this.#insertSourceOnly(source, changes);
      await this.#changeTargetOnly(files, changes);
      return changes;
    } catch (error) {
      throw queryError(error, this.#snapshot.table, conditionsOf(this.#request));
    }
  }

  /** A table of every pair of rows that belong together, and of what becomes of the target's. */
  async #match(source: string, files: readonly AddFile[]): Promise<string> {
    const { schema } = this.#snapshot;
    const clauses = this.#clauses('matched');
    const rows = await scanFiles(this.#writer, this.#snapshot, files, { positions: true });
    try {
      const old = clauses.length === 0 ? noRow(schema) : rowStruct(schema, targetValue);
      const values = clauses.map((clause) =>
        clause.act === 'delete' ? noRow(schema) : this.#updated(clause.set),
      );
      const pairs = `SELECT target._file, target._row, source.${SOURCE_ROW}, ${old} AS old, ${this.#action(clauses)} AS ${ACTION}, ${this.#chosen(values)} AS next
        FROM (${rows.sql}) AS target JOIN ${source} AS source ON ${this.#condition.sql}`;
      const table = await withStreamedFiles(this.#writer.engine, () =>
        this.#tables.createAs(
          `SELECT _file, _row, ${kindSql(clauses)} AS kind, old, next, ${SOURCE_ROW}, ${ACTION} FROM (${pairs})`,
        ),
      );
      return isOneDelete(clauses) ? await this.#once(table) : table;
    } finally {
      await rows.release();
    }
  }

  /** Several source rows may delete one row: it is deleted once. */
  async #once(table: string): Promise<string> {
    return this.#tables.createAs(
      `SELECT * REPLACE (if(row_number() OVER (PARTITION BY _file, _row) = 1, kind, NULL) AS kind) FROM ${table}`,
    );
  }

  async #checkAmbiguity(changes: string): Promise<void> {
    if (isOneDelete(this.#clauses('matched'))) return;
    const { engine } = this.#writer;
    const [found] = await engine.rows(
      `SELECT _file, _row, count(*) AS n FROM ${changes} WHERE ${ACTION} IS NOT NULL GROUP BY _file, _row HAVING count(*) > 1 LIMIT 1`,
    );
    if (found === undefined) return;
    const [example] = await engine.rows(
      `SELECT CAST(old AS VARCHAR) AS row FROM ${changes} WHERE _file = ${String(found['_file'])} AND _row = ${String(found['_row'])} LIMIT 1`,
    );
    throw new IgarapeError(
      'DELTA_AMBIGUOUS',
      `${this.#snapshot.table}: ${String(found['n'])} rows of the merge's source act on one row of the table, ${String(example?.['row'])}`,
      { hint: 'Nothing was changed. Keep one row for each key in the source, e.g. the newest.' },
    );
  }

  async #insertSourceOnly(source: string, changes: string): Promise<void> {
    const { schema } = this.#snapshot;
    const clauses = this.#clauses('source only');
    if (clauses.length === 0) return;
    const values = clauses.map(({ set }) => this.#inserted(set));
    const rows = `SELECT ${this.#action(clauses)} AS ${ACTION}, ${this.#chosen(values)} AS next, source.${SOURCE_ROW} FROM ${source} AS source
      ANTI JOIN ${changes} AS c ON c.${SOURCE_ROW} = source.${SOURCE_ROW}`;
    await this.#writer.engine.run(
      `INSERT INTO ${changes} SELECT NULL, NULL, 'insert', ${noRow(schema)}, next, ${SOURCE_ROW}, ${ACTION} FROM (${rows}) WHERE ${ACTION} IS NOT NULL`,
    );
  }

  async #changeTargetOnly(files: readonly AddFile[], changes: string): Promise<void> {
    const { schema } = this.#snapshot;
    const clauses = this.#clauses('target only');
    if (clauses.length === 0) return;
    const rows = await scanFiles(this.#writer, this.#snapshot, files, { positions: true });
    try {
      const values = clauses.map((clause) =>
        clause.act === 'delete' ? noRow(schema) : this.#updated(clause.set),
      );
      const left = `SELECT target._file, target._row, ${rowStruct(schema, targetValue)} AS old, ${this.#action(clauses)} AS ${ACTION}, ${this.#chosen(values)} AS next
        FROM (${rows.sql}) AS target ANTI JOIN ${changes} AS c ON c._file = target._file AND c._row = target._row`;
      await withStreamedFiles(this.#writer.engine, () =>
        this.#writer.engine.run(
          `INSERT INTO ${changes} SELECT _file, _row, ${kindSql(clauses)}, old, next, NULL, ${ACTION} FROM (${left}) WHERE ${ACTION} IS NOT NULL`,
        ),
      );
    } finally {
      await rows.release();
    }
  }

  #clauses<On extends MergeClause['on']>(on: On): Clauses<On> {
    return this.#request.clauses.filter(
      (clause): clause is Extract<MergeClause, { on: On }> => clause.on === on,
    );
  }

  /** SQL of the number of the first clause whose condition holds. */
  #action(clauses: readonly MergeClause[]): string {
    if (clauses.length === 0) return 'CAST(NULL AS INTEGER)';
    const cases = clauses.map(
      ({ where }, index) => `WHEN ${where === undefined ? 'true' : `(${where}\n)`} THEN ${index}`,
    );
    return `CASE ${cases.join(' ')} END`;
  }

  #chosen(values: readonly string[]): string {
    const none = noRow(this.#snapshot.schema);
    if (values.length === 0) return none;
    return `CASE ${ACTION} ${values.map((value, index) => `WHEN ${index} THEN ${value}`).join(' ')} ELSE ${none} END`;
  }

  #updated(set: MergeValues | 'all'): string {
    const { schema } = this.#snapshot;
    if (set === 'all') return rowStruct(schema, (field) => this.#sourceValue(field) ?? targetValue(field));
    const values = assignments(schema, set);
    return rowStruct(schema, (field) => values.get(field) ?? targetValue(field));
  }

  #inserted(set: MergeValues | 'all'): string {
    const { schema } = this.#snapshot;
    if (set === 'all') return rowStruct(schema, (field) => this.#sourceValue(field) ?? 'NULL');
    const values = assignments(schema, set);
    return rowStruct(schema, (field) => values.get(field) ?? 'NULL');
  }

  #sourceValue(field: StructField): string | undefined {
    const column = findColumn(this.#columns, field.name);
    if (column === undefined) return undefined;
    if (column.type !== undefined && !isAssignable(column.type, field.type)) {
      throw refused(
        `the column ${column.name} is ${nameOf(column.type)}, which the table's ${nameOf(field.type)} cannot hold`,
      );
    }
    return `source.${quoteName(column.name)}`;
  }
}

function targetValue({ name }: StructField): string {
  return `target.${quoteName(name)}`;
}

/** SQL of what happens to a row; null where nothing does, or an update would change nothing. */
function kindSql(clauses: readonly MergeClause[]): string {
  if (clauses.length === 0) return 'CAST(NULL AS VARCHAR)';
  const cases = clauses.map(({ act }, index) => {
    const condition = act === 'update' ? ' AND old IS DISTINCT FROM next' : '';
    return `WHEN ${ACTION} = ${index}${condition} THEN '${act}'`;
  });
  return `CASE ${cases.join(' ')} END`;
}

function isOneDelete(clauses: readonly MergeClause[]): boolean {
  const [first, second] = clauses;
  return first?.act === 'delete' && first.where === undefined && second === undefined;
}

function conditionsOf({ on, clauses }: MergeRequest): string {
  const texts = clauses.flatMap((clause) => [
    ...(clause.where === undefined ? [] : [clause.where]),
    ...('set' in clause && clause.set !== 'all' ? Object.values(clause.set) : []),
  ]);
  return [typeof on === 'string' ? on : on.join(', '), ...texts].join('; ');
}

function mergeParameters({ on, clauses }: MergeRequest): Readonly<Record<string, string>> {
  const list = (kind: MergeClause['on']): string =>
    JSON.stringify(
      clauses
        .filter((clause) => clause.on === kind)
        .map(({ act, where }) => ({ actionType: act, ...(where === undefined ? {} : { predicate: where }) })),
    );
  return {
    predicate:
      typeof on === 'string' ? on : on.map((name) => `target.${name} = source.${name}`).join(' AND '),
    matchedPredicates: list('matched'),
    notMatchedPredicates: list('source only'),
    notMatchedBySourcePredicates: list('target only'),
  };
}

function mergeMetrics(sourceRows: number): ChangeOptions['metrics'] {
  return (counts) => ({
    numSourceRows: sourceRows,
    numTargetRowsInserted: counts.inserted,
    numTargetRowsUpdated: counts.updated,
    numTargetRowsDeleted: counts.deleted,
    numTargetRowsCopied: counts.copied,
    numOutputRows: counts.inserted + counts.updated + counts.copied,
    numTargetFilesAdded: counts.filesAdded,
    numTargetFilesRemoved: counts.filesRemoved,
    numTargetDeletionVectorsAdded: counts.vectors,
    numTargetChangeFilesAdded: counts.changeFiles,
  });
}
