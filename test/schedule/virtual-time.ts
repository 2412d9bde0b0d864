import { setImmediate } from 'node:timers/promises';
import type { LoopEffects } from '../../src/schedule/loop.ts';

/** Time that passes only by sleeping, and in no time: once all that could go on without it has gone on. */
export class VirtualTime implements LoopEffects {
  nowMs: number;
  readonly random: () => number;

  constructor(start: string, random = 0) {
    this.nowMs = Date.parse(start);
    this.random = () => random;
  }

  readonly clock = (): number => this.nowMs;

  readonly sleep = async (ms: number, signal: AbortSignal): Promise<void> => {
    await setImmediate();
    if (!signal.aborted) this.nowMs += ms;
  };

  get text(): string {
    return new Date(this.nowMs).toISOString().slice(11, 19);
  }
}
