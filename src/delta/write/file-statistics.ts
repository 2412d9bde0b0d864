import { type ColumnMapping, physicalName } from '../schema/column-mapping.ts';
import { decimalType, type DeltaType, type PrimitiveType, type StructField } from '../schema/schema.ts';

/** What DuckDB tells of a column of a file that it has written, as text. */
export type WrittenColumn = ReadonlyMap<string, string>;

/** How many leaf columns statistics are kept of, unless the table says otherwise. */
const MOST_COLUMNS = 32;
const INDEXED_COLUMNS = 'delta.dataSkippingNumIndexedCols';
const NAMED_COLUMNS = 'delta.dataSkippingStatsColumns';

/**
 * The statistics of a new file as JSON text: exact counts, and bounds that hold for every row.
 *
 * @param fields The columns in the file, in the schema's order.
 * @param columns By path of physical names, joined by {@link columnKey}.
 * @param clustering Columns that have statistics in any case, by path of physical names.
 */
export function fileStatistics(
  fields: readonly StructField[],
  mapping: ColumnMapping,
  configuration: Readonly<Record<string, string>>,
  rows: number,
  columns: ReadonlyMap<string, WrittenColumn>,
  clustering: readonly (readonly string[])[] = [],
): string {
  const always = new Set(clustering.map(columnKey));
  const indexed = new Set(chooseLeaves(fields, mapping, configuration).map(({ path }) => columnKey(path)));
  const chosen = leavesOf(fields, mapping, [], []).filter(({ path }) => {
    const key = columnKey(path);
    return indexed.has(key) || always.has(key);
  });
  const pick = (value: (leaf: Leaf, column: WrittenColumn) => string | undefined): string => {
    const tree = new Map<string, Node>();
    for (const leaf of chosen) {
      const column = columns.get(columnKey(leaf.path));
      const json = column === undefined ? undefined : value(leaf, column);
      if (json !== undefined) put(tree, leaf.path, json);
    }
    return formatTree(tree);
  };
  const parts = [
    `"numRecords":${rows}`,
    `"minValues":${pick(({ type }, column) => bound(type, column, 'min'))}`,
    `"maxValues":${pick(({ type }, column) => bound(type, column, 'max'))}`,
    `"nullCount":${pick((_, column) => column.get('null_count'))}`,
    '"tightBounds":true',
  ];
  return `{${parts.join(',')}}`;
}

/** How the engine names a column that it has written. */
export function columnKey(path: readonly string[]): string {
  return path.map((name) => `"${name.replaceAll('"', '""')}"`).join('.');
}

/** A column that is no struct, at any depth. */
export interface Leaf {
  /** By physical names. */
  readonly path: readonly string[];
  /** By logical ones. */
  readonly names: readonly string[];
  readonly type: DeltaType;
}

type Node = string | Map<string, Node>;

/** The columns that statistics are kept of, by the table's properties. */
export function chooseLeaves(
  fields: readonly StructField[],
  mapping: ColumnMapping,
  configuration: Readonly<Record<string, string>>,
): readonly Leaf[] {
  const leaves = leavesOf(fields, mapping, [], []);
  const named = configuration[NAMED_COLUMNS];
  if (named !== undefined) {
    const names = named.split(',').map((name) => name.trim().replaceAll('`', ''));
    return leaves.filter((leaf) => names.some((name) => `${leaf.names.join('.')}.`.startsWith(`${name}.`)));
  }
  const most = Number(configuration[INDEXED_COLUMNS] ?? MOST_COLUMNS);
  return most < 0 ? leaves : leaves.slice(0, most);
}

function leavesOf(
  fields: readonly StructField[],
  mapping: ColumnMapping,
  path: readonly string[],
  names: readonly string[],
): Leaf[] {
  return fields.flatMap((field): Leaf[] => {
    const at = [...path, physicalName(field, mapping)];
    const named = [...names, field.name];
    return typeof field.type !== 'string' && field.type.type === 'struct'
      ? leavesOf(field.type.fields, mapping, at, named)
      : [{ path: at, names: named, type: field.type }];
  });
}

function put(tree: Map<string, Node>, path: readonly string[], json: string): void {
  const [name, ...rest] = path;
  if (name === undefined) return;
  if (rest.length === 0) {
    tree.set(name, json);
    return;
  }
  const inner = tree.get(name);
  const folder = inner instanceof Map ? inner : new Map<string, Node>();
  tree.set(name, folder);
  put(folder, rest, json);
}

function formatTree(tree: ReadonlyMap<string, Node>): string {
  const members = [...tree].map(
    ([name, node]) => `${JSON.stringify(name)}:${typeof node === 'string' ? node : formatTree(node)}`,
  );
  return `{${members.join(',')}}`;
}

function bound(type: DeltaType, column: WrittenColumn, side: 'min' | 'max'): string | undefined {
  const text = column.get(side);
  // What is not a number has no place between the bounds.
  if (text === undefined || typeof type !== 'string' || column.get('has_nan') === 'true') return undefined;
  if (type === 'float' || type === 'double') return floatBound(text, side);
  return decimalType(type) === undefined ? boundOf(type, text, side) : numberOf(text);
}

function boundOf(type: PrimitiveType, text: string, side: 'min' | 'max'): string | undefined {
  if (NUMBERS.has(type)) return numberOf(text);
  if (type === 'string') return textBound(text, side);
  if (type === 'date') return /^\d{4}-\d\d-\d\d$/.test(text) ? JSON.stringify(text) : undefined;
  return type === 'timestamp' || type === 'timestamp_ntz' ? instantBound(text, type) : undefined;
}

const NUMBERS = new Set<PrimitiveType>(['byte', 'short', 'integer', 'long']);

/** As in Parquet, a zero stands for both of them: some readers put -0.0 before 0.0. */
function floatBound(text: string, side: 'min' | 'max'): string | undefined {
  if (Number(text) !== 0) return numberOf(text);
  return side === 'min' ? '-0.0' : '0.0';
}

function instantBound(text: string, type: 'timestamp' | 'timestamp_ntz'): string | undefined {
  const match = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d{1,6})?(?:\+00)?$/.exec(text);
  if (match === null) return undefined;
  const fraction = (match[3] ?? '.').padEnd('.000000'.length, '0');
  return JSON.stringify(`${match[1]}T${match[2]}${fraction}${type === 'timestamp' ? 'Z' : ''}`);
}

/** A number as JSON, in its own digits; undefined for infinities. */
function numberOf(text: string): string | undefined {
  return /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(text) ? text : undefined;
}

/** In UTF-16 units, as Delta on Spark counts. */
const PREFIX = 32;
const LONGEST_PREFIX = 64;
const LAST_CHARACTER = '\u{10FFFF}';

/**
 * A prefix of a long text, and for the upper bound a character after it that is above whatever was cut off; undefined
 * where there is no such character.
 */
function textBound(text: string, side: 'min' | 'max'): string | undefined {
  if (/\p{Cs}/u.test(text)) return undefined;
  if (text.length <= PREFIX) return JSON.stringify(text);
  if (side === 'min') return JSON.stringify(text.slice(0, wholeCharacters(text, PREFIX)));
  for (let length = wholeCharacters(text, PREFIX); length <= LONGEST_PREFIX;) {
    const cut = text.codePointAt(length);
    if (cut === undefined) return JSON.stringify(text);
    if (cut < 0x7f) return JSON.stringify(`${text.slice(0, length)}\u007F`);
    if (cut < 0x10ffff) return JSON.stringify(`${text.slice(0, length)}${LAST_CHARACTER}`);
    length += LAST_CHARACTER.length;
  }
  return undefined;
}

/** At most `length` units, without half a pair at the end. */
function wholeCharacters(text: string, length: number): number {
  const cut = text.codePointAt(length - 1) ?? 0;
  return cut > 0xffff ? length - 1 : length;
}
