import { randomUUID } from 'node:crypto';
import { sameName } from '../../core/schema.ts';
import type { SqlColumn } from '../../engine/sql-column.ts';
import { quoteName } from '../../engine/quote.ts';
import { mapNodes, printSql, type SqlNode } from '../../engine/sql-tree.ts';
import { asModel } from './model-error.ts';
import type { Source } from './sources.ts';
import { ThenAndNow } from './then-and-now.ts';
import { openAsWritten, understandOver, type Understood } from './understand.ts';
import { isParameter } from '../incremental/dated.ts';
import { cast, text } from '../incremental/nodes.ts';
import { parseNode } from '../incremental/print.ts';
import { schemaOf } from '../incremental/raise.ts';
import type { LayerTables } from '../layer-tables.ts';
import type { Model } from '../models/model.ts';
import { SourceViews } from '../source-views.ts';
import type { DateSource } from './date-source.ts';
import { sourceDays } from './dates.ts';

/** The column of every gold table that has the reference date. */
export const DATE_COLUMN = 'dt_ref';

/** A model with dates, over its sources. */
export interface Cube extends AsyncDisposable {
  readonly model: Model;
  readonly tables: LayerTables;
  readonly sources: readonly Source[];
  readonly dates: DateSource;
  readonly understood: Understood;
  /** Its sources as the core reads them. */
  readonly rows: ThenAndNow;
  /** The columns of the SELECT. */
  readonly columns: readonly SqlColumn[];
  /** SQL of the SELECT for a date, a literal in it, over tables that are called as the model calls them. */
  readonly sqlOf: (date: string) => string;
  /** The engine's table of the date source's days, as {@link sourceDays}; it is filled when it is first asked for. */
  readonly days: () => Promise<string>;
}

/**
 * @param known The SELECT as it was understood already.
 * @throws IgarapeError CONFIG_INVALID where the SELECT or its header does not fit the sources; DELTA_NOT_FOUND,
 * DELTA_VERSION
 */
export async function openCube(
  tables: LayerTables,
  model: Model,
  sources: readonly Source[],
  known?: Understood,
): Promise<Cube> {
  const { engine } = tables.edge;
  const understood = known ?? (await understandOver(tables, model, sources));
  const { dates } = understood;
  if (dates === undefined) throw new RangeError('A cube is of a model with dates.');
  const views = new SourceViews(tables);
  const rows = new ThenAndNow(tables, model, sources, understood.columns);
  const close = async (): Promise<void> => {
    await rows[Symbol.asyncDispose]();
    await views[Symbol.asyncDispose]();
  };
  try {
    await openAsWritten(views, model, sources);
    const sqlOf = await ofDate(tables, model.tree);
    const columns = await asModel(model, () => engine.describe(`SELECT * FROM (${sqlOf('2000-01-01')})`));
    let days: Promise<string> | undefined;
    const readDays = async (): Promise<string> => {
      const now = `${schemaOf('now')}.${quoteName(dates.source)}`;
      return rows.table(await parseNode(engine, sourceDays({ ...dates, rows: now })));
    };
    return {
      model,
      tables,
      sources,
      dates,
      understood,
      rows,
      columns,
      sqlOf,
      days: () => (days ??= readDays()),
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** True where the SELECT gives the reference date itself. */
export function givesDate({ columns }: Pick<Cube, 'columns'>): boolean {
  return columns.some(({ name }) => sameName(name, DATE_COLUMN));
}

async function ofDate({ edge: { engine } }: LayerTables, tree: SqlNode): Promise<(date: string) => string> {
  const date = randomUUID();
  const literal = cast(text(date), 'DATE');
  const sql = await printSql(
    engine,
    mapNodes(tree, (node) => (isParameter(node) ? { ...literal, alias: node['alias'] ?? '' } : node)),
  );
  return (value) => sql.replaceAll(date, value);
}
