import { corrupt, unsupported } from '../protocol/corrupt.ts';
import type { JsonObject } from '../protocol/json.ts';
import type { StructField } from './schema.ts';

/** How the columns of the Parquet files are found: by their own name, by a physical name, or by field id. */
export type ColumnMapping = 'none' | 'name' | 'id';

/** The property that says how columns are found, and what a column's metadata says of it then. */
export const MAPPING_MODE = 'delta.columnMapping.mode';
export const PHYSICAL_NAME = 'delta.columnMapping.physicalName';
export const COLUMN_ID = 'delta.columnMapping.id';

/** @throws IgarapeError DELTA_UNSUPPORTED for a mode that the protocol does not know. */
export function columnMapping(configuration: Readonly<Record<string, string>>): ColumnMapping {
  const mode = configuration[MAPPING_MODE]?.toLowerCase() ?? 'none';
  if (mode === 'none' || mode === 'name' || mode === 'id') return mode;
  throw unsupported('The table', `${MAPPING_MODE} is ${JSON.stringify(mode)}, which is not known`);
}

/** The name of a column in files, statistics and partition values. @throws IgarapeError DELTA_CORRUPT */
export function physicalName(field: StructField, mapping: ColumnMapping): string {
  if (mapping === 'none') return field.name;
  return textOf(field.metadata, PHYSICAL_NAME) ?? missing(field, PHYSICAL_NAME);
}

/** @throws IgarapeError DELTA_CORRUPT */
export function fieldId(field: StructField): number {
  const id = field.metadata[COLUMN_ID];
  return typeof id === 'number' ? id : missing(field, COLUMN_ID);
}

function textOf(metadata: JsonObject, name: string): string | undefined {
  const value = metadata[name];
  return typeof value === 'string' ? value : undefined;
}

function missing(field: StructField, name: string): never {
  throw corrupt('The schema', `the column ${field.name} has no ${name}, although columns are mapped`);
}
