import type { StructType } from '../../delta/schema/schema.ts';
import { sqlTypeOf } from '../../delta/schema/sql-schema.ts';

/** True where tables have the same columns, in the same order and of the same types, however their files call them. */
export function haveSameColumns(left: StructType, right: StructType): boolean {
  return columnsText(left) === columnsText(right);
}

function columnsText({ fields }: StructType): string {
  return JSON.stringify(fields.map(({ name, type }) => [name.toLowerCase(), sqlTypeOf(type)]));
}
