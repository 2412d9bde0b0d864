import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Peer } from './external.ts';
import { sparkPython, sparkWithS3 } from './python.ts';
import type { S3Server } from './s3-server.ts';
import { type SharedSpark, sharedSpark } from './shared-spark.ts';
import { type Settings, type SparkServer, startSpark } from './spark-server.ts';

/** The server of all test files: its value asks for it. */
export async function sparkConnect(): Promise<Peer<() => Promise<SharedSpark>>> {
  const spark = await sparkPython();
  return spark.here ? { here: true, value: () => sharedSpark(spark.value) } : spark;
}

/** A server that reads and writes a store's buckets, as `s3a://` and `s3://`: the file that starts it is to stop it. */
export async function sparkConnectOnS3(): Promise<Peer<StartOnS3>> {
  const spark = await sparkWithS3();
  if (!spark.here) return spark;
  const { s3Jars } = spark.value;
  return {
    here: true,
    value: async (server, more) =>
      startSpark(spark.value, {
        jars: (await readdir(s3Jars)).map((name) => join(s3Jars, name)),
        settings: { ...s3Settings(server), ...more },
      }),
  };
}

/** @param settings More of Spark's. */
export type StartOnS3 = (server: S3Server, settings?: Settings) => Promise<SparkServer>;

/** A session that compiles, and reads Parquet by its faster reader, as elsewhere. */
export const AS_ELSEWHERE: Settings = {
  'spark.sql.codegen.wholeStage': 'true',
  'spark.sql.codegen.factoryMode': 'FALLBACK',
};

function s3Settings({ endpoint, region, accessKey, secretKey }: S3Server): Settings {
  return {
    'spark.hadoop.fs.s3.impl': 'org.apache.hadoop.fs.s3a.S3AFileSystem',
    'spark.hadoop.fs.s3a.endpoint': endpoint,
    'spark.hadoop.fs.s3a.endpoint.region': region,
    'spark.hadoop.fs.s3a.path.style.access': 'true',
    'spark.hadoop.fs.s3a.access.key': accessKey,
    'spark.hadoop.fs.s3a.secret.key': secretKey,
    'spark.hadoop.fs.s3a.input.stream.type': 'classic',
  };
}
