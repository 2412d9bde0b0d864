import { IgarapeError } from '../../core/errors.ts';
import { sameName } from '../../core/schema.ts';
import { quoteName } from '../../engine/quote.ts';
import { fullName } from '../layer.ts';
import type { Model } from '../models/model.ts';
import type { CubeSources, SourceColumns } from './cube-sources.ts';

/** Where a cube's reference dates come from. */
export interface DateSource {
  readonly source: SourceColumns;
  /** A name after FROM for the rows that are looked at: all of the source, unless somebody asks for less. */
  readonly rows: string;
  readonly column: string;
  /** SQL: the day, in UTC, of a row of the source, whose columns have their own names. */
  readonly day: string;
  /** Of a cube: how many days, its own included, it looks back. */
  readonly windowDays: number;
  /** SQL of a condition on the source's rows that those of the days from `first` to `last` meet; it may let others through. */
  readonly between: (first: string, last: string) => string;
}

/**
 * The column that a model's `-- dt_ref` names, in its source.
 *
 * @throws IgarapeError CONFIG_INVALID where there is none, or it has no dates
 */
export function dateSource({ path, header }: Model, sources: CubeSources): DateSource {
  const wanted = header.dateColumn;
  if (wanted === undefined) {
    throw new IgarapeError('CONFIG_INVALID', `${path}: the header does not say what its dates come from.`, {
      hint: 'Say it as in "-- dt_ref: transacoes.dtCriacao": a column of a source.',
    });
  }
  const within = wanted.table === undefined ? sources.all : [sources.of(wanted.table)];
  const found = within.flatMap((source) => {
    const column = source.columns.find(({ name }) => sameName(name, wanted.column));
    return column === undefined ? [] : [{ source, column }];
  });
  const [first, second] = found;
  if (first === undefined) {
    const names = within.map(({ table }) => fullName(table)).join(', ');
    throw new IgarapeError('CONFIG_INVALID', `${path}: dt_ref: no source has a column ${wanted.column}.`, {
      hint: `It has to be a column of ${names}.`,
    });
  }
  if (second !== undefined) {
    const names = found.map(({ source }) => `${fullName(source.table)}.${wanted.column}`).join(' or ');
    throw new IgarapeError('CONFIG_INVALID', `${path}: dt_ref: ${wanted.column} may be several columns.`, {
      hint: `Say which: ${names}.`,
    });
  }
  const name = quoteName(first.column.name);
  const day = DAYS[first.column.type];
  if (day === undefined) {
    throw new IgarapeError(
      'CONFIG_INVALID',
      `${path}: dt_ref: ${fullName(first.source.table)}.${first.column.name} is ${first.column.type}, not a date or time.`,
      { hint: 'Cast it to DATE in the silver model.' },
    );
  }
  return {
    source: first.source,
    rows: first.source.view,
    column: first.column.name,
    day: day.of(name),
    windowDays: header.windowDays,
    between: (from, to) => `${name} >= ${day.start(from)} AND ${name} < ${day.start(`${to} + 1`)}`,
  };
}

interface Day {
  readonly of: (column: string) => string;
  /** The first instant of a day that is SQL of a DATE, as the column's type. */
  readonly start: (date: string) => string;
}

const TIMESTAMP: Day = {
  of: (column) => `CAST(${column} AS DATE)`,
  start: (date) => `CAST(${date} AS TIMESTAMP)`,
};

/** Instants are cut into days in UTC, whatever the zone of the machine. */
const DAYS: Readonly<Record<string, Day>> = {
  DATE: { of: (column) => column, start: (date) => `(${date})` },
  TIMESTAMP,
  'TIMESTAMP WITH TIME ZONE': {
    of: (column) => `CAST(timezone('UTC', ${column}) AS DATE)`,
    start: (date) => `timezone('UTC', CAST(${date} AS TIMESTAMP))`,
  },
};
