import { aggregateNames } from '../../engine/aggregates.ts';
import { parseSql, type SqlNode } from '../../engine/sql-tree.ts';
import type { HintColumn, JoinHint, Reason } from '../incremental/lower.ts';
import { Incremental } from '../incremental/plan.ts';
import { namesAny, readColumns } from '../incremental/read-columns.ts';
import { fullName, type LayerTable } from '../layer.ts';
import type { LayerTables } from '../layer-tables.ts';
import type { Model, SourceColumn } from '../models/model.ts';
import { BRONZE_COLUMNS } from '../source-views.ts';

/** A model's SELECT as the core understands it, over the columns that it reads. */
export interface Understood {
  readonly incremental: Incremental;
  /** Of each source, by its full name in lower case, the columns that are read. */
  readonly columns: ReadonlyMap<string, readonly string[]>;
}

/** A source, and its columns. */
export interface KnownSource {
  readonly table: LayerTable;
  readonly columns: readonly string[];
}

/** Undefined for SQL that is no SELECT. */
export async function understand(
  { edge: { engine } }: LayerTables,
  model: Model,
  sources: readonly KnownSource[],
): Promise<Understood | undefined> {
  const parsed = await parseSql(engine, model.sql);
  if (parsed.kind === 'refused') return undefined;
  const { tree } = parsed;
  const aggregates = await aggregateNames(engine);
  const over = (columns: ReadonlyMap<string, readonly string[]>): Incremental | undefined =>
    Incremental.of(tree, {
      sourceOf: (schema, table) => {
        const source = `${schema}.${table}`.toLowerCase();
        const found = columns.get(source);
        return found && { source, columns: found };
      },
      joins: hintsOf(model),
      aggregates,
    });
  const all = sources.map(
    ({ table, columns }) => [sourceName(table), seenColumns(table, columns, tree)] as const,
  );
  const known = over(new Map(all));
  if (known === undefined) return undefined;
  const read = all.map(([name, columns]) => [name, readColumns(known.query, name, columns)] as const);
  const columns = new Map(read);
  const incremental = over(columns);
  return incremental && { incremental, columns };
}

/** A source's name as the core has it. */
export function sourceName(table: LayerTable): string {
  return fullName(table).toLowerCase();
}

/** Columns that bronze adds to a table's own are seen only by a SELECT that names one of them. */
export function hiddenColumns({ layer }: LayerTable, tree: SqlNode): readonly string[] {
  const own: readonly string[] = Object.values(BRONZE_COLUMNS);
  return layer !== 'bronze' || namesAny(tree, own) ? [] : own;
}

function seenColumns(table: LayerTable, columns: readonly string[], tree: SqlNode): readonly string[] {
  const hidden = hiddenColumns(table, tree);
  return columns.filter((name) => !hidden.includes(name.toLowerCase()));
}

function hintsOf({ header }: Model): readonly JoinHint[] {
  const columnOf = ({ table, column }: SourceColumn): HintColumn | undefined =>
    table && { source: sourceName(table), column };
  return header.joins.flatMap(({ left, right }) => {
    const [own, other] = [columnOf(left), columnOf(right)];
    return own === undefined || other === undefined ? [] : [{ left: own, right: other }];
  });
}

/** Why a model is computed as a whole, for users: every reason, with the line of its SQL. */
export function describeReasons({ sql }: Model, reasons: readonly Reason[]): string {
  const bytes = Buffer.from(sql);
  const lineOf = (offset: number): number => bytes.subarray(0, offset).toString().split('\n').length;
  return reasons
    .map(({ text, offset }) => (offset === undefined ? text : `${text} (line ${lineOf(offset)})`))
    .join('; ');
}
