import type { Layout } from '../../delta/maintain/lay-out.ts';
import type { Snapshot } from '../../delta/log/snapshot.ts';
import { sameName } from '../../core/schema.ts';
import { findField, type StructType } from '../../delta/schema/schema.ts';
import { SORT_PROPERTY } from '../../delta/write/stage.ts';
import type { LayerTables } from '../layer-tables.ts';
import { isDated, type Model, type Partition } from '../models/model.ts';
import { DATE_COLUMN } from './cube.ts';

/** The first day of a row's month, where files lie apart by months. */
export const MONTH_COLUMN = 'dt_ref_month';

/** SQL of {@link MONTH_COLUMN}, with a comma before it; nothing where a model has none. */
export function monthColumn({ header }: Model): string {
  return header.partition === 'month'
    ? `, CAST(date_trunc('month', ${DATE_COLUMN}) AS DATE) AS ${MONTH_COLUMN}`
    : '';
}

const PARTITION_COLUMNS: Readonly<Record<Partition, readonly string[]>> = {
  none: [],
  month: [MONTH_COLUMN],
  date: [DATE_COLUMN],
};

/** How a model's files lie: with dates sorted by these, so that few of them are read for one. */
export function layoutOf(model: Model): Required<Omit<Layout, 'select'>> {
  return isDated(model)
    ? {
        partitionColumns: PARTITION_COLUMNS[model.header.partition],
        configuration: { [SORT_PROPERTY]: DATE_COLUMN },
      }
    : { partitionColumns: [], configuration: {} };
}

/** Whether rows of a table may be of dates: another model, without them, may have made it. */
export function hasDates({ schema }: Snapshot): boolean {
  return findField(schema, DATE_COLUMN)?.type === 'date';
}

/** The columns of a model's table that its layout does not bring: {@link laidOut} sees to the others before a run looks at them. */
export function besideLayout(model: Model, schema: StructType): StructType {
  return isDated(model)
    ? { ...schema, fields: schema.fields.filter(({ name }) => !sameName(name, MONTH_COLUMN)) }
    : schema;
}

/** Whether a table gets, or loses, the column of months when its layout becomes that of its model. */
export function movesMonths(before: StructType, after: StructType): boolean {
  const [had, has] = [before, after].map((schema) => findField(schema, MONTH_COLUMN) !== undefined);
  return had !== has;
}

/**
 * The table of a model with dates, moved over to its layout where it has another one and dates already, as a model without
 * may have left it; undefined where there is none yet.
 */
export async function laidOut(tables: LayerTables, model: Model): Promise<Snapshot | undefined> {
  const snapshot = await tables.newest(model);
  if (snapshot === undefined || !hasDates(snapshot)) return snapshot;
  const { partitionColumns, configuration } = layoutOf(model);
  const isSame =
    snapshot.configuration[SORT_PROPERTY] === DATE_COLUMN &&
    JSON.stringify(snapshot.metadata.partitionColumns) === JSON.stringify(partitionColumns);
  if (isSame) return snapshot;
  const hasMonth = findField(snapshot.schema, MONTH_COLUMN) !== undefined;
  const select = `*${hasMonth ? ` EXCLUDE (${MONTH_COLUMN})` : ''}${monthColumn(model)}`;
  const delta = await tables.require(model);
  await delta.layOut({ partitionColumns, configuration, select });
  return delta.snapshot();
}
