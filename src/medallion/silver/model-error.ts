import { IgarapeError } from '../../core/errors.ts';
import { schemaOf } from '../../delta/write/row-source.ts';
import type { StructType } from '../../delta/schema/schema.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Model } from '../models/model.ts';

/**
 * Runs what evaluates a model's SQL.
 *
 * @throws IgarapeError CONFIG_INVALID that names the model's file, for what the engine says of the SQL and its values
 */
export async function asModel<T>({ path }: Model, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const message = engineComplaint(error);
    if (message === undefined) throw error;
    throw new IgarapeError('CONFIG_INVALID', `${path}: ${message}`, {
      hint: HINTS.find(([kind]) => kind.test(message))?.[1] ?? 'Correct the SELECT of the model.',
      cause: error,
    });
  }
}

/**
 * The columns of a model's rows, as a table has them.
 *
 * @throws IgarapeError CONFIG_INVALID that names the model's file, where no table can have them
 */
export async function modelSchema(engine: Engine, { path }: Model, rows: string): Promise<StructType> {
  try {
    return await schemaOf(engine, rows);
  } catch (error) {
    if (!(error instanceof IgarapeError)) throw error;
    throw new IgarapeError('CONFIG_INVALID', `${path}: ${error.message}`, {
      hint: 'Give its columns different names, and types that Delta tables have, e.g. by CAST.',
      cause: error,
    });
  }
}

/** What the engine says of a statement or a value in it; undefined for any other error. */
export function engineComplaint(error: unknown): string | undefined {
  const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : '';
  return error instanceof IgarapeError || !OF_SQL.test(message) ? undefined : message;
}

/** What the engine calls errors of a statement's or a value's own. */
const OF_SQL = /^(?:Binder|Parser|Catalog|Conversion|Out of Range|Invalid Input|Not implemented)\b.*Error/i;

const HINTS: readonly (readonly [RegExp, string])[] = [
  [
    /^Conversion/i,
    'A value of a source is none of that type: TRY_CAST makes it null, a WHERE leaves the row out.',
  ],
  [/^Binder/i, 'Have the columns of a source changed? Correct the SELECT of the model.'],
];
