import { sameName } from '../../core/schema.ts';
import type { StructField } from '../../delta/schema/schema.ts';
import { aggregateNames } from '../../engine/aggregates.ts';
import { lineAt } from '../../engine/sql-tree.ts';
import type { DateColumn } from '../incremental/dated.ts';
import type { HintColumn, JoinHint, Reason } from '../incremental/lower.ts';
import { Incremental } from '../incremental/plan.ts';
import { namesAny, readColumns } from '../incremental/read-columns.ts';
import type { LayerTable } from '../layer.ts';
import type { LayerTables } from '../layer-tables.ts';
import type { Model, SourceColumn } from '../models/model.ts';
import { BRONZE_COLUMNS, type SourceViews } from '../source-views.ts';
import { type DateSource, dateSource } from './date-source.ts';
import { type Source, sourceName } from './sources.ts';

/** A model's SELECT as the core understands it, over the columns that it reads. */
export interface Understood {
  readonly incremental: Incremental;
  /** Of each source, by its full name in lower case, the columns that are read. */
  readonly columns: ReadonlyMap<string, readonly string[]>;
  /** Where its dates come from, of a model with dates. */
  readonly dates?: DateSource | undefined;
}

/** A source, and its columns. */
export interface KnownSource {
  readonly table: LayerTable;
  readonly columns: readonly string[];
  /** Those that have fields, in lower case; any may where it is left out. */
  readonly structs?: readonly string[];
}

/** @param gone Columns that it has had. */
export function knownSource(
  { table, schema: { fields } }: Pick<Source, 'table' | 'schema'>,
  gone: readonly StructField[] = [],
): KnownSource {
  const all = [...fields, ...gone];
  const structs = all.filter(({ type }) => typeof type !== 'string' || type === 'variant');
  return {
    table,
    columns: all.map(({ name }) => name),
    structs: structs.map(({ name }) => name.toLowerCase()),
  };
}

/**
 * A model over its sources as they are.
 *
 * @throws IgarapeError CONFIG_INVALID where a model's dates come from no column of dates
 */
export async function understandOver(
  tables: LayerTables,
  model: Model,
  sources: readonly Source[],
): Promise<Understood> {
  const known = sources.map((source) => knownSource(source));
  const dates = dateSource(model, sources);
  return { ...(await understand(tables, model, known, dates)), dates };
}

/** @param dates Of a model with dates. */
export async function understand(
  { edge: { engine } }: LayerTables,
  model: Model,
  sources: readonly KnownSource[],
  dates?: DateColumn,
): Promise<Understood> {
  const { tree } = model;
  const aggregates = await aggregateNames(engine);
  const over = (columns: ReadonlyMap<string, readonly string[]>, of?: DateColumn): Incremental =>
    Incremental.of(
      tree,
      {
        sourceOf: (schema, table) => {
          const source = `${schema}.${table}`.toLowerCase();
          const found = columns.get(source);
          const structs = sources.find(({ table: each }) => sourceName(each) === source)?.structs;
          return found && { source, columns: found, ...(structs === undefined ? {} : { structs }) };
        },
        joins: hintsOf(model),
        aggregates,
      },
      of,
    );
  const all = sources.map(
    ({ table, columns }) => [sourceName(table), seenColumns(table, columns, model)] as const,
  );
  const known = over(new Map(all));
  const read = all.map(([name, columns]) => {
    const used = readColumns(known.query, name, columns);
    return [
      name,
      columns.filter(
        (each) => used.includes(each) || (name === dates?.source && sameName(each, dates.column)),
      ),
    ] as const;
  });
  const columns = new Map(read);
  const incremental = over(columns, dates);
  // What the core has no rule for is run as it is written.
  if (dates !== undefined && incremental.dated === undefined) {
    const whole = new Map(all);
    return { incremental: over(whole, dates), columns: whole };
  }
  return { incremental, columns };
}

/** Columns that bronze adds to a table's own are seen only by a SELECT that names one of them. */
export function hiddenColumns({ layer }: LayerTable, { tree }: Model): readonly string[] {
  const own: readonly string[] = Object.values(BRONZE_COLUMNS);
  return layer !== 'bronze' || namesAny(tree, own) ? [] : own;
}

/** Shows a model's sources under the names that its SELECT has for them. */
export async function openAsWritten(
  views: SourceViews,
  model: Model,
  sources: readonly Source[],
): Promise<void> {
  for (const { table, wanted } of sources)
    await views.open(table, { at: wanted.version, without: hiddenColumns(table, model) });
}

function seenColumns(table: LayerTable, columns: readonly string[], model: Model): readonly string[] {
  const hidden = hiddenColumns(table, model);
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
  const told = reasons.map(({ text, offset }) =>
    offset === undefined ? text : `${text} (line ${lineAt(sql, offset)})`,
  );
  return [...new Set(told)].join('; ');
}
