import { EngineError, IgarapeError } from '../../core/errors.ts';
import { corrupt, messageOf } from '../protocol/corrupt.ts';
import { refusedCondition } from './predicate.ts';

/**
 * What DuckDB says of a query on a table's files as an error of ours: the user's condition is at fault where DuckDB
 * could not make sense of it, else the files are.
 */
export function queryError(error: unknown, table: string, where: string | undefined): unknown {
  if (error instanceof IgarapeError) return error;
  const message = messageOf(error);
  const isAboutFile = /parquet|\bfile\b/i.test(message);
  if (
    where !== undefined &&
    !isAboutFile &&
    /^(Binder|Parser|Catalog|Conversion|Out of Range|Invalid Input|Not implemented)/i.test(message)
  ) {
    return refusedCondition(where, { quoted: message });
  }
  return corrupt(table, `a data file cannot be read: ${message}`, error);
}

/** Of rows that are the table's own the engine says no more than that their files cannot be read. */
export function unreadable(table: string): (error: unknown) => never {
  return (error) => {
    throw error instanceof EngineError && !error.isInternal ? queryError(error, table, undefined) : error;
  };
}
