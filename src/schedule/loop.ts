import type { Timer } from '../config/config.ts';
import { backoffMs } from './backoff.ts';
import type { Sleep } from './sleep.ts';
import { nextTime } from './timer.ts';

export interface LoopOptions {
  readonly timer: Timer;
  /**
   * One cycle. `failed`, or a throw, has it tried again before its next regular time; `done` also where something is
   * held that only a person can release. Must end soon after the signal aborts.
   */
  readonly cycle: (signal: AbortSignal) => Promise<'done' | 'failed'>;
  /** Ends the loop: at once while it waits, else when the cycle ends, but after `graceMs` at the latest. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: LoopEvent) => void;
  readonly graceMs?: number;
}

export type LoopEvent =
  | { readonly kind: 'cycle-started'; readonly atMs: number; readonly because: 'start' | 'timer' | 'retry' }
  | { readonly kind: 'cycle-ended'; readonly outcome: 'done' | 'failed'; readonly error?: unknown }
  /** `overran`: regular times passed while the cycle ran; they are not made up for. */
  | {
      readonly kind: 'waiting';
      readonly untilMs: number;
      readonly for: 'timer' | 'retry';
      readonly overran: boolean;
    }
  | { readonly kind: 'stopping'; readonly graceMs: number };

/** `abandoned`: a cycle was still running when the grace was over. */
export type LoopEnd = 'stopped' | 'abandoned';

export interface LoopEffects {
  /** Now, in milliseconds since 1970. */
  readonly clock: () => number;
  readonly sleep: Sleep;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** A process that is told to stop has ten seconds in all; the rest is for closing what is open. */
const GRACE_MS = 8000;
/** Waits are cut into pieces so that a machine that slept, or a clock that was set, is noticed. */
const LONGEST_SLEEP_MS = 30_000;

/**
 * Runs a cycle now and then at each regular time, one after the other, until the signal aborts. No failure of a cycle
 * ends it: a failed one is tried again with growing pauses, at its next regular time at the latest.
 */
export async function runLoop(options: LoopOptions, effects: LoopEffects): Promise<LoopEnd> {
  const { timer, signal, onEvent } = options;
  const { clock, random } = effects;
  const startMs = clock();
  let failures = 0;
  let dueMs = startMs;
  let because: 'start' | 'timer' | 'retry' = 'start';
  while (!signal.aborted) {
    const regularMs = nextTime(timer, startMs, Math.max(clock(), dueMs));
    onEvent({ kind: 'cycle-started', atMs: clock(), because });
    const end = await runCycle(options, effects);
    if (end === 'abandoned') return 'abandoned';
    onEvent({ kind: 'cycle-ended', ...end });
    if (signal.aborted) break;

    failures = end.outcome === 'failed' ? failures + 1 : 0;
    const nowMs = clock();
    const nextMs = nextTime(timer, startMs, Math.max(nowMs, dueMs));
    const retryMs = failures === 0 ? Infinity : nowMs + backoffMs(failures, random());
    because = retryMs < nextMs ? 'retry' : 'timer';
    const untilMs = Math.min(retryMs, nextMs);
    if (because === 'timer') dueMs = nextMs;
    onEvent({ kind: 'waiting', untilMs, for: because, overran: regularMs <= nowMs });
    await waitUntil(untilMs, signal, effects);
  }
  return 'stopped';
}

interface CycleEnd {
  readonly outcome: 'done' | 'failed';
  readonly error?: unknown;
}

async function runCycle(options: LoopOptions, { sleep }: LoopEffects): Promise<CycleEnd | 'abandoned'> {
  const { signal, onEvent, graceMs = GRACE_MS } = options;
  const ended = new AbortController();
  const abandoned = new Promise<'abandoned'>((resolve) => {
    const stop = async (): Promise<void> => {
      onEvent({ kind: 'stopping', graceMs });
      await sleep(graceMs, ended.signal);
      if (!ended.signal.aborted) resolve('abandoned');
    };
    signal.addEventListener('abort', () => void stop(), { once: true, signal: ended.signal });
  });
  const cycle = attempt(options).finally(() => ended.abort());
  return Promise.race([cycle, abandoned]);
}

async function attempt({ cycle, signal }: LoopOptions): Promise<CycleEnd> {
  try {
    return { outcome: await cycle(signal) };
  } catch (error) {
    return { outcome: 'failed', error };
  }
}

async function waitUntil(untilMs: number, signal: AbortSignal, { clock, sleep }: LoopEffects): Promise<void> {
  while (!signal.aborted && clock() < untilMs) {
    await sleep(Math.min(untilMs - clock(), LONGEST_SLEEP_MS), signal);
  }
}
