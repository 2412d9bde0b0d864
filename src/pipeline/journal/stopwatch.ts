import type { Progress } from '../../core/log.ts';
import type { CycleRecord, CycleStep } from './record.ts';

const STEPS: Readonly<Record<Progress['step'], CycleStep | undefined>> = {
  look: 'source',
  table: 'compare',
  commit: 'publish',
  layer: 'layers',
  // They belong to whatever goes on.
  download: undefined,
  read: undefined,
  write: undefined,
  upload: undefined,
  spark: undefined,
};

/**
 * How long the steps of a cycle take, and its tables, by what it tells of its progress. Tables of the source, of which
 * several may be at work side by side, take from when they begin to the last that is told of them; those of the layers,
 * until something else begins.
 */
export class Stopwatch {
  readonly #clock: () => number;
  readonly #steps = new Map<CycleStep, number>();
  readonly #tables = new Map<string, number>();
  /** By table: when it began, less what it took before. */
  readonly #began = new Map<string, number>();
  #step: CycleStep = 'source';
  #layer: string | undefined;
  #sinceMs: number;

  /** @param clock Milliseconds since 1970. */
  constructor(clock: () => number) {
    this.#clock = clock;
    this.#sinceMs = clock();
  }

  follow({ step: told, table }: Progress): void {
    const nowMs = this.#clock();
    if (table !== undefined && told === 'table')
      this.#began.set(table, nowMs - (this.#tables.get(table) ?? 0));
    const beganMs = table === undefined ? undefined : this.#began.get(table);
    if (table !== undefined && beganMs !== undefined) this.#tables.set(table, nowMs - beganMs);
    const step = STEPS[told];
    if (step === undefined) return;
    this.#lap(nowMs);
    this.#step = step;
    this.#layer = told === 'layer' ? table : undefined;
  }

  /** Until now. */
  steps(): CycleRecord['steps'] {
    this.#lap(this.#clock());
    return [...this.#steps].map(([name, durationMs]) => ({ name, durationMs }));
  }

  /** Of a table of the source, or of a layer by its full name. */
  durationMs(table: string): number {
    return this.#tables.get(table) ?? 0;
  }

  #lap(nowMs: number): void {
    const elapsedMs = Math.max(0, nowMs - this.#sinceMs);
    this.#sinceMs = nowMs;
    this.#steps.set(this.#step, (this.#steps.get(this.#step) ?? 0) + elapsedMs);
    if (this.#layer !== undefined)
      this.#tables.set(this.#layer, (this.#tables.get(this.#layer) ?? 0) + elapsedMs);
  }
}
