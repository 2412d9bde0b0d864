import { TextDecoder } from 'node:util';
import * as duckdb from '@duckdb/node-api';
import converter from '@duckdb/node-api/lib/JSDuckDBValueConverter.js';
import accessors from '@duckdb/node-api/lib/vectors/dataAccessors.js';

/** DuckDB's Node API. */
export { duckdb };

/** What {@link duckdb} makes of a value where rows are asked for as JavaScript's. */
export const JSDuckDBValueConverter: duckdb.DuckDBValueConverter<duckdb.JS> =
  converter.JSDuckDBValueConverter;

// What reads a text for the API drops a byte order mark that a value or a name begins with; another one does not.
Object.assign(accessors, { textDecoder: new TextDecoder('utf-8', { ignoreBOM: true }) });

/** As `SELECT version()` says it. */
export function engineVersion(): string {
  return duckdb.version();
}
