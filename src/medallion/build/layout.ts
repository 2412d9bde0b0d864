import type { Layout } from '../../delta/maintain/lay-out.ts';
import type { Snapshot } from '../../delta/log/snapshot.ts';
import { SORT_PROPERTY } from '../../delta/write/stage.ts';
import type { LayerTables } from '../layer-tables.ts';
import type { Model, Partition } from '../models/model.ts';
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

/** How a gold table's files lie: sorted by date, so that few of them are read for one. */
export function layoutOf({ header }: Model): Required<Omit<Layout, 'select'>> {
  return {
    partitionColumns: PARTITION_COLUMNS[header.partition],
    configuration: { [SORT_PROPERTY]: DATE_COLUMN },
  };
}

/** The gold table, moved over to the layout of its model where it has another one; undefined where there is none yet. */
export async function laidOut(tables: LayerTables, model: Model): Promise<Snapshot | undefined> {
  const snapshot = await tables.newest(model);
  if (snapshot === undefined) return undefined;
  const { partitionColumns, configuration } = layoutOf(model);
  const isSame =
    snapshot.configuration[SORT_PROPERTY] === DATE_COLUMN &&
    JSON.stringify(snapshot.metadata.partitionColumns) === JSON.stringify(partitionColumns);
  if (isSame) return snapshot;
  const hasMonth = snapshot.schema.fields.some(({ name }) => name === MONTH_COLUMN);
  const select = `*${hasMonth ? ` EXCLUDE (${MONTH_COLUMN})` : ''}${monthColumn(model)}`;
  const delta = await tables.require(model);
  await delta.layOut({ partitionColumns, configuration, select });
  return delta.snapshot();
}
