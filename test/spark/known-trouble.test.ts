import { describe, expect, it } from 'vitest';
import { PT_BR } from '../../src/core/language/pt-br/all.ts';
import { translation } from '../../src/core/language/translation.ts';
import { lacksPositions } from '../../src/spark/cluster.ts';
import { SparkError, sparkTrouble, STATUS } from '../../src/spark/connect/spark-error.ts';

/** What a Spark said, and what users are told of it. */
const CASES: readonly [string, { message: string; errorClass?: string; status?: number }, string, RegExp][] =
  [
    [
      'no connector to buckets',
      { message: 'java.lang.ClassNotFoundException: Class org.apache.hadoop.fs.s3a.S3AFileSystem not found' },
      'SPARK_UNSUITABLE',
      /no connector to buckets.*hadoop-aws/s,
    ],
    [
      'an unknown scheme',
      { message: 'No FileSystem for scheme "s3a"', errorClass: 'UNSUPPORTED_FILE_SYSTEM' },
      'SPARK_UNSUITABLE',
      /no connector to buckets/,
    ],
    [
      'a bucket that it may not write',
      { message: 'PUT 0-byte object: S3Exception: Access Denied. (Service: S3, Status Code: 403)' },
      'SPARK_FORBIDDEN',
      /may not read or write there.*rights to read, list, write and delete/s,
    ],
    [
      'an external location without rights',
      {
        message: "User does not have WRITE FILES on External Location 'lake'.",
        errorClass: 'INSUFFICIENT_PERMISSIONS',
      },
      'SPARK_FORBIDDEN',
      /\[INSUFFICIENT_PERMISSIONS\] User does not have WRITE FILES.*WRITE FILES on its external location/s,
    ],
    [
      'a driver without memory',
      { message: 'java.lang.OutOfMemoryError: Java heap space', status: STATUS.INTERNAL },
      'SPARK_FAILED',
      /out of memory.*spark\.driver\.memory/s,
    ],
    [
      'an executor that is lost',
      {
        message:
          'Job aborted due to stage failure: ExecutorLostFailure (executor 3 exited caused by one of …)',
      },
      'SPARK_FAILED',
      /lost machines.*run again/s,
    ],
    [
      'a function that it lacks',
      {
        message: '[UNRESOLVED_ROUTINE] Cannot resolve routine `listagg`. SQLSTATE: 42883',
        errorClass: 'UNRESOLVED_ROUTINE',
      },
      'SPARK_UNSUITABLE',
      /lacks what a model needs: \[UNRESOLVED_ROUTINE\] Cannot resolve routine `listagg`.*duckdb/s,
    ],
    [
      'a type that it lacks',
      {
        message: 'The Parquet datasource does not support the column `c` of the type "INTERVAL".',
        errorClass: 'UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE',
      },
      'SPARK_UNSUITABLE',
      /lacks what a model needs/,
    ],
    [
      'a number that is too large',
      {
        message: `[ARITHMETIC_OVERFLOW] overflow. Use 'try_multiply' to tolerate overflow and return NULL instead. If necessary set "spark.sql.ansi.enabled" to "false" to bypass this error. SQLSTATE: 22003`,
        errorClass: 'ARITHMETIC_OVERFLOW',
      },
      'SPARK_FAILED',
      /: \[ARITHMETIC_OVERFLOW\] overflow\.\nNothing was committed.*a wider type/s,
    ],
    [
      'a decimal that is too large',
      {
        message: `[NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION]  -100 cannot be represented as Decimal(2, 0). If necessary set "spark.sql.ansi.enabled" to "false" to bypass this error, and return NULL instead. SQLSTATE: 22003`,
        errorClass: 'NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION',
      },
      'SPARK_FAILED',
      /-100 cannot be represented as Decimal\(2, 0\)\.\nNothing was committed/,
    ],
    [
      'a text that is no number',
      {
        message: '[USER_RAISED_EXCEPTION] this text is no INTEGER: a SQLSTATE: P0001',
        errorClass: 'USER_RAISED_EXCEPTION',
      },
      'SPARK_FAILED',
      /this text is no INTEGER: a.*TRY_CAST/s,
    ],
    [
      'a session that has ended',
      { message: 'Session not found.', errorClass: 'INVALID_HANDLE.SESSION_NOT_FOUND' },
      'SPARK_UNREACHABLE',
      /lost the session.*run again/s,
    ],
  ];

it.each([
  ['FIELD_NOT_FOUND', 'No such struct field `row_index` in `file_path`, `file_name`.', true],
  [
    'UNRESOLVED_COLUMN.WITH_SUGGESTION',
    'A column with name `_metadata`.`row_index` cannot be resolved.',
    true,
  ],
  ['UNRESOLVED_COLUMN.WITH_SUGGESTION', 'A column with name `a` cannot be resolved.', false],
])('where rows lie is not told by a Spark that says %s: %s', (errorClass, message, lacks) => {
  const error = new SparkError(message, { errorClass, sqlState: undefined });
  expect(lacksPositions(sparkTrouble({ status: STATUS.INTERNAL, error }, 'host:15002'))).toBe(lacks);
});

describe('what goes wrong on Spark', () => {
  it.each(CASES)('is told with what to do: %s', (_, { message, errorClass, status = 13 }, code, told) => {
    const error = sparkTrouble(
      { status, error: new SparkError(message, { errorClass, sqlState: undefined }) },
      'host:15002',
    );
    expect(error.code).toBe(code);
    expect(`${error.message}\n${error.hint}`).toMatch(told);
    expect(translation(PT_BR.told)(error.message)).not.toBe(error.message);
  });
});
