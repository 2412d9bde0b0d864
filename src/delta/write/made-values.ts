import type { Told } from '../../core/language/sentence.ts';
import { unsupported } from '../protocol/corrupt.ts';
import { allFields, type StructField, type StructType } from '../schema/schema.ts';

export const GENERATION = 'delta.generationExpression';
const DEFAULT = 'CURRENT_DEFAULT';
const IDENTITY = ['delta.identity.start', 'delta.identity.step'] as const;
const EXPLICIT_INSERT = 'delta.identity.allowExplicitInsert';

/**
 * Refuses new rows that leave a value to be made: a default, a generated value, the next of an identity. What the rows
 * bring themselves is no reason to refuse them.
 *
 * @param gives Whether the rows have a value, or a null, of their own for a column.
 * @throws IgarapeError DELTA_UNSUPPORTED that names the column
 */
export function checkInsert(
  table: string,
  { fields }: StructType,
  gives: (field: StructField) => boolean,
): void {
  for (const field of fields) {
    const inner = allFields(field.type).find((one) => madeBy(one) !== undefined);
    if (inner !== undefined) throw refusedValue(table, inner, 'which cannot be written inside of another');
    const how = madeBy(field);
    if (how === undefined) continue;
    if (!gives(field)) throw refusedValue(table, field, 'and values are not made here: give it in the rows');
    if (isIdentity(field) && field.metadata[EXPLICIT_INSERT] !== true)
      throw refusedValue(table, field, 'which takes no values from outside, and values are not made here');
  }
}

/** Refuses a new table with such columns. @throws IgarapeError DELTA_UNSUPPORTED that names one */
export function checkNoMadeValues(table: string, schema: StructType): void {
  const field = allFields(schema).find((one) => madeBy(one) !== undefined);
  if (field !== undefined) throw refusedValue(table, field, 'which no table is created with here');
}

/** Refuses to set an identity, which stays what it is. @throws IgarapeError DELTA_UNSUPPORTED */
export function checkUpdate(table: string, fields: Iterable<StructField>): void {
  for (const field of fields) {
    if (isIdentity(field)) throw refusedValue(table, field, 'which cannot be changed');
  }
}

function isIdentity({ metadata }: StructField): boolean {
  return IDENTITY.some((name) => Object.hasOwn(metadata, name));
}

function madeBy(field: StructField): 'is generated' | 'is an identity column' | 'has a default' | undefined {
  if (Object.hasOwn(field.metadata, GENERATION)) return 'is generated';
  if (isIdentity(field)) return 'is an identity column';
  return Object.hasOwn(field.metadata, DEFAULT) ? 'has a default' : undefined;
}

function refusedValue(table: string, field: StructField, reason: Told): Error {
  return unsupported(table, { quoted: `its column ${field.name} ${madeBy(field) ?? ''}, ${reason}` });
}
