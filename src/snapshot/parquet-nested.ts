import { quoteName } from '../engine/quote.ts';
import type { ParquetElement } from './parquet-schema.ts';

/** SQL of a value of a column without parts. */
export type LeafValue = (value: string, leaf: ParquetElement) => string;

/**
 * SQL: a nested value with members by name and the entries of maps by key, as their order means nothing; its leaves are
 * what `leafValue` makes of them.
 */
export function rebuilt(value: string, element: ParquetElement, leafValue: LeafValue, depth = 0): string {
  const entry = `e${depth}`;
  const inside = (part: ParquetElement, sql: string): string => rebuilt(sql, part, leafValue, depth + 1);
  const each = (part: ParquetElement, sql: string): string =>
    `list_transform(${sql}, lambda ${entry}: ${inside(part, entry)})`;
  if (element.isRepeated) return each({ ...element, isRepeated: false }, value);
  const [first, ...others] = element.parts;
  if (first === undefined) return leafValue(value, element);
  if (isMap(element)) {
    const members = memberValues(first, entry, inside);
    const entries = `list_transform(map_entries(${value}), lambda ${entry}: struct_pack(${members}))`;
    return `map_from_entries(list_sort(${entries}))`;
  }
  if (/^list/i.test(element.logicalType) && others.length === 0) {
    const [only] = first.parts;
    const isEntry =
      first.parts.length !== 1 || first.name === 'array' || first.name === `${element.name}_tuple`;
    return each(isEntry || only === undefined ? { ...first, isRepeated: false } : only, value);
  }
  return `CASE WHEN ${value} IS NOT NULL THEN struct_pack(${memberValues(element, value, inside)}) END`;
}

/** Whether a nested value may stand in another order than {@link rebuilt} gives it. */
export function hasOrder(element: ParquetElement): boolean {
  const { parts } = element;
  const isByName = parts.every(({ name }, index) => (parts[index - 1]?.name ?? '') <= name);
  return isMap(element) || !isByName || parts.some(hasOrder);
}

function isMap({ logicalType, parts }: ParquetElement): boolean {
  return /^map/i.test(logicalType) && parts[0]?.parts.length === 2;
}

function memberValues(
  { parts }: ParquetElement,
  value: string,
  inside: (part: ParquetElement, sql: string) => string,
): string {
  const members = parts.map((part, index) => {
    const member = inside(part, `struct_extract_at(${value}, ${index + 1})`);
    return { name: part.name, sql: `${quoteName(part.name)} := ${member}` };
  });
  return members
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ sql }) => sql)
    .join(', ');
}
