import { expect, test, vi } from 'vitest';
import fc from 'fast-check';
import { RunBar, showProgress } from '../../src/cli/progress.ts';
import { followRun } from '../../src/cli/run-phase.ts';
import { Screen } from '../../src/cli/screen.ts';
import { Session } from '../../src/cli/session.ts';
import { type Logger, silentLogger } from '../../src/core/log.ts';

/** A terminal's stream that keeps what it gets. */
function terminal(columns = 40): {
  isTTY: true;
  columns: number;
  text: string;
  write(text: string): boolean;
} {
  return {
    isTTY: true,
    columns,
    text: '',
    write(text) {
      this.text += text;
      return true;
    },
  };
}

test('lines are written above the last one, which is drawn again', () => {
  const stream = terminal();
  const screen = new Screen(stream);
  screen.status('half way');
  screen.write('a line\n');
  screen.status();
  expect(stream.text).toBe('half way\r\u001B[2Ka line\nhalf way\r\u001B[2K');
});

test('a last line that would wrap is cut', () => {
  const stream = terminal(10);
  new Screen(stream).status('0123456789abc');
  expect(stream.text).toBe('01234567…');
});

test('off a terminal there is no last line', () => {
  const stream = { ...terminal(), isTTY: false };
  const screen = new Screen(stream);
  screen.status('half way');
  screen.write('a line\n');
  expect(stream.text).toBe('a line\n');
});

test('a sign turns before what is busy, until something else is shown', async () => {
  const stream = terminal();
  const screen = new Screen(stream);
  screen.status('at work', { isBusy: true });
  await vi.waitFor(() => expect(stream.text).toContain('⠙ at work'));
  screen.status('waiting');
  expect(stream.text.endsWith('\r\u001B[2Kwaiting')).toBe(true);
});

test('the bar of a run says what, how far, for how long and how fast', () => {
  const stream = terminal(120);
  let nowMs = 0;
  const bar = new RunBar(new Screen(stream), () => nowMs);
  bar.show('2 of 5 comparing clientes', 0.25);
  expect(stream.text).toMatch(/⠋ 2 of 5 comparing clientes {2}━+─+ {2}25 %$/);
  nowMs = 10_000;
  bar.show('2 of 5 comparing clientes', 0.25);
  expect(stream.text).toMatch(/25 % {2}0:10, 0:30 left$/);
  bar.show('downloading', 0.5, { step: 'download', done: 0, total: 8_000_000 });
  nowMs = 12_000;
  bar.show('downloading', 0.75, { step: 'download', done: 4_000_000, total: 8_000_000 });
  expect(stream.text).toMatch(/75 % {2}0:12, 0:04 left {2}4\.0 MB of 8\.0 MB, 2\.0 MB\/s$/);
});

test('a run follows its tables by name and number, and its layers after them', () => {
  const follow = followRun(true);
  expect(follow({ step: 'look', done: 0 })).toEqual({ share: 0, phase: 'looking at the source' });
  follow({ step: 'table', table: 'clientes', done: 1, total: 4 });
  expect(follow({ step: 'read', table: 'clientes', done: 50, total: 100 })).toEqual({
    share: 0.1875,
    phase: '2 of 4 comparing clientes',
  });
  expect(follow({ step: 'layer', table: 'gold.daily', done: 5, total: 10 })).toEqual({
    share: 0.75,
    phase: '6 of 10 bringing up gold.daily',
  });
  expect(follow({ step: 'spark', table: 'gold.daily', done: 20, total: 40 })).toEqual({
    share: 0.775,
    phase: '6 of 10 Spark is computing gold.daily',
  });
});

test('however its steps come, the bar of a run never goes back, and never over its end', () => {
  const step = fc.record({
    step: fc.constantFrom('look', 'table', 'download', 'read', 'write', 'upload', 'commit', 'layer', 'spark'),
    table: fc.constantFrom('a', 'b'),
    done: fc.nat(200),
    total: fc.nat(100),
  });
  fc.assert(
    fc.property(fc.boolean(), fc.array(step), (hasLayers, steps) => {
      const shares = steps.map(followRun(hasLayers)).map(({ share }) => share);
      expect(shares).toEqual(shares.toSorted((a, b) => a - b));
      for (const share of shares) expect(share >= 0 && share <= 1).toBe(true);
    }),
  );
});

test('off a terminal a step is a line of the log when it begins and when it ends', () => {
  const session = new Session();
  const messages: string[] = [];
  const log: Logger = { ...silentLogger, info: (_fields, message) => void messages.push(message) };
  if (session.screen.isTerminal) return;
  const onProgress = showProgress(session, log, false);
  for (const done of [0, 10, 20, 30]) onProgress({ step: 'download', done, total: 30 });
  onProgress({ step: 'upload', table: 'clients', done: 0 });
  onProgress({ step: 'upload', table: 'products', done: 0 });
  expect(messages).toEqual(['downloading', 'downloading: done', 'uploading clients', 'uploading products']);
});
