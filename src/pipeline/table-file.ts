import { addedColumns } from '../changes/change-file.ts';
import type { TableConfig } from '../config/config.ts';
import type { WrittenCsv } from '../config/written.ts';
import { IgarapeError } from '../core/errors.ts';
import { byName, sameName, type Schema } from '../core/schema.ts';
import { quoteName } from '../engine/quote.ts';
import type { HashedColumns } from '../snapshot/hashes.ts';
import type { FileEnds } from '../lake/ledger-entry.ts';
import { openManyFiles } from '../snapshot/many-files.ts';
import { openTable } from '../snapshot/open-table.ts';
import { type RawTable, scannedBytes } from '../snapshot/raw-table.ts';
import { withRowPlaces } from '../snapshot/row-places.ts';
import { withRowKey } from '../snapshot/row-key.ts';
import type { Fetched } from '../source/port.ts';
import type { RunContext } from './context.ts';
import { spellNames } from './table-names.ts';

/** A table's file, and its configuration with columns named as the lake and the file name them. */
export interface OpenedTable {
  readonly raw: RawTable;
  readonly table: TableConfig;
}

/** Opens a table's file and checks that it has the columns that the configuration rests on. */
export async function openTableFile(
  context: RunContext,
  configured: TableConfig,
  file: Fetched,
  recorded: Schema,
  takenRows?: ReadonlyMap<string, number>,
): Promise<OpenedTable> {
  const { engine, runDir, edge } = context;
  const read =
    file.kind === 'file'
      ? await openTable(engine, file, configured, runDir, edge.signal)
      : await openManyFiles(
          engine,
          file,
          takenRows === undefined && !configured.isRowKey ? configured : { ...configured, key: [] },
          runDir,
          edge.signal,
        );
  const placed = takenRows === undefined ? read : withRowPlaces(read, takenRows);
  const keyed = configured.isRowKey ? withRowKey(placed, configured.ignore) : placed;
  const raw = withAbsentColumns(keyed, recorded);
  await engine.fitTo(raw.columns.length, raw.rows, await scannedBytes(raw));
  refuseAddedNames(context, raw);
  if (context.request.config.layers.includes('bronze')) {
    const { refuseLayerColumns, takenInBronze } = await import('../medallion/column-names.ts');
    refuseLayerColumns(
      raw.name,
      raw.columns,
      takenInBronze(configured.history),
      'Rename it at its source; of a CSV file "columns" gives all columns their names.',
    );
  }
  const table = spellNames(configured, raw, recorded);
  const { dateField } = table;
  if (dateField !== undefined && !namesOf(raw).some((name) => sameName(name, dateField))) {
    edge.log.warn(
      { table: table.name, column: dateField },
      `${table.name}: there is no column ${dateField}, its "date_field"`,
    );
  }
  const idle = givenOptions(table);
  if (idle.length > 0 && !raw.dialect.includes('csv')) {
    const names = idle.map((name) => `"${name}"`).join(', ');
    edge.log.warn(
      { table: table.name, options: idle },
      `${table.name}: ${names} ${idle.length === 1 ? 'is' : 'are'} for CSV files, and ${raw.name} is none: without effect`,
    );
  }
  for (const { name, lines } of raw.rejects ?? []) {
    edge.log.warn({ table: table.name, file: name, lines }, `${name}: lines that are no rows are set aside`);
  }
  for (const { name, encoding, read, other } of raw.misread ?? []) {
    const [found, meant] = [read, other.read].map((text) => JSON.stringify(text));
    edge.log.warn(
      { table: table.name, file: name, encoding, likely: other.encoding },
      `${name}: as ${encoding} it has ${found}, which is ${meant} in ${other.encoding}: check "encoding" of the table ${table.name}`,
    );
  }
  return { raw, table };
}

/** The options of the table that only CSV files are read by. */
function givenOptions({ csv, isSeparatorGiven }: TableConfig): string[] {
  const given = {
    sep: isSeparatorGiven,
    quote: csv.quote !== '"',
    escape: csv.escape !== '',
    skip: csv.skip > 0,
    header: !csv.header,
    columns: csv.columns !== undefined,
    comment: csv.comment !== '',
    footer: csv.footer > 0,
    bad_lines: csv.badLines !== 'refuse',
    null: csv.nulls.length > 0,
    trim: csv.trim,
    decimal: csv.decimal !== '.',
    thousands: csv.thousands !== '',
    date_format: csv.dateFormats.length > 0,
    booleans: csv.booleans !== undefined,
  } satisfies Partial<Record<keyof WrittenCsv, boolean>>;
  return Object.entries(given).flatMap(([name, isGiven]) => (isGiven ? [name] : []));
}

/** Says how many rows "duplicates" has left out. */
export function tellLeftOut({ edge }: RunContext, table: TableConfig, rows: number): void {
  if (rows === 0 || table.duplicates === undefined) return;
  const { keep, by } = table.duplicates;
  edge.log.warn(
    { table: table.name, rows },
    `${table.name}: ${rows} ${rows === 1 ? 'row has' : 'rows have'} a key that another has, too: the ${keep} by ${by} stays`,
  );
}

/** A file without a header has all columns that are known, too: what none of its rows has is null. */
function withAbsentColumns(raw: RawTable, recorded: Schema): RawTable {
  if (raw.isPartial !== true) return raw;
  const inFile = byName(raw.columns);
  const absent = recorded.filter(({ name, dropped }) => dropped === undefined && inFile(name) === undefined);
  if (absent.length === 0) return raw;
  const columns = absent.map(({ name }) => {
    const text = quoteName(name);
    return { name, text, scalar: text, hashed: text };
  });
  const nulls = absent.map(({ name }) => `CAST(NULL AS VARCHAR) AS ${quoteName(name)}`);
  const relation = `(SELECT *, ${nulls.join(', ')} FROM ${raw.relation})`;
  return { ...raw, columns: [...raw.columns, ...columns], relation };
}

/** What is remembered of how the table's files ended. */
export function endsOf({ unended, emptyFiles = [] }: RawTable): FileEnds {
  return {
    ...(unended === undefined ? {} : { isUnended: unended.length > 0 }),
    ...(emptyFiles.length === 0 ? {} : { emptyFiles: emptyFiles.length }),
  };
}

function refuseAddedNames({ request }: RunContext, raw: RawTable): void {
  const added = Object.values(addedColumns(request.config));
  const clash = namesOf(raw).find((name) => added.some((other) => other !== null && sameName(name, other)));
  if (clash === undefined) return;
  throw new IgarapeError(
    'TABLE_UNREADABLE',
    `${raw.name}: change files add a column named ${JSON.stringify(clash)} themselves.`,
    {
      hint: 'Give the columns that they add other names with "cdc_columns" (which goes without "compat").',
    },
  );
}

export function namesOf(raw: RawTable): string[] {
  return raw.columns.map((column) => column.name);
}

/** What the hashes are taken over: the key, and what makes an update. */
export function hashedColumns(raw: RawTable, table: TableConfig, schema: Schema): HashedColumns {
  const inFile = byName(raw.columns);
  return {
    key: schema.filter((column) => table.key.includes(column.name)).map(({ name, type }) => ({ name, type })),
    row: comparedColumns(table, schema).filter((name) => inFile(name) !== undefined),
  };
}

/** The columns whose values make an update. */
export function comparedColumns(table: TableConfig, schema: Schema): string[] {
  if (table.updateWhen === 'timestamp') return table.dateField === undefined ? [] : [table.dateField];
  return schema.map((column) => column.name).filter((name) => !table.ignore.includes(name));
}

/** True where every difference of a row is a change of it. */
export function comparesEverything(table: TableConfig): boolean {
  return table.updateWhen === 'content' && table.ignore.length === 0;
}
