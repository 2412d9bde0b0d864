import type { TableConfig } from '../config/config.ts';
import { closest } from '../config/closest.ts';
import { bareRecord } from '../core/bare-record.ts';
import { IgarapeError } from '../core/errors.ts';
import type { Told } from '../core/language/sentence.ts';
import { sameName, type Schema } from '../core/schema.ts';
import type { RawTable } from '../snapshot/raw-table.ts';

/**
 * The table with the columns that its configuration names spelt as the lake has them, or else the file: names that
 * differ only in case are one name.
 *
 * @throws IgarapeError TABLE_UNREADABLE a column of "pk" that is not in the file; one of "types", "ignore" or "date_format" that is
 * neither there nor in the lake.
 */
export function spellNames(table: TableConfig, raw: RawTable, recorded: Schema): TableConfig {
  const inFile = raw.columns.map(({ name }) => name);
  const known = [...recorded.map(({ name }) => name), ...inFile];
  const spelt = (name: string): string =>
    known.find((other) => other === name) ?? known.find((other) => sameName(other, name)) ?? name;
  requireColumns(raw, 'pk', table.key, inFile, table.name);
  if (table.updateWhen === 'timestamp' && table.dateField !== undefined)
    requireColumns(raw, 'date_field', [table.dateField], inFile, table.name);
  if (table.duplicates !== undefined)
    requireColumns(raw, 'duplicates', [table.duplicates.by], inFile, table.name);
  // Rows without a header may lack a column that others have.
  if (raw.isPartial !== true) {
    requireColumns(raw, 'types', Object.keys(table.types), known, table.name);
    requireColumns(raw, 'ignore', table.ignore, known, table.name);
    const dated = table.csv.dateFormats.flatMap(({ column }) => column ?? []);
    requireColumns(raw, 'date_format', dated, known, table.name);
  }
  return {
    ...table,
    key: table.key.map(spelt),
    duplicates:
      table.duplicates === undefined ? undefined : { ...table.duplicates, by: spelt(table.duplicates.by) },
    dateField: table.dateField === undefined ? undefined : spelt(table.dateField),
    types: bareRecord(
      Object.fromEntries(Object.entries(table.types).map(([name, type]) => [spelt(name), type])),
    ),
    ignore: table.ignore.map(spelt),
  };
}

function requireColumns(
  raw: RawTable,
  setting: string,
  columns: readonly string[],
  known: readonly string[],
  table: string,
): void {
  const absent = columns.filter((name) => !known.some((other) => sameName(other, name)));
  const [first] = absent;
  if (first === undefined) return;
  const near = closest(first, known);
  const meant = near === undefined ? '' : `did you mean ${JSON.stringify(near)}? `;
  const names = raw.columns.map(({ name }) => name);
  throw new IgarapeError(
    'TABLE_UNREADABLE',
    `${raw.name}: the column ${quoted(absent)} of "${setting}" is not there; ${meant}the columns are ${quoted(names)}.`,
    { hint: hintFor(raw, setting, table, listInText(absent, known)) },
  );
}

function hintFor(
  { unended, dialect }: RawTable,
  setting: string,
  table: string,
  list: readonly string[] | undefined,
): Told {
  if (list !== undefined) return `Several columns are a list: "${setting}": [${quoted(list)}].`;
  if (unended !== undefined)
    return `Check "${setting}" and "sep" of the table ${table}, and that the file begins with its header ("header": false where it has none).`;
  const part = PARTS.find(([format]) => dialect.startsWith(format))?.[1] ?? 'the "file"';
  return `Check "${setting}" of the table ${table}, and ${part} that it is read from.`;
}

/** What chooses the part of a file that a table is read from. */
const PARTS = [
  ['xlsx', 'the "sheet" and "range"'],
  ['sqlite', 'the "table" of the database'],
] as const;

/** The columns of a text that names several. */
function listInText(absent: readonly string[], known: readonly string[]): readonly string[] | undefined {
  return absent
    .map((text) => text.split(/[,;]/).map((name) => name.trim()))
    .find((names) => names.every((name) => known.some((other) => sameName(other, name))));
}

function quoted(names: readonly string[]): string {
  return names.map((name) => JSON.stringify(name)).join(', ');
}
