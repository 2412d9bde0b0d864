import type { Told } from '../../core/language/sentence.ts';
import { IgarapeError } from '../../core/errors.ts';
import { FEED_COLUMNS, schemaOf } from '../../delta/write/row-source.ts';
import type { StructType } from '../../delta/schema/schema.ts';
import type { Engine } from '../../engine/engine.ts';
import { sparkErrorOf } from '../../spark/connect/spark-error.ts';
import { refuseLayerColumns } from '../column-names.ts';
import type { Model } from '../models/model.ts';
import { lostChanges } from '../net-changes.ts';

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
    throw new IgarapeError(
      'CONFIG_INVALID',
      { quoted: `${path}: ${message.replace(/([^.!?])$/, '$1.')}` },
      {
        hint: hintOf(message),
        cause: error,
      },
    );
  }
}

const HINT = 'Give its columns different names, and types that Delta tables have, e.g. by CAST.';

/**
 * The columns of a model's rows, as a table has them.
 *
 * @throws IgarapeError CONFIG_INVALID that names the model's file, where no table can have them
 */
export async function modelSchema(engine: Engine, { path }: Model, rows: string): Promise<StructType> {
  try {
    const schema = await schemaOf(engine, rows);
    refuseLayerColumns('its SELECT', schema.fields, FEED_COLUMNS, HINT);
    return schema;
  } catch (error) {
    if (!(error instanceof IgarapeError)) throw error;
    throw new IgarapeError(
      'CONFIG_INVALID',
      { quoted: `${path}: ${error.message}` },
      {
        hint: HINT,
        cause: error,
      },
    );
  }
}

/** What the engine, or Spark, says of a statement or a value in it, when its rows are written, too; undefined for any other error. */
export function engineComplaint(error: unknown): string | undefined {
  if (error instanceof IgarapeError && error.code === 'DELTA_QUERY') return engineComplaint(error.cause);
  if (OF_SPARK.test(sparkErrorOf(error)?.sqlState ?? '') && error instanceof IgarapeError)
    return error.message;
  const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : '';
  return error instanceof IgarapeError || !OF_SQL.test(message) ? undefined : message;
}

/**
 * Why changes cannot be followed, for an error that came of it: rows are looked at that a WHERE may leave out, and rows
 * that are no more, so that only the whole tells what is wrong. @throws what is no such error
 */
export function notFollowed(error: unknown): string {
  const complaint = engineComplaint(error);
  return complaint === undefined
    ? `its sources cannot be read as they were: ${lostChanges(error)}`
    : `its changes cannot be computed alone: ${complaint}`;
}

/** Why a table is made as a whole whose rows are to have other columns than it has. */
export const OTHER_COLUMNS = 'the columns of its SELECT have changed';

/** What the engine calls errors of a statement's or a value's own. */
const OF_SQL = /^(?:Binder|Parser|Catalog|Conversion|Out of Range|Invalid Input|Not implemented)\b.*Error/i;

/** SQLSTATEs of values and statements, of what a SELECT raises itself, and of files that are there no more. */
const OF_SPARK = /^(?:22|42|P0|KD)/;

function hintOf(message: string): Told {
  for (const [kind, hint] of HINTS) if (kind.test(message)) return hint;
  return 'Correct the SELECT of the model.';
}

const HINTS: readonly (readonly [RegExp, Told])[] = [
  [
    /^Conversion/i,
    'A value of a source is none of that type: TRY_CAST makes it null, a WHERE leaves the row out.',
  ],
  [/^Binder/i, 'Have the columns of a source changed? Correct the SELECT of the model.'],
];
