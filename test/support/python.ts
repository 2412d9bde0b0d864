import { join } from 'node:path';
import { cacheDir, installOnce, type Peer, pythonWith, run } from './external.ts';

/** pandas, PyArrow and DuckDB: small, and installed in half a minute. */
const FRAMES = ['pandas==3.1.1', 'pyarrow==26.0.1', 'duckdb==1.5.5', 'pytz==2026.6'];

/** The value is the path of a Python that reads and writes Excel workbooks, beside what every Python does. */
export async function openpyxlPython(): Promise<Peer<string>> {
  return pythonWith('openpyxl', ['openpyxl==3.1.5']);
}

/** The value is the path of a Python that writes Avro files of every type and codec. */
export async function fastavroPython(): Promise<Peer<string>> {
  return pythonWith('fastavro', ['fastavro==1.13.1', 'cramjam==2.14.0', 'backports.zstd==1.8.0']);
}

/** Spark: half a gigabyte, in an environment of its own so that nobody else waits for it. */
const SPARK = ['pyspark==4.2.0'];

/** Delta Lake for that Spark, from Maven's central repository. */
const DELTA = 'io.delta:delta-spark_4.2_2.13:4.4.0';

/** The value is the path of a Python that has pandas, PyArrow and DuckDB. */
export async function framesPython(): Promise<Peer<string>> {
  return pythonWith('frames', FRAMES);
}

/** Hadoop's connector to S3, of that Spark's Hadoop, with the parts of AWS's SDK that it uses: the bundle has 600 MB. */
const S3A = [
  'org.apache.hadoop:hadoop-aws:3.5.0',
  ...['s3', 's3-transfer-manager', 'sts', 'apache-client', 'netty-nio-client'].map(
    (part) => `software.amazon.awssdk:${part}:2.35.4`,
  ),
];

/** What Spark brings itself, in other versions, and what is not used. */
const NOT_FOR_S3A = [
  'software.amazon.awssdk:bundle',
  'software.amazon.encryption.s3:amazon-s3-encryption-client-java',
  'io.netty:*',
  'org.slf4j:*',
];

export interface Spark {
  /** A Python that has PySpark. */
  readonly python: string;
  /** Where Delta Lake's jars are. */
  readonly jars: string;
}

export interface SparkWithS3 extends Spark {
  /** Where the jars of the connector to S3 are. */
  readonly s3Jars: string;
}

/** The value is the path of a Python that has PySpark, and with it Spark; needs a Java, too. */
async function pysparkPython(): Promise<Peer<string>> {
  return pythonWith('spark', SPARK);
}

/** Spark with Delta Lake. */
export async function sparkPython(): Promise<Peer<Spark>> {
  const python = await pysparkPython();
  if (!python.here) return python;
  const jars = await jarsOf('delta-jars', python.value, [DELTA]);
  return jars.here ? { here: true, value: { python: python.value, jars: jars.value } } : jars;
}

/** Spark with Delta Lake, and with what reads and writes `s3a://`. */
export async function sparkWithS3(): Promise<Peer<SparkWithS3>> {
  const spark = await sparkPython();
  if (!spark.here) return spark;
  const s3Jars = await jarsOf('s3a-jars', spark.value.python, S3A, NOT_FOR_S3A);
  return s3Jars.here ? { here: true, value: { ...spark.value, s3Jars: s3Jars.value } } : s3Jars;
}

async function jarsOf(
  name: string,
  python: string,
  packages: readonly string[],
  excluded: readonly string[] = [],
): Promise<Peer<string>> {
  const dir = cacheDir(name, [...SPARK, ...packages]);
  const args = ['-c', RESOLVE_JARS, dir, packages.join(','), excluded.join(',')];
  return installOnce(dir, join(dir, 'jars'), () =>
    run(python, args, { ...process.env, SPARK_LOCAL_IP: '127.0.0.1' }),
  );
}

/** A session's start downloads its packages. */
const RESOLVE_JARS = `
import sys
from pyspark.sql import SparkSession
folder, packages, excluded = sys.argv[1:]
session = (SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
  .config("spark.jars.ivy", folder).config("spark.jars.packages", packages)
  .config("spark.jars.excludes", excluded).getOrCreate())
session.stop()
`;
