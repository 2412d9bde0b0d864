import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Remote } from '../../src/config/remote.ts';
import { type Peer } from './external.ts';
import { type Spark, sparkPython, sparkWithS3 } from './python.ts';
import type { S3Server } from './s3-server.ts';
import { freePorts, spawnTied, stopTied } from './server-process.ts';

/** A real Spark Connect server on 127.0.0.1, with Delta Lake, which asks for a token. */
export interface SparkServer {
  readonly remote: Remote;
  /** The same as an address. */
  readonly address: string;
  stop(): Promise<void>;
}

/** What starts it: pyspark's own jars hold the server. It takes some twenty seconds, and a gigabyte of memory. */
export async function sparkConnect(): Promise<Peer<() => Promise<SparkServer>>> {
  const spark = await sparkPython();
  return spark.here ? { here: true, value: () => start(spark.value) } : spark;
}

/** As {@link sparkConnect}, with what reads and writes a server's buckets, as `s3a://` and `s3://`. */
export async function sparkConnectOnS3(): Promise<Peer<StartOnS3>> {
  const spark = await sparkWithS3();
  if (!spark.here) return spark;
  const { s3Jars } = spark.value;
  return {
    here: true,
    value: async (server, more) =>
      start(spark.value, {
        jars: (await readdir(s3Jars)).map((name) => join(s3Jars, name)),
        settings: { ...s3Settings(server), ...more },
      }),
  };
}

type Settings = Readonly<Record<string, string>>;

/** @param settings More of Spark's. */
export type StartOnS3 = (server: S3Server, settings?: Settings) => Promise<SparkServer>;

interface More {
  readonly jars: readonly string[];
  readonly settings: Settings;
}

/** Of few rows, planning and compiling take longer than computing. */
const FOR_FEW_ROWS: Settings = {
  'spark.sql.shuffle.partitions': '1',
  'spark.default.parallelism': '1',
  'spark.databricks.delta.snapshotPartitions': '1',
  'spark.sql.adaptive.enabled': 'false',
  'spark.sql.codegen.wholeStage': 'false',
  'spark.sql.codegen.factoryMode': 'NO_CODEGEN',
  'spark.sql.maxPlanStringLength': '100',
};

/** A session that compiles, and reads Parquet by its faster reader, as elsewhere. */
export const AS_ELSEWHERE: Settings = {
  'spark.sql.codegen.wholeStage': 'true',
  'spark.sql.codegen.factoryMode': 'FALLBACK',
};

/**
 * The second compiler, the verifying of classes and the collecting of garbage for want of room for classes would take more
 * time than all that is computed here.
 */
const JAVA = [
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote',
  '-Xms1g -Xmn512m -XX:MetaspaceSize=512m',
].join(' ');

const TOKEN = 'a-token-of-the-tests';
const READY_TIMEOUT_MS = 240_000;
const READY_POLL_MS = 100;

async function start({ python, jars }: Spark, more?: More): Promise<SparkServer> {
  const dir = await mkdtemp(join(tmpdir(), 'igarape-spark-'));
  await mkdir(join(dir, 'local'));
  const [port = 0] = await freePorts(1);
  const home = await sparkHome(python);
  const delta = (await readdir(jars)).filter((name) => /^io\.(?:delta|unitycatalog)_/.test(name));
  const all = [...delta.map((name) => join(jars, name)), ...(more?.jars ?? [])];
  const settings = {
    'spark.connect.grpc.binding.address': '127.0.0.1',
    'spark.connect.grpc.binding.port': String(port),
    'spark.connect.authenticate.token': TOKEN,
    'spark.sql.extensions': 'io.delta.sql.DeltaSparkSessionExtension',
    'spark.sql.catalog.spark_catalog': 'org.apache.spark.sql.delta.catalog.DeltaCatalog',
    'spark.sql.catalogImplementation': 'in-memory',
    'spark.sql.warehouse.dir': `file://${dir}/warehouse`,
    ...FOR_FEW_ROWS,
    'spark.ui.enabled': 'false',
    'spark.driver.host': '127.0.0.1',
    'spark.driver.bindAddress': '127.0.0.1',
    'spark.local.dir': join(dir, 'local'),
    'spark.log.level': 'WARN',
    ...more?.settings,
  };
  const args = [
    '--class=org.apache.spark.sql.connect.service.SparkConnectServer',
    '--master=local[2]',
    '--driver-memory=1g',
    `--jars=${all.join(',')}`,
    `--driver-java-options=${JAVA}`,
    ...Object.entries(settings).flatMap(([name, value]) => ['--conf', `${name}=${value}`]),
    'spark-internal',
  ];
  const env = { SPARK_HOME: home, SPARK_LOCAL_IP: '127.0.0.1', PYSPARK_PYTHON: python };
  const log = join(dir, 'log');
  const child = spawnTied(join(home, 'bin', 'spark-submit'), args, env, log);
  for (let waitedMs = 0; !(await isOpen(port)); waitedMs += READY_POLL_MS) {
    if (child.exitCode !== null || waitedMs > READY_TIMEOUT_MS)
      throw new Error(`Spark did not become ready:\n${(await readFile(log, 'utf8')).slice(-2000)}`);
    await wait(READY_POLL_MS);
  }
  const remote = { host: '127.0.0.1', port, token: TOKEN, isSecure: false, userId: 'tests', headers: {} };
  return {
    remote,
    address: `sc://127.0.0.1:${port}/;token=${TOKEN}`,
    stop: async () => {
      await stopTied(child);
      await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

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

/** Where a Python's own packages have Spark. */
async function sparkHome(python: string): Promise<string> {
  const lib = join(dirname(dirname(python)), 'lib');
  const [version = ''] = await readdir(lib);
  return join(lib, version, 'site-packages', 'pyspark');
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
