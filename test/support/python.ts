import { join } from 'node:path';
import { cacheDir, installOnce, type Peer, pythonWith, run } from './external.ts';

/** pandas, PyArrow and DuckDB: small, and installed in half a minute. */
const FRAMES = ['pandas==3.1.1', 'pyarrow==26.0.1', 'duckdb==1.5.5', 'pytz==2026.6'];

/** The value is the path of a Python that reads and writes Excel workbooks, beside what every Python does. */
export async function openpyxlPython(): Promise<Peer<string>> {
  return pythonWith('openpyxl', ['openpyxl==3.1.5']);
}

/** Spark: half a gigabyte, in an environment of its own so that nobody else waits for it. */
const SPARK = ['pyspark==4.2.0'];

/** Delta Lake for that Spark, from Maven's central repository. */
const DELTA = 'io.delta:delta-spark_4.2_2.13:4.4.0';

/** The value is the path of a Python that has pandas, PyArrow and DuckDB. */
export async function framesPython(): Promise<Peer<string>> {
  return pythonWith('frames', FRAMES);
}

export interface Spark {
  /** A Python that has PySpark. */
  readonly python: string;
  /** Where Delta Lake's jars are. */
  readonly jars: string;
}

/** Spark with Delta Lake; needs a Java, too. */
export async function sparkPython(): Promise<Peer<Spark>> {
  const python = await pythonWith('spark', SPARK);
  if (!python.here) return python;
  const dir = cacheDir('delta-jars', [...SPARK, DELTA]);
  const jars = await installOnce(dir, join(dir, 'jars'), () =>
    run(python.value, ['-c', RESOLVE_JARS, dir, DELTA], { ...process.env, SPARK_LOCAL_IP: '127.0.0.1' }),
  );
  return jars.here ? { here: true, value: { python: python.value, jars: jars.value } } : jars;
}

/** A session's start downloads its packages. */
const RESOLVE_JARS = `
import sys
from pyspark.sql import SparkSession
folder, package = sys.argv[1:]
session = (SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
  .config("spark.jars.ivy", folder).config("spark.jars.packages", package).getOrCreate())
session.stop()
`;
