import { asIgarapeError, IgarapeError } from '../core/errors.ts';
import type { Progress } from '../core/log.ts';
import type { Edge, RunRequest } from '../pipeline/context.ts';
import type { ExploredProject } from '../explore/reader.ts';
import { plan } from '../pipeline/plan.ts';
import type { RunResult } from '../pipeline/run.ts';
import { followShare } from '../pipeline/run-share.ts';
import { verify, type VerifyProgress } from '../pipeline/verify.ts';
import type { Doing, ErrorAnswer, Events, PlanAnswer } from './api.ts';

/** What the page may set going, if its user allows it at all. */
export interface Project {
  /** A request for a run of this lake, with its source. */
  readonly request: () => Promise<RunRequest>;
  readonly edge: (signal: AbortSignal) => Edge;
  /** One cycle, as `igarape run` does it. */
  readonly run: (request: RunRequest, edge: Edge) => Promise<RunResult>;
  /** Takes secrets out of a text. */
  readonly redact: (text: string) => string;
}

export type Tell = <Name extends keyof Events>(name: Name, event: Events[Name]) => void;

/** The page shows no more. */
const TELL_MS = 200;

/** Tells how far a run is, now and then. @param hasLayers The configuration names layers. */
export function progressTeller(
  tell: Tell,
  hasLayers: boolean,
  clock: () => number,
): (progress: Progress) => void {
  const follow = followShare(hasLayers);
  let last = { of: '', atMs: 0 };
  return (progress) => {
    const { step, table = null } = progress;
    const { share } = follow(progress);
    const now = { of: `${step} ${table}`, atMs: clock() };
    if (now.of === last.of && now.atMs - last.atMs < TELL_MS) return;
    last = now;
    tell('progress', { step, table, share });
  };
}

/** One thing at a time, with what it tells on its way. */
export class Actions {
  readonly #project: Project;
  readonly #lake: ExploredProject;
  readonly #tell: Tell;
  #doing: { readonly what: Doing; readonly stop: AbortController } | undefined;

  constructor(project: Project, lake: ExploredProject, tell: Tell) {
    this.#project = project;
    this.#lake = lake;
    this.#tell = tell;
  }

  get doing(): Doing | undefined {
    return this.#doing?.what;
  }

  async plan(tables: readonly string[], signal: AbortSignal): Promise<PlanAnswer> {
    const request = await this.#project.request();
    const asked = tables.length === 0 ? request : { ...request, tables };
    const { report } = await plan(asked, this.#project.edge(signal));
    return { report };
  }

  /** Begins a run, and returns at once. @throws IgarapeError CONFLICT something is under way */
  run(approve: readonly string[]): void {
    this.#begin('run', async (signal) => this.#tell('ended', await this.#run(approve, signal)));
  }

  /** Begins to verify the lake, and returns at once. @throws IgarapeError CONFLICT something is under way */
  verify(): void {
    this.#begin('verification', async (signal) => this.#tell('verified', await this.#verify(signal)));
  }

  stop(): void {
    this.#doing?.stop.abort(new DOMException('It was stopped.', 'AbortError'));
  }

  #begin(what: Doing, work: (signal: AbortSignal) => Promise<void>): void {
    if (this.#doing !== undefined) {
      throw new IgarapeError('CONFLICT', 'A run or a verification is under way already.', {
        hint: 'Wait for its end, or stop it.',
      });
    }
    const stop = new AbortController();
    this.#doing = { what, stop };
    this.#tell('running', { running: what });
    work(stop.signal)
      .finally(() => {
        this.#doing = undefined;
        this.#tell('running', { running: null });
      })
      .catch(() => undefined);
  }

  async #run(approve: readonly string[], signal: AbortSignal): Promise<Events['ended']> {
    try {
      const request = await this.#project.request();
      const edge = this.#project.edge(signal);
      const hasLayers = request.config.layers.length > 0;
      const onProgress = progressTeller(this.#tell, hasLayers, edge.clock);
      const { report, exitCode } = await this.#project.run({ ...request, approve }, { ...edge, onProgress });
      return { exitCode, run: report.run, tables: report.tables, error: null };
    } catch (thrown) {
      const error = told(thrown, signal);
      const { exitCode } = error;
      return { exitCode, run: null, tables: {}, error: errorAnswer(error, this.#project.redact).error };
    }
  }

  async #verify(signal: AbortSignal): Promise<Events['verified']> {
    const onProgress = ({ key, share }: VerifyProgress): void => {
      this.#tell('progress', { step: 'verify', table: key, share });
    };
    try {
      return { report: await verify(this.#lake, this.#project.edge(signal), onProgress) };
    } catch (thrown) {
      return errorAnswer(told(thrown, signal), this.#project.redact);
    }
  }
}

function told(thrown: unknown, signal: AbortSignal): IgarapeError {
  if (!signal.aborted) return asIgarapeError(thrown);
  return new IgarapeError('STOPPED', 'It was stopped: what was not committed yet is dropped.', {
    cause: thrown,
  });
}

/** What a page may know of an error. */
export function errorAnswer(thrown: unknown, redact: (text: string) => string): ErrorAnswer {
  const { code, message, hint, retryable } = asIgarapeError(thrown);
  return {
    error: { code, message: redact(message), hint: hint === undefined ? null : redact(hint), retryable },
  };
}
