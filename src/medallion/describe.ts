import { sameName } from '../core/schema.ts';
import { fullName } from './layer.ts';
import type { LayerTables } from './layer-tables.ts';
import type { Model, ModelHeader } from './models/model.ts';
import { type LayerReport, withReasons } from './report.ts';

/**
 * Brings what a table says of itself and of its columns up to its model's header: in a commit of its own, which tells of
 * no row, so that another description makes no table anew.
 *
 * @param report What a run has done to the table.
 */
export async function describeTable(
  tables: LayerTables,
  model: Model,
  report: LayerReport,
): Promise<LayerReport> {
  const delta = AS_MODELLED.has(report.operation) ? await tables.find(model) : undefined;
  if (delta === undefined) return report;
  const { schema, metadata } = await delta.snapshot(report.version ?? undefined);
  const { description = '' } = model.header;
  const columns: Record<string, string> = {};
  for (const { name, metadata: noted } of schema.fields) {
    const wanted = model.header.columns.find(({ column }) => sameName(column, name))?.description ?? '';
    if ((noted['comment'] ?? '') !== wanted) columns[name] = wanted;
  }
  const isOther = (metadata.description ?? '') !== description || Object.keys(columns).length > 0;
  const { version } = isOther ? await delta.setDescriptions({ table: description, columns }) : report;
  const names = schema.fields.map(({ name }) => name);
  const wrong = misdescribed(model.header, names);
  if (wrong === undefined) return { ...report, version };
  tables.edge.log.warn({ table: fullName(model) }, `${fullName(model)}: ${wrong}`);
  return withReasons({ ...report, version }, wrong);
}

/** Operations after which a table is what its model says. */
const AS_MODELLED: ReadonlySet<LayerReport['operation']> = new Set([
  'created',
  'updated',
  'rebuilt',
  'unchanged',
]);

/** What is told of a header that describes columns which its table does not have. */
export function misdescribed({ columns }: ModelHeader, names: readonly string[]): string | undefined {
  const wrong = columns.filter(({ column }) => !names.some((name) => sameName(name, column)));
  return wrong.length === 0
    ? undefined
    : `its header describes columns that it does not have: ${wrong.map(({ column }) => column).join(', ')}`;
}
