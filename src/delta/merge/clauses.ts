import { quoteName } from '../../engine/quote.ts';
import type { MergeClause, MergeValues } from './request.ts';
import { findColumn } from './plan.ts';
import { differSql, noRow, rowStruct } from '../write/row-changes.ts';
import { isAssignable, nameOf, refused, type SourceColumn } from '../write/row-source.ts';
import type { StructField, StructType } from '../schema/schema.ts';
import { assignments } from '../operations/update-rows.ts';

/** The number of the clause that acts on a row, counted from 0 over all clauses of the merge. */
export const ACTION = '_igarape_action';

type On = MergeClause['on'];

interface NumberedClause {
  readonly clause: MergeClause;
  readonly number: number;
}

/** The clauses of a merge for one kind of row, as SQL. */
export class MergeClauses {
  readonly #clauses: readonly NumberedClause[];
  readonly #schema: StructType;
  readonly #source: readonly SourceColumn[];

  /** @param schema Of the table as the merge makes it. */
  constructor(all: readonly MergeClause[], on: On, schema: StructType, source: readonly SourceColumn[]) {
    this.#clauses = all.flatMap((clause, number) => (clause.on === on ? [{ clause, number }] : []));
    this.#schema = schema;
    this.#source = source;
  }

  get isEmpty(): boolean {
    return this.#clauses.length === 0;
  }

  /** True where the only thing that can happen to a row is that it is deleted. */
  get isOneDelete(): boolean {
    const [first, second] = this.#clauses;
    return first?.clause.act === 'delete' && first.clause.where === undefined && second === undefined;
  }

  /** SQL of the number of the first clause whose condition holds. */
  action(): string {
    if (this.isEmpty) return 'CAST(NULL AS INTEGER)';
    const cases = this.#clauses.map(
      ({ clause: { where }, number }) =>
        `WHEN ${where === undefined ? 'true' : `(${where}\n)`} THEN ${number}`,
    );
    return `CASE ${cases.join(' ')} END`;
  }

  /**
   * SQL of the rows that clauses make, each with their numbers.
   *
   * @throws IgarapeError DELTA_QUERY where a value does not fit its column
   */
  made(): [row: string, clause: number][] {
    return this.#clauses.flatMap(({ clause, number }) =>
      clause.act === 'delete' ? [] : [[this.#made(clause), number]],
    );
  }

  /** SQL of what happens to a row; null where nothing does, or an update would change nothing. */
  kind(): string {
    if (this.isEmpty) return 'CAST(NULL AS VARCHAR)';
    const cases = this.#clauses.map(({ clause: { act }, number }) => {
      const condition = act === 'update' ? ` AND ${differSql(this.#schema)}` : '';
      return `WHEN ${ACTION} = ${number}${condition} THEN '${act}'`;
    });
    return `CASE ${cases.join(' ')} END`;
  }

  #made(clause: Extract<MergeClause, { act: 'update' | 'insert' }>): string {
    const kept = clause.act === 'update' ? targetValue : (): string => 'NULL';
    const { set } = clause;
    const value = set === 'all' ? this.#sourceValues() : this.#assigned(set);
    return rowStruct(this.#schema, (field) => value(field) ?? kept(field));
  }

  #assigned(set: MergeValues): (field: StructField) => string | undefined {
    const values = assignments(this.#schema, set);
    return (field) => values.get(field);
  }

  #sourceValues(): (field: StructField) => string | undefined {
    return (field) => {
      const column = findColumn(this.#source, field.name);
      if (column === undefined) return undefined;
      if (column.type !== undefined && !isAssignable(column.type, field.type)) {
        throw refused(
          `the column ${column.name} is ${nameOf(column.type)}, which the table's ${nameOf(field.type)} cannot hold`,
        );
      }
      return `source.${quoteName(column.name)}`;
    };
  }
}

/** SQL of the row, or null, that the clause of {@link ACTION} makes. @throws as {@link MergeClauses.made} */
export function madeRow(schema: StructType, all: readonly MergeClauses[]): string {
  const none = noRow(schema);
  const numbers = new Map<string, number[]>();
  for (const [row, number] of all.flatMap((clauses) => clauses.made()))
    numbers.set(row, [...(numbers.get(row) ?? []), number]);
  const cases = [...numbers].map(([row, made]) => `WHEN ${ACTION} IN (${made.join(', ')}) THEN ${row}`);
  return cases.length === 0 ? none : `CASE ${cases.join(' ')} ELSE ${none} END`;
}

export function targetValue({ name }: StructField): string {
  return `target.${quoteName(name)}`;
}
