import { TextDecoder } from 'node:util';
import * as duckdb from '@duckdb/node-api';
import accessors from '@duckdb/node-api/lib/vectors/dataAccessors.js';

/** DuckDB's Node API. */
export { duckdb };

// What reads a text for the API drops a byte order mark that a value or a name begins with; another one does not.
Object.assign(accessors, { textDecoder: new TextDecoder('utf-8', { ignoreBOM: true }) });

/** As `SELECT version()` says it. */
export function engineVersion(): string {
  return duckdb.version();
}
