import { parse } from 'csv-parse/sync';

/** The first rows of a table, as text; a missing value is the empty text. */
export interface Sample {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface CsvSample extends Sample {
  readonly separator: string;
  readonly decimal: '.' | ',';
}

const SEPARATORS = [',', ';', '\t', '|'] as const;
const SAMPLE_ROWS = 5000;

/** What a CSV text's beginning looks like: the separator that cuts most rows into as many fields as the header. */
export function sampleCsv(text: string, isWhole: boolean): CsvSample | undefined {
  const candidates = SEPARATORS.flatMap((separator) => {
    const records = parseRecords(text, separator);
    const [columns, ...rows] = isWhole ? records : records.slice(0, -1);
    if (columns === undefined) return [];
    const even = rows.filter((row) => row.length === columns.length).length;
    return [{ separator, columns, rows, score: columns.length < 2 ? 0 : (even + 1) / (rows.length + 1) }];
  });
  const [best] = candidates.toSorted((a, b) => b.score - a.score || b.columns.length - a.columns.length);
  if (best === undefined) return undefined;
  const { separator, columns, rows } = best;
  return { separator, columns, rows, decimal: decimalMark(separator, rows) };
}

/** Rows that come as objects, in the order of their keys. */
export function sampleObjects(objects: readonly object[]): Sample {
  const columns = [...new Set(objects.flatMap((object) => Object.keys(object)))];
  const rows = objects.map((object) => {
    const values = new Map<string, unknown>(Object.entries(object));
    return columns.map((column) => asText(values.get(column)));
  });
  return { columns, rows };
}

function parseRecords(text: string, delimiter: string): string[][] {
  return parse(text, {
    delimiter,
    bom: true,
    to: SAMPLE_ROWS,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
  });
}

function decimalMark(separator: string, rows: readonly (readonly string[])[]): '.' | ',' {
  if (separator === ',') return '.';
  const fields = rows.flat();
  const commas = fields.filter((field) => /^-?[\d.]*\d,\d+$/.test(field)).length;
  const points = fields.filter((field) => /^-?\d+\.\d+$/.test(field)).length;
  return commas > points ? ',' : '.';
}

function asText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value, bigintAsText);
}

function bigintAsText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
