import { type ErrorCode, IgarapeError } from '../core/errors.ts';
import type { Told } from '../core/language/sentence.ts';
import type { SparkError } from './connect/spark-error.ts';

interface Known {
  /** Of the class or the message. */
  readonly when: RegExp;
  readonly code: ErrorCode;
  /** What Spark `… at host:port` has come to. */
  readonly says: (server: string, text: string) => Told;
  readonly hint: Told;
}

/** What goes wrong around Spark's computing, and what to do about it. The first that fits counts. */
const KNOWN: readonly Known[] = [
  {
    when: /UNSUPPORTED_FILE_SYSTEM|No FileSystem for scheme|Class org\.apache\.hadoop\.fs\.s3a\.S3AFileSystem not found/,
    code: 'SPARK_UNSUITABLE',
    says: (server, text) => `Spark at ${server} has no connector to buckets: ${text}`,
    hint: 'Start its Connect server with --packages org.apache.hadoop:hadoop-aws:… of the version that its Hadoop has.',
  },
  {
    when: /NoSuchBucket|Status Code: 404/,
    code: 'SPARK_UNSUITABLE',
    says: (server, text) => `Spark at ${server} does not find the lake’s bucket: ${text}`,
    hint: 'Give the cluster the same endpoint and region as the lake has here: spark.hadoop.fs.s3a.endpoint and .endpoint.region.',
  },
  {
    when: /AccessDenied|Access Denied|Status Code: 40[13]|InvalidAccessKeyId|AccessControlException|Permission denied|INSUFFICIENT_PERMISSIONS|does not have (?:READ|WRITE) FILES/,
    code: 'SPARK_FORBIDDEN',
    says: (server, text) => `Spark at ${server} may not read or write there: ${text}`,
    hint: 'Give the cluster’s own credentials rights to read, list, write and delete under the lake’s prefix; in Unity Catalog READ FILES and WRITE FILES on its external location.',
  },
  {
    when: /SdkClientException|UnknownHostException|Unable to execute HTTP request/,
    code: 'SPARK_UNSUITABLE',
    says: (server, text) => `Spark at ${server} does not reach the lake’s store: ${text}`,
    hint: 'Give the cluster the same endpoint and region as the lake has here: spark.hadoop.fs.s3a.endpoint and .endpoint.region.',
  },
  {
    when: /OutOfMemoryError|Java heap space|GC overhead limit|MAX_RESULT_SIZE|Total size of serialized results/i,
    code: 'SPARK_FAILED',
    says: (server, text) => `Spark at ${server} has run out of memory: ${text}`,
    hint: 'Nothing was committed. Give it more (spark.driver.memory, spark.executor.memory) or smaller tasks (spark.sql.shuffle.partitions), and run again.',
  },
  {
    when: /ExecutorLostFailure|Executor heartbeat timed out|FetchFailed|executor \d+ exited/i,
    code: 'SPARK_FAILED',
    says: (server, text) => `Spark at ${server} has lost machines while it computed: ${text}`,
    hint: 'Nothing was committed: run again. Where it happens each time, give executors more memory, or take machines that are not withdrawn.',
  },
  {
    when: /USER_RAISED_EXCEPTION|OVERFLOW|NUMERIC_VALUE_OUT_OF_RANGE|CAST_INVALID_INPUT|DIVIDE_BY_ZERO|DATETIME_FIELD_OUT_OF_BOUNDS|INVALID_ARRAY_INDEX/,
    code: 'SPARK_FAILED',
    says: (server, text) => `Spark at ${server} came to a value that there is none of: ${text}`,
    hint: 'Nothing was committed. Where the model is to pass over such values: TRY_CAST, or a condition; where they are right: a wider type. `run --engine duckdb` computes what Spark alone would read otherwise.',
  },
  {
    when: /UNRESOLVED_ROUTINE|UNSUPPORTED_DATA_?TYPE/,
    code: 'SPARK_UNSUITABLE',
    says: (server, text) => `Spark at ${server} lacks what a model needs: ${text}`,
    hint: 'Another version may have it: Spark 4.2 is what was tried. `run --engine duckdb` does without Spark.',
  },
];

/** Trouble of a known kind, as users are told. @param text What Spark says, in one line. */
export function knownTrouble(error: SparkError, server: string, text: string): IgarapeError | undefined {
  const whole = `${error.errorClass ?? ''} ${error.message}`;
  const known = KNOWN.find(({ when }) => when.test(whole));
  if (known === undefined) return undefined;
  return new IgarapeError(known.code, known.says(server, text), { hint: known.hint, cause: error });
}
