import { IgarapeError } from '../../core/errors.ts';
import { sameName } from '../../core/schema.ts';
import { sqlTypeOf } from '../../delta/schema/sql-schema.ts';
import { quoteName } from '../../engine/quote.ts';
import type { SqlNode } from '../../engine/sql-tree.ts';
import type { DateColumn } from '../incremental/dated.ts';
import { call, cast, text } from '../incremental/nodes.ts';
import { fullName } from '../layer.ts';
import type { Model } from '../models/model.ts';
import { type Source, sourceName } from './sources.ts';

/** Where a model's reference dates come from. */
export interface DateSource extends DateColumn {
  readonly table: Source['table'];
  /** SQL: the day, in UTC, of a row of the source, whose columns have their own names. */
  readonly dayOf: string;
  /** SQL of a condition on the source's rows that those of the days from `first` to `last` meet; it may let others through. */
  readonly between: (first: string, last: string) => string;
}

/**
 * The column that a model's `-- dt_ref` names, in its source; undefined for a model without dates.
 *
 * @throws IgarapeError CONFIG_INVALID where no source has it, or it has no dates
 */
export function dateSource({ path, header }: Model, sources: readonly Source[]): DateSource | undefined {
  const wanted = header.dateColumn;
  if (wanted === undefined) return undefined;
  const { table: of } = wanted;
  const within = sources.filter(({ table }) => of === undefined || sourceName(table) === sourceName(of));
  const found = within.flatMap(({ table, schema }) => {
    const field = schema.fields.find(({ name }) => sameName(name, wanted.column));
    return field === undefined ? [] : [{ table, column: field.name, type: sqlTypeOf(field.type) }];
  });
  const [first, second] = found;
  if (first === undefined) {
    const names = within.map(({ table }) => fullName(table)).join(', ');
    throw new IgarapeError('CONFIG_INVALID', `${path}: dt_ref: no source has a column ${wanted.column}.`, {
      hint: `It has to be a column of ${names}.`,
    });
  }
  if (second !== undefined) {
    const names = found.map(({ table }) => `${fullName(table)}.${wanted.column}`).join(' or ');
    throw new IgarapeError('CONFIG_INVALID', `${path}: dt_ref: ${wanted.column} may be several columns.`, {
      hint: `Say which: ${names}.`,
    });
  }
  const { table, column, type } = first;
  const day = DAYS[type];
  if (day === undefined) {
    throw new IgarapeError(
      'CONFIG_INVALID',
      `${path}: dt_ref: ${fullName(table)}.${column} is ${type}, not a date or time.`,
      { hint: 'Cast it to DATE in the silver model.' },
    );
  }
  const name = quoteName(column);
  return {
    table,
    source: sourceName(table),
    column,
    day: day.node,
    dayOf: day.of(name),
    windowDays: header.windowDays,
    between: (from, to) => `${name} >= ${day.start(from)} AND ${name} < ${day.start(`${to} + 1`)}`,
  };
}

interface Day {
  readonly of: (column: string) => string;
  /** The same in the engine's tree. */
  readonly node: (column: SqlNode) => SqlNode;
  /** The first instant of a day that is SQL of a DATE, as the column's type. */
  readonly start: (date: string) => string;
}

/** Instants are cut into days in UTC, whatever the zone of the machine. */
const DAYS: Readonly<Record<string, Day>> = {
  DATE: { of: (column) => column, node: (column) => column, start: (date) => `(${date})` },
  TIMESTAMP: {
    of: (column) => `CAST(${column} AS DATE)`,
    node: (column) => cast(column, 'DATE'),
    start: (date) => `CAST(${date} AS TIMESTAMP)`,
  },
  'TIMESTAMP WITH TIME ZONE': {
    of: (column) => `CAST(timezone('UTC', ${column}) AS DATE)`,
    node: (column) => cast(call('timezone', [text('UTC'), column]), 'DATE'),
    start: (date) => `timezone('UTC', CAST(${date} AS TIMESTAMP))`,
  },
};
