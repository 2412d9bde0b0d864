import type { Told } from '../core/language/sentence.ts';
import { IgarapeError } from '../core/errors.ts';
import { checkOptions, COUNT, type Kinds, TEXT } from '../core/kinds.ts';
import { aggregateNames } from '../engine/aggregates.ts';
import type { Engine } from '../engine/engine.ts';
import { quoteName, quoteText } from '../engine/quote.ts';
import { textOrNull } from '../engine/text-rows.ts';
import { DATE_COLUMN } from '../medallion/build/cube.ts';
import { cubeColumns, type CubeColumns } from './cube-columns.ts';
import { fullName, parseFullName } from '../medallion/layer.ts';
import type { LayerTables } from '../medallion/layer-tables.ts';
import { isDated, type Model } from '../medallion/models/model.ts';
import { projectModels } from '../pipeline/models.ts';
import type { LakeReader } from './reader.ts';

export interface CubeShape extends CubeColumns {
  /** `gold.daily` */
  readonly table: string;
  readonly description: string | null;
  /** The values of the level column, and by what rows of each are grouped; one without a value where there is none. */
  readonly levels: readonly { readonly value: string | null; readonly by: readonly string[] }[];
  readonly from: string | null;
  readonly to: string | null;
}

/** What the columns of the cubes are. @throws IgarapeError CONFIG_INVALID as the models are */
export async function cubes(reader: LakeReader): Promise<CubeShape[]> {
  return shapesOf(reader, () => true);
}

async function shapesOf(reader: LakeReader, isAsked: (table: string) => boolean): Promise<CubeShape[]> {
  const { config } = reader.project;
  if (!config.layers.includes('gold')) return [];
  return reader.quick(async (engine, tables) => {
    const { models } = await projectModels(engine, config);
    const shapes: CubeShape[] = [];
    for (const model of models) {
      if (!isDated(model) || !isAsked(fullName(model))) continue;
      const shape = await shapeOf(engine, tables, model);
      if (shape !== undefined) shapes.push(shape);
    }
    return shapes;
  });
}

async function shapeOf(engine: Engine, tables: LayerTables, model: Model): Promise<CubeShape | undefined> {
  const table = fullName(model);
  const delta = await tables.find(model);
  if (delta === undefined) return undefined;
  await using found = await delta.read();
  const relation = `(${found.sql})`;
  const { columns } = found;
  const shape = cubeColumns(model, model.tree, columns, await aggregateNames(engine));
  const level = shape.level === null ? 'NULL' : `CAST(${quoteName(shape.level)} AS VARCHAR)`;
  const used = shape.groups.map((name, index) => `count(${quoteName(name)}) AS g${index}`);
  const rows = await engine.rows(
    `SELECT ${[`${level} AS level`, ...used].join(', ')}, CAST(min(${DATE_COLUMN}) AS VARCHAR) AS first,
      CAST(max(${DATE_COLUMN}) AS VARCHAR) AS last FROM ${relation} GROUP BY level ORDER BY level`,
  );
  const dates = rows
    .flatMap(({ first, last }) => [textOrNull(first), textOrNull(last)])
    .filter((each) => each !== null);
  return {
    ...shape,
    table,
    description: model.header.description ?? null,
    levels: rows.map((row) => ({
      value: textOrNull(row['level']),
      by: shape.groups.filter((_, index) => Number(row[`g${index}`]) > 0),
    })),
    from: dates.toSorted()[0] ?? null,
    to: dates.toSorted().at(-1) ?? null,
  };
}

export interface CubeRequest {
  readonly table: string;
  readonly measure: string;
  /** The group that there is a series of for each value; one series for all where it is left out. */
  readonly by?: string;
  /** Dates, both included. */
  readonly from?: string;
  readonly to?: string;
  /** The largest series so many, ten where it is left out. */
  readonly top?: number;
}

export interface CubeRows {
  readonly table: string;
  readonly measure: CubeColumns['measures'][number];
  readonly by: string | null;
  readonly dates: readonly string[];
  readonly series: readonly {
    readonly key: string | null;
    readonly values: readonly (number | null)[];
    /** The sum over the dates, where the measure may be added up over them. */
    readonly total: number | null;
  }[];
  /** How many series were left out. */
  readonly rest: number;
}

const TOP_SERIES = 10;

/**
 * A measure of a cube over its dates. Values of several groups are added up only where that is known to be right.
 *
 * @throws IgarapeError USAGE there is no such cube, measure or group, or no rows that are grouped so.
 */
export async function cubeRows(reader: LakeReader, request: CubeRequest): Promise<CubeRows> {
  const kinds: Kinds<CubeRequest> = {
    table: TEXT,
    measure: TEXT,
    by: TEXT,
    from: TEXT,
    to: TEXT,
    top: COUNT,
  };
  checkOptions('cubeRows', request, kinds, ['table', 'measure']);
  const [shape] = await shapesOf(reader, (table) => table === request.table);
  if (shape === undefined) throw usage(`The lake has no cube ${request.table}.`);
  const measure = shape.measures.find(({ name }) => name === request.measure);
  if (measure === undefined) throw usage(`${shape.table} has no measure ${request.measure}.`);
  const { by = null, top = TOP_SERIES } = request;
  const level = levelFor(shape, measure, by);
  return reader.quick(async (engine, tables) => {
    const layered = parseFullName(shape.table);
    if (layered === undefined) throw new RangeError('A cube is a table of a layer.');
    await using found = await (await tables.require(layered)).read();
    const conditions = [
      ...(shape.level === null || level.value === null
        ? []
        : [`CAST(${quoteName(shape.level)} AS VARCHAR) = ${quoteText(level.value)}`]),
      ...(request.from === undefined ? [] : [`${DATE_COLUMN} >= CAST(${quoteText(request.from)} AS DATE)`]),
      ...(request.to === undefined ? [] : [`${DATE_COLUMN} <= CAST(${quoteText(request.to)} AS DATE)`]),
    ];
    const key = by === null ? 'NULL' : `CAST(${quoteName(by)} AS VARCHAR)`;
    const rows = await engine.rows(
      `SELECT CAST(${DATE_COLUMN} AS VARCHAR) AS d, ${key} AS k, CAST(sum(${quoteName(measure.name)}) AS DOUBLE) AS v
        FROM (${found.sql}) ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`} GROUP BY ALL ORDER BY d`,
    );
    return { table: shape.table, measure, by, ...seriesOf(rows, measure, top) };
  });
}

/** Which rows show a measure by a group: those grouped by it alone, or finer ones that may be added up. */
function levelFor(
  shape: CubeShape,
  measure: CubeColumns['measures'][number],
  by: string | null,
): CubeShape['levels'][number] {
  const wanted = by === null ? [] : [by];
  const exact = shape.levels.find(
    (level) => level.by.length === wanted.length && wanted.every((name) => level.by.includes(name)),
  );
  if (exact !== undefined) return exact;
  const finer = shape.levels.find((level) => wanted.every((name) => level.by.includes(name)));
  if (finer !== undefined && measure.adds !== 'nothing') return finer;
  throw usage(
    by === null
      ? `${shape.table} has no rows of ${measure.name} as a whole, and its values may not be added up.`
      : `${shape.table} has no rows of ${measure.name} by ${by} alone, and its values may not be added up.`,
  );
}

function seriesOf(
  rows: readonly Readonly<Record<string, unknown>>[],
  { adds }: CubeColumns['measures'][number],
  top: number,
): Pick<CubeRows, 'dates' | 'series' | 'rest'> {
  const dates = [...new Set(rows.map(({ d }) => String(d)))];
  const place = new Map(dates.map((date, index) => [date, index]));
  const found = new Map<string | null, (number | null)[]>();
  for (const { d, k, v } of rows) {
    const key = textOrNull(k);
    const values = found.get(key) ?? dates.map(() => null);
    values[place.get(String(d)) ?? 0] = typeof v === 'number' ? v : null;
    found.set(key, values);
  }
  const weightOf = (values: readonly (number | null)[]): number =>
    values.reduce<number>((sum, value) => sum + Math.abs(value ?? 0), 0);
  const series = [...found]
    .toSorted(([, left], [, right]) => weightOf(right) - weightOf(left))
    .map(([key, values]) => ({
      key,
      values,
      total:
        adds === 'groups and dates' ? values.reduce<number>((sum, value) => sum + (value ?? 0), 0) : null,
    }));
  return { dates, series: series.slice(0, top), rest: Math.max(series.length - top, 0) };
}

function usage(message: Told): IgarapeError {
  return new IgarapeError('USAGE', message, {
    hint: 'The columns of each cube, and what they may be added up over: igarape ui shows them.',
  });
}
