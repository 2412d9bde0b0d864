import type { WebhookConfig } from '../../config/config.ts';
import type { RunEnd } from './notice.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** When a table was worked on. */
export interface TableTime {
  readonly startedMs: number;
  readonly endedMs: number;
}

export interface TelemetryTargets {
  readonly traces: WebhookConfig | undefined;
  readonly metrics: WebhookConfig | undefined;
}

/** Where OpenTelemetry's own variables want traces and metrics sent to, as OTLP over HTTP in JSON. */
export function telemetryTargets(env: Environment): TelemetryTargets {
  const valueOf = reading(env);
  const isOff = valueOf('OTEL_SDK_DISABLED')?.toLowerCase() === 'true';
  const target = (signal: 'traces' | 'metrics'): WebhookConfig | undefined => {
    const upper = signal.toUpperCase();
    const base = valueOf('OTEL_EXPORTER_OTLP_ENDPOINT');
    const own = valueOf(`OTEL_EXPORTER_OTLP_${upper}_ENDPOINT`);
    const url = own ?? (base === undefined ? undefined : `${base.replace(/\/+$/, '')}/v1/${signal}`);
    if (isOff || url === undefined || valueOf(`OTEL_${upper}_EXPORTER`) === 'none') return undefined;
    const headers = valueOf(`OTEL_EXPORTER_OTLP_${upper}_HEADERS`) ?? valueOf('OTEL_EXPORTER_OTLP_HEADERS');
    return { kind: 'webhook', url, headers: pairsOf(headers) };
  };
  return { traces: target('traces'), metrics: target('metrics') };
}

/** One trace of a run: a span for it, and one for each table that was read. */
export function traceOf(
  end: RunEnd,
  times: ReadonlyMap<string, TableTime>,
  env: Environment,
  newId: () => string,
): object {
  const traceId = end.id.replaceAll('-', '');
  const spanId = (): string => newId().replaceAll('-', '').slice(0, 16);
  const root = spanId();
  const isFailed = end.exitCode !== 0 && end.exitCode !== 4;
  const tables = [...times].map(([table, { startedMs, endedMs }]) => {
    const report = end.report?.tables[table];
    return {
      traceId,
      spanId: spanId(),
      parentSpanId: root,
      name: `table ${table}`,
      kind: 1,
      startTimeUnixNano: nanos(startedMs),
      endTimeUnixNano: nanos(endedMs),
      attributes: attributes({
        'igarape.table': table,
        ...(report === undefined
          ? {}
          : {
              'igarape.operation': report.operation,
              'igarape.rows.inserted': report.inserted,
              'igarape.rows.updated': report.updated,
              'igarape.rows.deleted': report.deleted,
            }),
      }),
      status: report?.operation === 'failed' ? { code: 2, message: report.reason ?? '' } : { code: 0 },
    };
  });
  const run = {
    traceId,
    spanId: root,
    name: 'igarape run',
    kind: 1,
    startTimeUnixNano: nanos(end.startedMs),
    endTimeUnixNano: nanos(end.endedMs),
    attributes: attributes({
      'igarape.lake': end.lake,
      'igarape.exit_code': end.exitCode,
      ...(end.report?.run === undefined || end.report.run === null ? {} : { 'igarape.run': end.report.run }),
    }),
    status: isFailed ? { code: 2, message: end.error?.message ?? 'a table failed' } : { code: 1 },
  };
  return {
    resourceSpans: [
      { resource: resource(env), scopeSpans: [{ scope: { name: 'igarape' }, spans: [run, ...tables] }] },
    ],
  };
}

/** How long a run took, how it ended, and how many rows it changed in each table. */
export function metricsOf(end: RunEnd, env: Environment): object {
  const at = { startTimeUnixNano: nanos(end.startedMs), timeUnixNano: nanos(end.endedMs) };
  const rows = Object.entries(end.report?.tables ?? {}).flatMap(([table, report]) =>
    (['inserted', 'updated', 'deleted'] as const).map((operation) => ({
      ...at,
      asInt: String(report[operation]),
      attributes: attributes({ 'igarape.table': table, 'igarape.operation': operation }),
    })),
  );
  const metrics = [
    {
      name: 'igarape.run.duration',
      unit: 's',
      gauge: { dataPoints: [{ ...at, asDouble: (end.endedMs - end.startedMs) / 1000 }] },
    },
    {
      name: 'igarape.run.exit_code',
      unit: '1',
      gauge: { dataPoints: [{ ...at, asInt: String(end.exitCode) }] },
    },
    {
      name: 'igarape.rows',
      unit: '{row}',
      sum: { aggregationTemporality: 1, isMonotonic: true, dataPoints: rows },
    },
  ];
  return {
    resourceMetrics: [{ resource: resource(env), scopeMetrics: [{ scope: { name: 'igarape' }, metrics }] }],
  };
}

function resource(env: Environment): object {
  const valueOf = reading(env);
  const name = valueOf('OTEL_SERVICE_NAME');
  return {
    attributes: attributes({
      'service.name': 'igarape',
      ...pairsOf(valueOf('OTEL_RESOURCE_ATTRIBUTES')),
      ...(name === undefined ? {} : { 'service.name': name }),
    }),
  };
}

/** An empty variable of OpenTelemetry's is one that is not set. */
function reading(env: Environment): (name: string) => string | undefined {
  return (name) => (env[name] === '' ? undefined : env[name]);
}

/** `a=1,b=%20`, as OpenTelemetry writes lists in variables. */
function pairsOf(text = ''): Record<string, string> {
  return Object.fromEntries(
    text.split(',').flatMap((pair) => {
      const at = pair.indexOf('=');
      return at < 1 ? [] : [[pair.slice(0, at).trim(), decoded(pair.slice(at + 1).trim())]];
    }),
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function attributes(values: Readonly<Record<string, string | number>>): object[] {
  return Object.entries(values).map(([key, value]) => ({
    key,
    value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
  }));
}

function nanos(ms: number): string {
  return String(BigInt(Math.round(ms)) * 1_000_000n);
}
