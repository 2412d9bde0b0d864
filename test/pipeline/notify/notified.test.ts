import { execFileSync } from 'node:child_process';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { resolveConfig } from '../../../src/config/resolve.ts';
import type { Config } from '../../../src/config/config.ts';
import { IgarapeError } from '../../../src/core/errors.ts';
import type { Logger } from '../../../src/core/log.ts';
import { Redactor } from '../../../src/cli/redact.ts';
import type { TableReport } from '../../../src/lake/ledger-entry.ts';
import type { Redact } from '../../../src/pipeline/redacted-json.ts';
import { endEvent } from '../../../src/pipeline/notify/open-lineage.ts';
import { notified } from '../../../src/pipeline/notify/notified.ts';
import { type RunResult, runOnce } from '../../../src/pipeline/run.ts';
import { openFilesSource } from '../../../src/source/files.ts';
import { openScenario, type Scenario, testEdge } from '../../support/scenario.ts';
import { useTempDir } from '../../support/tmp.ts';

const dir = useTempDir();

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: { readonly [key: string]: unknown };
}

let server: Server;
let received: Received[] = [];
let answer: (response: ServerResponse) => void;
let url = '';

beforeEach(async () => {
  received = [];
  answer = (response) => response.writeHead(204).end();
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Received['body'];
      received.push({ path: request.url ?? '', headers: request.headers, body });
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

interface Told {
  readonly warnings: string[];
  readonly tookMs: number;
  readonly outcome: unknown;
}

function withNotifications(notifications: object): Config {
  const resolved = resolveConfig(
    {
      source: { type: 'files', path: './source' },
      tables: [
        { name: 't', pk: 'id' },
        { name: 'u', pk: 'id' },
      ],
      notifications,
    },
    dir(),
  );
  if (resolved.kind === 'invalid') throw new Error(JSON.stringify(resolved.problems));
  return resolved.config;
}

interface Telling {
  readonly work?: () => Promise<RunResult>;
  readonly redact?: Redact;
  readonly patienceMs?: number;
}

async function tell(
  lake: Scenario,
  notifications: object,
  env: Record<string, string> = {},
  { work, redact = (text) => text.replaceAll('hunter22', '[redacted]'), patienceMs = 60_000 }: Telling = {},
): Promise<Told> {
  const warnings: string[] = [];
  const log: Logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: (_fields, message) => warnings.push(message),
    error: () => undefined,
  };
  const config = withNotifications(notifications);
  const source = openFilesSource({ type: 'files', path: join(dir(), 'source'), name: './source' });
  const edge = testEdge({ log });
  const startedMs = Date.now();
  const outcome: unknown = await notified(
    {
      config,
      storage: lake.storage,
      env,
      writer: 'igarape 1.2.3',
      patienceMs,
      redact,
    },
    edge,
    work ?? ((watched) => runOnce({ config, storage: lake.storage, source }, watched, 'igarape test')),
  ).catch((error: unknown) => error);
  return {
    warnings: warnings.filter((text) => text.includes('could not be told')),
    tookMs: Date.now() - startedMs,
    outcome,
  };
}

async function lakeOf(t: string, u = 'id\n1\n'): Promise<Scenario> {
  const lake = openScenario(dir(), {
    tables: [
      { name: 't', pk: 'id' },
      { name: 'u', pk: 'id' },
    ],
  });
  await lake.write('t.csv', t);
  await lake.write('u.csv', u);
  return lake;
}

describe('a webhook', () => {
  test('gets a run that went well, a table that is held, and what failed, each where it is asked for', async () => {
    const all = {
      on_success: { url: `${url}/ok` },
      on_hold: { url: `${url}/hold` },
      on_failure: { url: `${url}/bad` },
    };
    const lake = await lakeOf('id,v\n1,a\n2,b\n3,c\n');
    expect((await tell(lake, all)).warnings).toEqual([]);
    expect(received).toMatchObject([
      {
        path: '/ok',
        headers: { 'content-type': 'application/json' },
        body: {
          event: 'success',
          text: 'igarape: run 0 published t +3 ~0 -0, u +1 ~0 -0.',
          run: 0,
          exitCode: 0,
          tables: { t: { operation: 'full-load', inserted: 3 } },
          error: null,
        },
      },
    ]);
    received = [];
    await lake.write('t.csv', 'id,v\n1,a\n');
    await lake.write('u.csv', 'id\n"1\n');
    await tell(lake, all);
    expect(received.map(({ path }) => path).toSorted()).toEqual(['/bad', '/hold']);
    const bodyOf = (path: string): unknown => received.find((each) => each.path === path)?.body;
    expect(bodyOf('/hold')).toMatchObject({
      event: 'hold',
      text: expect.stringMatching(/^igarape: t is held\.\nt: .*--approve t/s),
    });
    expect(bodyOf('/bad')).toMatchObject({
      event: 'failure',
      text: expect.stringMatching(/^igarape: u failed\.\nu: /),
      exitCode: 3,
    });
  });

  test('gets a run that ends with an error, and the error stays what it was', async () => {
    const lake = await lakeOf('id\n1\n');
    const error = new IgarapeError(
      'SOURCE_UNREACHABLE',
      { quoted: 'No way to hunter22' },
      { hint: { quoted: 'Wait.' } },
    );
    const { outcome } = await tell(lake, { on_failure: { url } }, {}, { work: () => Promise.reject(error) });
    expect(outcome).toBe(error);
    expect(received[0]?.body).toMatchObject({
      text: 'igarape: the run failed. No way to [redacted]. Wait.',
      error: { code: 'SOURCE_UNREACHABLE', hint: 'Wait.' },
      exitCode: 3,
      run: null,
    });
  });

  test('has secrets in its address and headers from variables alone, and is not called without them', async () => {
    const lake = await lakeOf('id\n1\n');
    const hook = { url: `${url}/\${HOOK_KEY}`, headers: { authorization: 'Bearer ${HOOK_TOKEN}' } };
    const told = await tell(lake, { on_success: hook }, { HOOK_KEY: 'k1' });
    expect(told.warnings).toEqual([expect.stringContaining('the variable HOOK_TOKEN is not set')]);
    expect(received).toEqual([]);
    await tell(lake, { on_success: hook }, { HOOK_KEY: 'k1', HOOK_TOKEN: 'hunter2' });
    expect(received).toMatchObject([{ path: '/k1', headers: { authorization: 'Bearer hunter2' } }]);
  });

  test('gets what its address has before the host as its authorization', async () => {
    const lake = await lakeOf('id\n1\n');
    const hook = { url: url.replace('://', '://ana:${PW}@') };
    expect((await tell(lake, { on_success: hook }, { PW: 'p%40w' })).warnings).toEqual([]);
    expect(received[0]?.headers.authorization).toBe(`Basic ${Buffer.from('ana:p@w').toString('base64')}`);
  });

  test.each(['p%w', '50%', '%E7', '%zz'])(
    'is not asked with a password whose %% stands for nothing: %s',
    async (PW) => {
      const lake = await lakeOf('id\n1\n');
      const hook = { url: url.replace('://', '://ana:${PW}@') };
      const { warnings } = await tell(lake, { on_success: hook }, { PW });
      expect(warnings).toEqual([
        expect.stringMatching(/^on_success could not be told: http:\S+ has a name or a password .*%25$/),
      ]);
      expect(warnings.join()).not.toContain(PW);
      expect(received).toEqual([]);
    },
  );

  test('is named in the log as it is written, for a variable in its address may be a secret wherever it stands', async () => {
    const lake = await lakeOf('id\n1\n');
    answer = (response) => response.writeHead(500).end();
    const env = { HOOK_URL: url, HOOK_HOST: url.slice('http://'.length) };
    for (const [written, told] of [
      ['${HOOK_URL}/x', '${HOOK_URL} answered HTTP 500'],
      ['http://ana:pw@${HOOK_HOST}/x', 'http://${HOOK_HOST} answered HTTP 500'],
      [`${url}?key=x`, `${url} answered HTTP 500`],
    ] as const)
      expect((await tell(lake, { on_success: { url: written } }, env)).warnings).toEqual([
        `on_success could not be told: ${told}`,
      ]);
  });

  test('gets JSON whatever tables and their values are called', async () => {
    const lake = await lakeOf('id\n1\n');
    const names = ['token', 'user_secrets', 'password', 'authorization', 'silver.api_key', 'hunter22'];
    const { report, exitCode } = await lake.run();
    const [table] = Object.values(report.tables);
    if (table === undefined) throw new Error('no table');
    const told = { ...report, tables: Object.fromEntries(names.map((name) => [name, table])) };
    const { text } = new Redactor();
    for (const redact of [text, (written: string) => written.replaceAll('hunter22', '[redacted]')]) {
      received = [];
      await tell(
        lake,
        { on_success: { url }, openlineage: { url } },
        { OTEL_EXPORTER_OTLP_ENDPOINT: url },
        { work: async () => ({ report: told, exitCode }), redact },
      );
      // The server takes no body that is not JSON.
      expect(received.length).toBe(5);
      const body = received.find(({ path, body: each }) => path === '/' && 'tables' in each)?.body;
      expect(Object.values(body?.['tables'] ?? {})).toEqual(names.map(() => table));
    }
  });

  test('gets a text that chat services and environments take, of however many tables', async () => {
    const lake = await lakeOf('id\n1\n');
    const report = (await lake.run()).report;
    const held = { ...report.tables['t'], operation: 'held', reason: `${'x'.repeat(500)}😀` } as TableReport;
    const tables = Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`t${index}`, held]));
    const out = join(dir(), 'out.txt');
    const { warnings } = await tell(
      lake,
      { on_hold: { command: `printf %s "$IGARAPE_TEXT" > '${out}'; cat > /dev/null` } },
      { PATH: process.env['PATH'] ?? '' },
      { work: async () => ({ report: { ...report, tables }, exitCode: 4 }) },
    );
    expect(warnings).toEqual([]);
    expect(await readFile(out, 'utf8')).toMatch(/^igarape: t0, t1, .{3900,3990}…$/s);
  });

  test.each([
    ['hangs', () => undefined, /took too long/, 700],
    [
      'fails',
      (response: ServerResponse) => response.writeHead(500).end('secret'),
      /answered HTTP 500/,
      60_000,
    ],
    [
      'redirects',
      (response: ServerResponse) => response.writeHead(307, { location: `${url}/other` }).end(),
      /answered HTTP 307; redirects are not followed/,
      60_000,
    ],
    ['hangs up', (response: ServerResponse) => response.destroy(), /failed \(/, 60_000],
  ] as const)(
    'that %s is a warning, and keeps the run for a moment at most',
    async (_what, how, warning, patienceMs) => {
      answer = how;
      const lake = await lakeOf('id\n1\n');
      const all = { on_success: { url: `${url}/path-secret` }, openlineage: { url: `${url}/path-secret` } };
      const env = { OTEL_EXPORTER_OTLP_ENDPOINT: url };
      const { warnings, outcome, tookMs } = await tell(lake, all, env, { patienceMs });
      expect(outcome).toMatchObject({ exitCode: 0, report: { run: 0 } });
      expect(warnings.filter((text) => warning.test(text)).length).toBe(warnings.length);
      expect(new Set(warnings.map((text) => text.split(' ')[0]))).toEqual(
        new Set(['on_success', 'openlineage', 'OpenTelemetry']),
      );
      expect(warnings.join()).not.toMatch(/secret/);
      expect(received.every(({ path }) => path !== '/other')).toBe(true);
      expect(tookMs).toBeLessThan(15_000);
    },
  );
});

describe('a command', () => {
  test('gets the same on its standard input, and the short form in its environment', async () => {
    const lake = await lakeOf('id\n1\n');
    const out = join(dir(), 'out.json');
    const command = `cat > '${out}' && echo "$IGARAPE_EVENT: $IGARAPE_TEXT" >> '${out}'`;
    const told = await tell(lake, { on_success: { command } }, { PATH: process.env['PATH'] ?? '' });
    expect(told.warnings).toEqual([]);
    const [json, line] = (await readFile(out, 'utf8')).split(/(?<=\})(?=success)/);
    expect(JSON.parse(json ?? '')).toMatchObject({ event: 'success', run: 0 });
    expect(line).toBe('success: igarape: run 0 published t +1 ~0 -0, u +1 ~0 -0.\n');
  });

  test.each([
    ['exit 3', /ended with exit code 3/, 60_000],
    ['sleep 60', /took longer than 0.7 s and was ended/, 700],
    ['no-such-command-here', /ended with exit code 127/, 60_000],
  ])('%s is a warning', async (command, warning, patienceMs) => {
    const lake = await lakeOf('id\n1\n');
    const env = { PATH: process.env['PATH'] ?? '' };
    const told = await tell(lake, { on_success: { command } }, env, { patienceMs });
    expect(told.outcome).toMatchObject({ exitCode: 0 });
    expect(told.warnings).toEqual([expect.stringMatching(warning)]);
    expect(told.tookMs).toBeLessThan(15_000);
  });
});

describe('OpenLineage', () => {
  test('gets the start of a run and its end, with what was published in which columns', async () => {
    const lake = await lakeOf('id,v\n1,1.5\n');
    const path = join(dir(), 'events', 'lineage.jsonl');
    await tell(lake, { openlineage: { file: path, namespace: 'home' } });
    await lake.write('u.csv', 'id\n"1\n');
    await tell(lake, { openlineage: { file: path, namespace: 'home' } });
    const events = (await readFile(path, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Received['body']);
    expect(events.map(({ eventType }) => eventType)).toEqual(['START', 'COMPLETE', 'START', 'FAIL']);
    expect(events[1]).toMatchObject({
      run: events[0]?.['run'],
      job: { namespace: 'home' },
      producer: 'urn:igarape:1.2.3',
      inputs: [
        { namespace: 'file', name: join(dir(), 'source', 't') },
        { namespace: 'file', name: join(dir(), 'source', 'u') },
      ],
      outputs: [
        {
          namespace: 'file',
          name: join(dir(), 'lake', 't'),
          facets: {
            schema: {
              _schemaURL: expect.stringContaining('SchemaDatasetFacet'),
              fields: [
                { name: 'id', type: 'BIGINT' },
                { name: 'v', type: 'DOUBLE' },
              ],
            },
          },
          outputFacets: { outputStatistics: { rowCount: 1 } },
        },
        { name: join(dir(), 'lake', 'u') },
      ],
    });
    expect(events[0]).toMatchObject({ schemaURL: expect.stringMatching(/2-0-2.*RunEvent$/) });
  });

  test.each<[Config['source'], string, object]>([
    [{ type: 's3', uri: 's3://b/p/q', s3: {} }, 's3://b/p/q', { namespace: 's3://b', name: 'p/q/t' }],
    [{ type: 's3', uri: 's3://b', s3: {} }, 's3://b', { namespace: 's3://b', name: 't' }],
    [
      { type: 'http', url: 'https://h:81/a/b.zip?key=x' },
      'https://h:81/a/b.zip',
      { namespace: 'https://h:81', name: 'a/b.zip/t' },
    ],
    [
      { type: 'kaggle', dataset: 'o/d' },
      'kaggle:o/d',
      { namespace: 'https://www.kaggle.com', name: 'datasets/o/d/t' },
    ],
    [
      { type: 'files', path: '/data/a.zip', name: 'a.zip' },
      'files:a.zip',
      { namespace: 'file', name: '/data/a.zip/t' },
    ],
  ])('names the input by where it is: %j', (source, id, input) => {
    const table: TableReport = {
      operation: 'unchanged',
      inserted: 0,
      updated: 0,
      deleted: 0,
      unchanged: 1,
      file: null,
      bytes: 0,
    };
    const event = endEvent(
      { namespace: 'home', producer: 'urn:igarape:1' },
      {
        id: 'a',
        lake: '/lake',
        report: { run: null, source: { id, version: '1' }, tables: { t: table } },
        exitCode: 0,
        error: null,
        startedMs: 0,
        endedMs: 0,
        isStopped: false,
      },
      {},
      source,
    );
    expect(event).toMatchObject({ inputs: [input] });
  });

  test.skipIf(process.platform === 'win32')(
    'keeps no run by a file that is a pipe without a reader',
    async () => {
      const lake = await lakeOf('id\n1\n');
      const path = join(dir(), 'pipe');
      execFileSync('mkfifo', [path]);
      const { outcome, warnings } = await tell(lake, { openlineage: { file: path } });
      expect(outcome).toMatchObject({ exitCode: 0 });
      expect(new Set(warnings)).toEqual(new Set(['openlineage could not be told: failed (ENXIO)']));
    },
  );

  test('is told by a webhook in the same order', async () => {
    const lake = await lakeOf('id\n1\n');
    await tell(lake, { openlineage: { url: `${url}/api/v1/lineage` } });
    expect(received.map(({ path, body }) => [path, body['eventType']])).toEqual([
      ['/api/v1/lineage', 'START'],
      ['/api/v1/lineage', 'COMPLETE'],
    ]);
  });
});

describe('OpenTelemetry', () => {
  test('gets a trace and metrics where its variables name an endpoint', async () => {
    const lake = await lakeOf('id\n1\n');
    const { warnings } = await tell(
      lake,
      {},
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: `${url}/`,
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: '',
        OTEL_EXPORTER_OTLP_TRACES_HEADERS: '',
        OTEL_EXPORTER_OTLP_HEADERS: 'api-key=a%20b',
        OTEL_SERVICE_NAME: 'lakes',
        OTEL_RESOURCE_ATTRIBUTES: 'env=test',
      },
    );
    expect(warnings).toEqual([]);
    expect(received.map(({ path }) => path).toSorted()).toEqual(['/v1/metrics', '/v1/traces']);
    const trace = received.find(({ path }) => path === '/v1/traces');
    expect(trace?.headers['api-key']).toBe('a b');
    const text = JSON.stringify(trace?.body);
    expect(text).toContain('"stringValue":"lakes"');
    const [, spans] = /"spans":(\[.*\])\}\]\}\]\}/.exec(text) ?? [];
    const found = JSON.parse(spans ?? '[]') as {
      name: string;
      traceId: string;
      spanId: string;
      parentSpanId?: string;
    }[];
    expect(found.map(({ name }) => name)).toEqual(['igarape run', 'table t', 'table u']);
    expect(
      found.every(({ traceId, spanId }) => /^[\da-f]{32}$/.test(traceId) && /^[\da-f]{16}$/.test(spanId)),
    ).toBe(true);
    expect(found[1]?.parentSpanId).toBe(found[0]?.spanId);
  });

  test.each([
    [{}],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'URL', OTEL_SDK_DISABLED: 'true' }],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }],
  ])('gets nothing with %j', async (env: Record<string, string>) => {
    const lake = await lakeOf('id\n1\n');
    const filled = Object.fromEntries(
      Object.entries(env).map(([name, value]) => [name, value.replace('URL', url)]),
    );
    const { outcome } = await tell(lake, {}, filled);
    expect(outcome).toMatchObject({ exitCode: 0 });
    expect(received).toEqual([]);
  });
});
