import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Remote } from '../../src/config/remote.ts';
import type { Spark } from './python.ts';
import { freePorts, spawnTied, stopTied } from './server-process.ts';

/** A real Spark Connect server on 127.0.0.1, with Delta Lake, which asks for a token. */
export interface SparkServer {
  readonly remote: Remote;
  /** The same as an address. */
  readonly address: string;
  stop(): Promise<void>;
}

export type Settings = Readonly<Record<string, string>>;

interface More {
  readonly jars?: readonly string[];
  readonly settings?: Settings;
  /** True for Spark's and Java's own defaults, as many rows want them. */
  readonly isForManyRows?: boolean;
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

/**
 * The verifying of classes, and the collecting of garbage for want of room for classes, would take long; and Java's second
 * compiler longer than all that is computed, were it given what runs a few thousand times.
 */
const JAVA_FOR_FEW_ROWS = [
  '-XX:+UseSerialGC',
  '-XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote',
  '-Xms2g -Xmn512m -XX:MetaspaceSize=512m',
  '-XX:Tier4InvocationThreshold=50000 -XX:Tier4MinInvocationThreshold=6000',
  '-XX:Tier4CompileThreshold=150000 -XX:Tier4BackEdgeThreshold=400000',
].join(' ');

const TOKEN = 'a-token-of-the-tests';
const READY_TIMEOUT_MS = 240_000;
const READY_POLL_MS = 100;

/** Starts it by pyspark's own jars. It takes some twenty seconds, and up to three gigabytes of memory. */
export async function startSpark({ python, jars }: Spark, more: More = {}): Promise<SparkServer> {
  const dir = await mkdtemp(join(tmpdir(), 'igarape-spark-'));
  await mkdir(join(dir, 'local'));
  const [port = 0] = await freePorts(1);
  const home = await sparkHome(python);
  const delta = (await readdir(jars)).filter((name) => /^io\.(?:delta|unitycatalog)_/.test(name));
  const all = [...delta.map((name) => join(jars, name)), ...(more.jars ?? [])];
  const settings = {
    'spark.connect.grpc.binding.address': '127.0.0.1',
    'spark.connect.grpc.binding.port': String(port),
    'spark.connect.authenticate.token': TOKEN,
    'spark.sql.extensions': 'io.delta.sql.DeltaSparkSessionExtension',
    'spark.sql.catalog.spark_catalog': 'org.apache.spark.sql.delta.catalog.DeltaCatalog',
    'spark.sql.catalogImplementation': 'in-memory',
    'spark.sql.warehouse.dir': `file://${dir}/warehouse`,
    ...(more.isForManyRows === true ? {} : FOR_FEW_ROWS),
    'spark.ui.enabled': 'false',
    'spark.driver.host': '127.0.0.1',
    'spark.driver.bindAddress': '127.0.0.1',
    'spark.local.dir': join(dir, 'local'),
    'spark.log.level': 'WARN',
    ...more.settings,
  };
  const args = [
    '--class=org.apache.spark.sql.connect.service.SparkConnectServer',
    '--master=local[2]',
    '--driver-memory=2g',
    `--jars=${all.join(',')}`,
    ...(more.isForManyRows === true ? [] : [`--driver-java-options=${JAVA_FOR_FEW_ROWS}`]),
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
