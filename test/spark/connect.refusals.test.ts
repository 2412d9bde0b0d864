import * as grpc from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import { afterEach, describe, expect, it } from 'vitest';
import { IgarapeError } from '../../src/core/errors.ts';
import { silentLogger } from '../../src/core/log.ts';
import { Cluster } from '../../src/spark/cluster.ts';
import { SPARK_CONNECT_PROTO } from '../../src/spark/connect/proto.ts';

const { root } = protobuf.parse(SPARK_CONNECT_PROTO, { keepCase: true });

/** How a call is refused. */
interface Refusal {
  readonly status: grpc.status;
  readonly message: string;
  readonly errorClass?: string;
}

/** What a server answers to a method: a message, or a refusal. What is left out it does not know. */
type Answers = Readonly<Record<string, object | Refusal>>;

function encoded(name: string, value: object): Buffer {
  const type = root.lookupType(`spark.connect.${name}`);
  return Buffer.from(type.encode(type.fromObject(value)).finish());
}

/** As Spark puts the class of an error beside the status. */
function thrown({ status, message, errorClass }: Refusal): Partial<grpc.ServiceError> {
  const metadata = new grpc.Metadata();
  if (errorClass !== undefined) {
    const value = encoded('RpcErrorInfo', { reason: 'x', metadata: { errorClass } });
    const details = [{ type_url: 'type.googleapis.com/google.rpc.ErrorInfo', value }];
    metadata.set('grpc-status-details-bin', encoded('RpcStatus', { details }));
  }
  return { code: status, details: message, metadata };
}

const plain = (bytes: Buffer): Buffer => bytes;
const form = {
  requestSerialize: plain,
  requestDeserialize: plain,
  responseSerialize: plain,
  responseDeserialize: plain,
};
const path = (method: string): string => `/spark.connect.SparkConnectService/${method}`;

/** A server that says what a Spark says which cannot be had here. */
async function start(
  answers: Answers,
): Promise<{ readonly port: number; readonly asked: grpc.Metadata[]; stop(): void }> {
  const asked: grpc.Metadata[] = [];
  const server = new grpc.Server();
  const definition: Record<string, grpc.MethodDefinition<Buffer, Buffer>> = {};
  const handlers: Record<string, grpc.UntypedHandleCall> = {};
  for (const [method, answer] of Object.entries(answers)) {
    const isStream = method === 'ExecutePlan';
    definition[method] = { path: path(method), requestStream: false, responseStream: isStream, ...form };
    const isRefused = 'status' in answer;
    handlers[method] = isStream
      ? (call: grpc.ServerWritableStream<Buffer, Buffer>) => {
          asked.push(call.metadata);
          if (isRefused) call.emit('error', thrown(answer));
          else call.end();
        }
      : (call: grpc.ServerUnaryCall<Buffer, Buffer>, answered: grpc.sendUnaryData<Buffer>) => {
          asked.push(call.metadata);
          if (isRefused) answered(thrown(answer), null);
          else answered(null, encoded(`${method}Response`, answer));
        };
  }
  server.addService(definition, handlers);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  return { port, asked, stop: () => server.forceShutdown() };
}

const GOOD = {
  AnalyzePlan: { spark_version: { version: '4.2.0' } },
  Config: {},
  ReleaseExecute: {},
  ReleaseSession: {},
};

describe('a Spark that cannot be worked with', () => {
  let stop: (() => void) | undefined;
  afterEach(() => stop?.());

  it.each<[string, Answers, string, RegExp]>([
    [
      'is too old',
      { ...GOOD, AnalyzePlan: { spark_version: { version: '3.5.1' } } },
      'SPARK_UNSUITABLE',
      /is 3\.5\.1\..*Spark 4\.0 or later/s,
    ],
    ['is something else', { Config: {} }, 'SPARK_UNSUITABLE', /no Spark Connect server that is known here/],
    [
      'has no Delta Lake',
      {
        ...GOOD,
        ExecutePlan: {
          status: grpc.status.INTERNAL,
          message: '[DATA_SOURCE_NOT_FOUND] Failed to find the data source: delta.',
          errorClass: 'DATA_SOURCE_NOT_FOUND',
        },
      },
      'SPARK_UNSUITABLE',
      /has no Delta Lake.*--packages io\.delta/s,
    ],
    [
      'has no memory left',
      { ...GOOD, ExecutePlan: { status: grpc.status.INTERNAL, message: 'Java heap space' } },
      'SPARK_FAILED',
      /run out of memory: Java heap space.*spark\.driver\.memory/s,
    ],
    [
      'has ended the session',
      {
        ...GOOD,
        ExecutePlan: {
          status: grpc.status.INTERNAL,
          message: '[INVALID_HANDLE.SESSION_CLOSED] The session is closed.',
          errorClass: 'INVALID_HANDLE.SESSION_CLOSED',
        },
      },
      'SPARK_UNREACHABLE',
      /lost the session.*run again/s,
    ],
    [
      'wants another token',
      { ...GOOD, AnalyzePlan: { status: grpc.status.UNAUTHENTICATED, message: 'Invalid token' } },
      'SPARK_FORBIDDEN',
      /refuses this user: Invalid token.*SPARK_REMOTE/s,
    ],
  ])('is told by what is wrong and what to do: it %s', async (_, answers, code, told) => {
    const server = await start(answers);
    stop = () => server.stop();
    const { signal } = new AbortController();
    const remote = {
      host: '127.0.0.1',
      port: server.port,
      token: 's3cret',
      isSecure: false,
      userId: 'x',
      headers: {},
    };
    await using cluster = new Cluster(remote, { clock: Date.now, signal, log: silentLogger });
    const failed: unknown = await cluster
      .unload('SELECT 1', [], '/lake/out')
      .catch((error: unknown) => error);
    expect(failed).toMatchObject({ code });
    const { message, hint } = failed instanceof IgarapeError ? failed : { message: '', hint: '' };
    expect(`${message}\n${hint}`).toMatch(told);
    expect(`${message}\n${hint}`).not.toContain('s3cret');
  });
});

it('a cluster of Databricks is asked by its id, with the token of who asks', async () => {
  const server = await start(GOOD);
  const { signal } = new AbortController();
  const place = {
    host: `http://127.0.0.1:${server.port}`,
    compute: { kind: 'cluster', id: '0123-abc' },
    credentials: { kind: 'token', token: 'a-token' },
  } as const;
  await using cluster = new Cluster(place, { clock: Date.now, signal, log: silentLogger });
  expect(await cluster.version()).toBe('4.2.0');
  expect(cluster.path('s3://lake/a')).toBe('s3://lake/a');
  await cluster.close();
  server.stop();
  expect(server.asked.length).toBeGreaterThan(2);
  for (const metadata of server.asked)
    expect(metadata.getMap()).toMatchObject({
      authorization: 'Bearer a-token',
      'x-databricks-cluster-id': '0123-abc',
    });
});
