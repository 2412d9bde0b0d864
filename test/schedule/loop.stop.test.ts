import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import type { Timer } from '../../src/config/config.ts';
import { type LoopEvent, runLoop } from '../../src/schedule/loop.ts';
import { sleep } from '../../src/schedule/sleep.ts';
import { VirtualTime } from './virtual-time.ts';

const timer: Timer = { kind: 'interval', everyMs: 60_000 };

test('a loop that waits stops at once', async () => {
  const time = new VirtualTime('2025-10-04T12:00:00Z');
  const stop = new AbortController();
  let cycles = 0;
  const end = await runLoop(
    {
      timer,
      signal: stop.signal,
      onEvent: (event) => (event.kind === 'waiting' ? stop.abort() : undefined),
      cycle: async () => Promise.resolve(++cycles > 0 ? 'done' : 'failed'),
    },
    time,
  );
  expect([end, cycles, time.text]).toEqual(['stopped', 1, '12:00:00']);
});

test('a loop that was stopped before it began runs nothing', async () => {
  const end = await runLoop(
    {
      timer,
      signal: AbortSignal.abort(),
      onEvent: () => undefined,
      cycle: () => Promise.reject(new Error('must not run')),
    },
    new VirtualTime('2025-10-04T12:00:00Z'),
  );
  expect(end).toBe('stopped');
});

test('a running cycle is told to stop and may finish within the grace', async () => {
  const stop = new AbortController();
  const events: LoopEvent[] = [];
  const end = await runLoop(
    {
      timer,
      signal: stop.signal,
      graceMs: 60_000,
      onEvent: (event) => events.push(event),
      cycle: async (signal) => {
        stop.abort();
        await sleep(60_000, signal);
        return 'done';
      },
    },
    { clock: Date.now, random: Math.random, sleep },
  );
  expect(end).toBe('stopped');
  expect(events.map((event) => event.kind)).toEqual(['cycle-started', 'stopping', 'cycle-ended']);
});

test('a cycle that does not end is abandoned when the grace is over', async () => {
  const time = new VirtualTime('2025-10-04T12:00:00Z');
  const stop = new AbortController();
  const never = new Promise<'done'>(() => undefined);
  const end = await runLoop(
    {
      timer,
      signal: stop.signal,
      onEvent: () => undefined,
      cycle: () => {
        stop.abort();
        return never;
      },
    },
    time,
  );
  expect([end, time.text]).toEqual(['abandoned', '12:00:08']);
});

test('a long life leaves no listeners on the signal', async () => {
  const time = new VirtualTime('2025-10-04T12:00:00Z');
  const stop = new AbortController();
  let cycles = 0;
  let listeners = 0;
  await runLoop(
    {
      timer,
      signal: stop.signal,
      onEvent: () => undefined,
      cycle: async () => {
        listeners = Math.max(listeners, getEventListeners(stop.signal, 'abort').length);
        if (++cycles === 500) stop.abort();
        return Promise.resolve('done');
      },
    },
    time,
  );
  expect(listeners).toBeLessThanOrEqual(1);
});

test('a sleep ends with its signal, and does not reject', async () => {
  const stop = new AbortController();
  const slept = sleep(600_000, stop.signal);
  stop.abort();
  await expect(slept).resolves.toBeUndefined();
});
