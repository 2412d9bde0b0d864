import { IgarapeError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { quoteName, quotePath, quoteText } from '../engine/quote.ts';
import { checkColumnNames } from './column-names.ts';
import { explained, type RawTable } from './raw-table.ts';

/**
 * A file of one JSON object a line as a relation of JSON values. A text stays text, or is a date or an instant, even
 * where it looks like a number; nested values become JSON text; a missing member is null.
 *
 * @throws IgarapeError TABLE_UNREADABLE a line that is no JSON object, names that differ only in case.
 */
export async function openJsonLines(engine: Engine, path: string, name: string): Promise<RawTable> {
  const lines = `read_ndjson_objects(${quotePath(path)}, ignore_errors = false)`;
  const explain = (error: Error): Error => explainJsonError(name, error);
  const names = await explained(explain, membersOf(engine, lines, name));
  if (names.length === 0) throw unreadable(name, 'it holds no JSON object');
  checkColumnNames(name, names);
  const values = names.map(
    (key) => `json_extract(json, ${quoteText(jsonPointer(key))}) AS ${quoteName(key)}`,
  );
  return {
    name,
    columns: names.map((key) => ({
      name: key,
      text: `(${quoteName(key)} ->> '$')`,
      scalar: jsonScalar(key),
      hashed: jsonText(key),
    })),
    dialect: 'json',
    relation: `(SELECT ${values.join(', ')} FROM ${lines})`,
    explain,
  };
}

/** The names of all lines' members, in the order in which a line has them. */
async function membersOf(engine: Engine, lines: string, name: string): Promise<string[]> {
  const [odd] =
    await engine.rows(`SELECT json_type(json) = 'OBJECT' AS is_object, CAST(json AS VARCHAR) AS line
    FROM ${lines} WHERE json_type(json) <> 'OBJECT' OR ${hasLongFraction()} LIMIT 1`);
  if (odd !== undefined) {
    const isObject = odd['is_object'] === true;
    const what = isObject
      ? 'a line has a number of more digits than can be kept'
      : 'a line is no JSON object';
    throw unreadable(name, `${what}: ${String(odd['line']).slice(0, 80)}`);
  }
  const keys = await engine.rows(
    `SELECT key, min(position) AS position
     FROM (SELECT unnest(json_keys(json)) AS key, generate_subscripts(json_keys(json), 1) AS position FROM ${lines})
     GROUP BY key ORDER BY position, key`,
  );
  return keys.map((row) => String(row['key']));
}

/**
 * SQL: true where the line has, outside its texts, a fraction of which a double loses digits: more than 15 of them, and
 * the shortest text of the double is another number. DuckDB reads every fraction in JSON as a double, which would change
 * such a number without a word.
 */
function hasLongFraction(): string {
  const texts = quoteText(String.raw`"(?:[^"\\]|\\.)*"`);
  const fraction = quoteText(String.raw`[0-9]*\.[0-9]*`);
  const exact = (number: string): string => `TRY_CAST(${number} AS DECIMAL(38,20))`;
  const losesDigits = `length(n) > 16 AND (length(split_part(n, '.', 2)) > 20
    OR ${exact('n')} IS DISTINCT FROM ${exact('CAST(CAST(n AS DOUBLE) AS VARCHAR)')})`;
  return `len(list_filter(regexp_extract_all(regexp_replace(json, ${texts}, '', 'g'), ${fraction}), lambda n: ${losesDigits})) > 0`;
}

/** SQL: as {@link jsonText}; a number's exponent has its sign, which tells it from a code such as `1E5` elsewhere. */
function jsonScalar(key: string): string {
  return `regexp_replace(${jsonText(key)}, '^(-?[0-9](?:[.][0-9]+)?)[eE]([0-9]+)$', '\\1e+\\2')`;
}

/** SQL: the value as JSON writes it: a text has its quotes. */
function jsonText(key: string): string {
  return `CAST(nullif(${quoteName(key)}, 'null') AS VARCHAR)`;
}

function jsonPointer(key: string): string {
  return `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function explainJsonError(file: string, error: Error): Error {
  // DuckDB counts lines from 1 and one too many.
  const malformed = /in line (\d+): (.*)/.exec(error.message) ?? /line (\d+)/.exec(error.message);
  if (malformed === null && !/json/i.test(error.message)) return error;
  return unreadable(
    file,
    malformed === null ? 'it is not JSON lines' : `line ${Number(malformed[1]) - 1} is not JSON`,
    error,
  );
}

function unreadable(file: string, what: string, cause?: unknown): IgarapeError {
  return new IgarapeError('TABLE_UNREADABLE', `${file}: ${what}.`, {
    hint: 'Each line must be one JSON object; if the file is cut off, fetch it again.',
    cause,
  });
}
