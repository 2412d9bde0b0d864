import { quoteName } from '../../engine/quote.ts';
import { type ColumnMapping, physicalName } from '../schema/column-mapping.ts';
import { type DeltaType, holds, type StructField } from '../schema/schema.ts';
import type { SqlType } from '../schema/sql-type.ts';
import type { AlikeFiles } from './alike-files.ts';

/**
 * Columns that some files hold as bytes where the table has text, which old writers did not mark as such, or the other
 * way round, at any depth; and the SQL that makes the table's values of what is read as texts for all bytes.
 */
export type UnmarkedTexts = ReadonlyMap<StructField, UnmarkedSql>;

/** @param fileIs SQL that is true for the rows of files, by their indexes. */
type UnmarkedSql = (column: string, fileIs: (indexes: readonly number[]) => string) => string;

/** @param paths Of all files, in the order of their indexes. */
export function findUnmarkedTexts(
  mapping: ColumnMapping,
  fields: readonly StructField[],
  kinds: readonly AlikeFiles[],
  paths: readonly string[],
): UnmarkedTexts {
  const found = new Map<StructField, UnmarkedSql>();
  for (const field of fields.filter(({ type }) => holds(type, 'string') || holds(type, 'binary'))) {
    const marked = (column: string): string => valueSql(column, field.type, undefined, mapping);
    const unmarked = kinds.flatMap(({ paths: of, typeOf }) => {
      const value = (column: string): string => valueSql(column, field.type, typeOf(field), mapping);
      if (value('c') === marked('c')) return [];
      return [{ value, indexes: paths.flatMap((path, index) => (of.has(path) ? [index] : [])) }];
    });
    if (unmarked.length === 0) continue;
    found.set(field, (column, fileIs) => {
      const cases = unmarked.map(({ value, indexes }) => `WHEN ${fileIs(indexes)} THEN ${value(column)}`);
      return `CASE ${cases.join(' ')} ELSE ${marked(column)} END`;
    });
  }
  return found;
}

/**
 * SQL of a value that was read with texts for all bytes, which escapes them. Under the names that it has in files; nulls
 * stay null, at every depth.
 *
 * @param stored Its type in the file; the table's where it is left out.
 */
function valueSql(
  sql: string,
  type: DeltaType,
  stored: SqlType | undefined,
  mapping: ColumnMapping,
  depth = 0,
): string {
  if (typeof type === 'string') {
    const storedAs = stored?.kind === 'scalar' ? stored.name : undefined;
    const bytes = `CAST(${sql} AS BLOB)`;
    if (type === 'binary') return storedAs === 'VARCHAR' ? `encode(${sql})` : bytes;
    return type === 'string' && storedAs === 'BLOB' ? `decode(${bytes})` : sql;
  }
  if (!holds(type, 'string') && !holds(type, 'binary')) return sql;
  switch (type.type) {
    case 'struct': {
      const members = type.fields.map((field) => {
        const name = physicalName(field, mapping);
        const own = stored?.kind === 'struct' ? stored.fields : [];
        const member = own.find((one) => one.name.toLowerCase() === name.toLowerCase());
        return `${quoteName(name)} := ${valueSql(`${sql}.${quoteName(name)}`, field.type, member?.type, mapping, depth)}`;
      });
      return `CASE WHEN ${sql} IS NOT NULL THEN struct_pack(${members.join(', ')}) END`;
    }
    case 'array': {
      const element = `e${depth}`;
      const own = stored?.kind === 'list' ? stored.element : undefined;
      return `list_transform(${sql}, lambda ${element}: ${valueSql(element, type.elementType, own, mapping, depth + 1)})`;
    }
    case 'map': {
      const entry = `e${depth}`;
      const own = stored?.kind === 'map' ? stored : undefined;
      const key = valueSql(`${entry}.key`, type.keyType, own?.key, mapping, depth + 1);
      const value = valueSql(`${entry}.value`, type.valueType, own?.value, mapping, depth + 1);
      return `map_from_entries(list_transform(map_entries(${sql}), lambda ${entry}: struct_pack(k := ${key}, v := ${value})))`;
    }
    default:
      return type satisfies never;
  }
}
