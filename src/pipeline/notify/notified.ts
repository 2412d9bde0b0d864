import type { Config } from '../../config/config.ts';
import { asIgarapeError } from '../../core/errors.ts';
import type { Schema } from '../../core/schema.ts';
import { readNewestEntry } from '../../lake/ledger.ts';
import type { Storage } from '../../storage/port.ts';
import type { Edge } from '../context.ts';
import { type Redact, redactedJson } from '../redacted-json.ts';
import type { RunResult } from '../run.ts';
import { createDeliverer, type Deliverer } from './deliver.ts';
import { noticesOf, type RunEnd } from './notice.ts';
import { endEvent, type LineageJob, startEvent } from './open-lineage.ts';
import { metricsOf, type TableTime, telemetryTargets, traceOf } from './open-telemetry.ts';

export interface NotifiedRun {
  readonly config: Pick<Config, 'notifications' | 'source'>;
  readonly storage: Storage;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Who runs, with its version: `igarape 1.2.3`. */
  readonly writer: string;
  readonly redact?: Redact;
  readonly patienceMs?: number;
}

/**
 * Runs `work`, and tells how it went to whom the configuration and OpenTelemetry's variables name. What cannot be told is
 * a warning in the log, and the run takes some seconds longer at most.
 */
export async function notified(
  run: NotifiedRun,
  edge: Edge,
  work: (edge: Edge) => Promise<RunResult>,
): Promise<RunResult> {
  const telling = new Telling(run, edge);
  if (telling.isSilent) return work(edge);
  telling.start();
  const watched: Edge = { ...edge, onProgress: telling.onProgress };
  try {
    const result = await work(watched);
    await telling.end({ ...result, error: null });
    return result;
  } catch (thrown) {
    const error = asIgarapeError(thrown);
    await telling.end({ report: null, exitCode: error.exitCode, error });
    throw thrown;
  }
}

type Outcome = Pick<RunEnd, 'report' | 'exitCode' | 'error'>;

class Telling {
  readonly isSilent: boolean;
  readonly #run: NotifiedRun;
  readonly #edge: Edge;
  readonly #deliverer: Deliverer;
  readonly #id: string;
  readonly #startedMs: number;
  readonly #times = new Map<string, TableTime>();
  #started: Promise<void> = Promise.resolve();

  constructor(run: NotifiedRun, edge: Edge) {
    this.#run = run;
    this.#edge = edge;
    this.#id = edge.newId();
    this.#startedMs = edge.clock();
    const { env, writer, patienceMs } = run;
    this.#deliverer = createDeliverer({
      env,
      log: edge.log,
      userAgent: writer.replace(' ', '/'),
      ...(patienceMs === undefined ? {} : { patienceMs }),
    });
    const { onFailure, onHold, onSuccess, openLineage } = run.config.notifications;
    const { traces, metrics } = telemetryTargets(env);
    this.isSilent = [onFailure, onHold, onSuccess, openLineage, traces, metrics].every(
      (target) => target === undefined,
    );
  }

  readonly onProgress: Edge['onProgress'] = (progress) => {
    const { step, table } = progress;
    if (step === 'read' && table !== undefined) {
      const nowMs = this.#edge.clock();
      this.#times.set(table, { startedMs: this.#times.get(table)?.startedMs ?? nowMs, endedMs: nowMs });
    }
    this.#edge.onProgress(progress);
  };

  start(): void {
    const begun = { id: this.#id, startedMs: this.#startedMs, lake: this.#run.storage.uri };
    this.#started = this.#tellLineage((job) => startEvent(job, begun), this.#deliverer.patience());
  }

  async end(outcome: Outcome): Promise<void> {
    const end: RunEnd = {
      ...outcome,
      id: this.#id,
      lake: this.#run.storage.uri,
      startedMs: this.#startedMs,
      endedMs: this.#edge.clock(),
      isStopped: this.#edge.signal.aborted,
    };
    await Promise.all([this.#tellHooks(end), this.#tellLineageEnd(end), this.#tellTelemetry(end)]);
  }

  async #tellHooks(end: RunEnd): Promise<void> {
    const { onFailure, onHold, onSuccess } = this.#run.config.notifications;
    const hooks = { failure: onFailure, hold: onHold, success: onSuccess } as const;
    await Promise.all(
      noticesOf(end).map(async (notice) => {
        const hook = hooks[notice.event];
        if (hook === undefined) return;
        const facts = {
          IGARAPE_EVENT: notice.event,
          IGARAPE_TEXT: this.#run.redact?.(notice.text) ?? notice.text,
        };
        await this.#deliverer.send(`on_${notice.event}`, hook, this.#json(notice), { facts });
      }),
    );
  }

  async #tellLineageEnd(end: RunEnd): Promise<void> {
    if (this.#run.config.notifications.openLineage === undefined) return;
    const until = this.#deliverer.patience();
    const schemas = end.report === null ? {} : await this.#schemas();
    await this.#started;
    await this.#tellLineage((job) => endEvent(job, end, schemas, this.#run.config.source), until);
  }

  async #tellLineage(eventOf: (job: LineageJob) => object, until: AbortSignal): Promise<void> {
    const { openLineage } = this.#run.config.notifications;
    if (openLineage === undefined) return;
    const { to, namespace } = openLineage;
    const body = this.#json(eventOf({ namespace, producer: `urn:${this.#run.writer.replace(' ', ':')}` }));
    await (to.kind === 'file'
      ? this.#deliverer.append('openlineage', to.path, body)
      : this.#deliverer.send('openlineage', to, body, { until }));
  }

  async #tellTelemetry(end: RunEnd): Promise<void> {
    const { env } = this.#run;
    const { traces, metrics } = telemetryTargets(env);
    const trace = (): object => traceOf(end, this.#times, env, this.#edge.newId);
    await Promise.all([
      traces === undefined ? undefined : this.#deliverer.send('OpenTelemetry', traces, this.#json(trace())),
      metrics === undefined
        ? undefined
        : this.#deliverer.send('OpenTelemetry', metrics, this.#json(metricsOf(end, env))),
    ]);
  }

  async #schemas(): Promise<Readonly<Record<string, Schema>>> {
    const entry = await readNewestEntry(this.#run.storage).catch(() => undefined);
    return Object.fromEntries(
      Object.entries(entry?.tables ?? {}).map(([name, { schema }]) => [name, schema]),
    );
  }

  #json(value: object): string {
    return redactedJson(value, this.#run.redact);
  }
}
