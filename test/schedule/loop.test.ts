import { expect, test } from 'vitest';
import type { Timer } from '../../src/config/config.ts';
import { type LoopEvent, runLoop } from '../../src/schedule/loop.ts';
import { VirtualTime } from './virtual-time.ts';

const HOURLY: Timer = { kind: 'interval', everyMs: 3_600_000 };

interface Script {
  readonly timer?: Timer;
  readonly startAt?: string;
  /** How long each cycle takes, in seconds, and how it ends; the loop is stopped after the last. */
  readonly cycles: readonly (readonly [seconds: number, end: 'done' | 'failed' | Error])[];
}

async function play({
  timer = HOURLY,
  startAt = '12:00:00',
  cycles,
}: Script): Promise<{ starts: string[]; events: LoopEvent[] }> {
  const time = new VirtualTime(`2025-10-04T${startAt}Z`);
  const stop = new AbortController();
  const starts: string[] = [];
  const events: LoopEvent[] = [];
  const left = [...cycles];
  await runLoop(
    {
      timer,
      signal: stop.signal,
      onEvent: (event) => events.push(event),
      cycle: async () => {
        starts.push(time.text);
        const [seconds, end] = left.shift() ?? [0, 'done'];
        time.nowMs += seconds * 1000;
        if (left.length === 0) stop.abort();
        if (end instanceof Error) throw end;
        return Promise.resolve(end);
      },
    },
    time,
  );
  return { starts, events };
}

test('a cycle runs at once, then at each regular time, whatever the cycles take', async () => {
  const { starts } = await play({
    cycles: [
      [600, 'done'],
      [1, 'done'],
      [1800, 'done'],
      [0, 'done'],
    ],
  });
  expect(starts).toEqual(['12:00:00', '13:00:00', '14:00:00', '15:00:00']);
});

test('times that pass while a cycle runs are not made up for, and that is told', async () => {
  const { starts, events } = await play({
    cycles: [
      [2.5 * 3600, 'done'],
      [1, 'done'],
      [1, 'done'],
    ],
  });
  expect(starts).toEqual(['12:00:00', '15:00:00', '16:00:00']);
  expect(events.filter((event) => event.kind === 'waiting').map((event) => event.overran)).toEqual([
    true,
    false,
  ]);
});

test('a cron timer is followed in its time zone', async () => {
  const timer: Timer = { kind: 'cron', pattern: '15 */2 * * *', timezone: 'America/Sao_Paulo' };
  const { starts } = await play({
    timer,
    cycles: [
      [60, 'done'],
      [60, 'done'],
      [60, 'done'],
    ],
  });
  expect(starts).toEqual(['12:00:00', '13:15:00', '15:15:00']);
});

test('a failed cycle is tried again with growing pauses, at its next regular time at the latest', async () => {
  const fails = Array.from({ length: 11 }, () => [0, 'failed'] as const);
  const { starts } = await play({ cycles: fails });
  expect(starts).toEqual([
    '12:00:00',
    '12:00:10',
    '12:00:30',
    '12:01:10',
    '12:02:30',
    '12:05:10',
    '12:10:30',
    '12:21:10',
    '12:42:30',
    '13:00:00',
    '14:00:00',
  ]);
});

test('a cycle that throws does not end the loop, and its error is told', async () => {
  const broken = new Error('no network');
  const { starts, events } = await play({
    cycles: [
      [0, broken],
      [0, 'done'],
      [0, 'done'],
    ],
  });
  expect(starts).toEqual(['12:00:00', '12:00:10', '13:00:00']);
  expect(events.filter((event) => event.kind === 'cycle-ended')).toEqual([
    { kind: 'cycle-ended', outcome: 'failed', error: broken },
    { kind: 'cycle-ended', outcome: 'done' },
    { kind: 'cycle-ended', outcome: 'done' },
  ]);
});

test('a success forgets the failures before it', async () => {
  const { starts } = await play({
    cycles: [
      [0, 'failed'],
      [0, 'failed'],
      [0, 'done'],
      [0, 'failed'],
      [0, 'done'],
    ],
  });
  expect(starts).toEqual(['12:00:00', '12:00:10', '12:00:30', '13:00:00', '13:00:10']);
});

test('the next time is told before each wait', async () => {
  const { events } = await play({
    cycles: [
      [5, 'failed'],
      [5, 'done'],
      [0, 'done'],
    ],
  });
  const waits = events.filter((event) => event.kind === 'waiting');
  expect(waits.map((wait) => [wait.for, new Date(wait.untilMs).toISOString()])).toEqual([
    ['retry', '2025-10-04T12:00:15.000Z'],
    ['timer', '2025-10-04T13:00:00.000Z'],
  ]);
  expect(events.filter((event) => event.kind === 'cycle-started').map((event) => event.because)).toEqual([
    'start',
    'retry',
    'timer',
  ]);
});

test('a machine that slept through regular times runs one cycle when it wakes', async () => {
  const time = new VirtualTime('2025-10-04T12:00:00Z');
  const stop = new AbortController();
  const starts: string[] = [];
  let naps = 0;
  const sleep = async (ms: number, signal: AbortSignal): Promise<void> => {
    await time.sleep(ms, signal);
    if (++naps === 3) time.nowMs += 5 * 3_600_000;
  };
  await runLoop(
    {
      timer: HOURLY,
      signal: stop.signal,
      onEvent: () => undefined,
      cycle: async () => {
        starts.push(time.text);
        if (starts.length === 3) stop.abort();
        return Promise.resolve('done');
      },
    },
    { clock: time.clock, random: time.random, sleep },
  );
  expect(starts).toEqual(['12:00:00', '17:01:30', '18:00:00']);
});
