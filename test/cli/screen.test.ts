import { expect, test } from 'vitest';
import { progressLine, showProgress } from '../../src/cli/progress.ts';
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
  expect(stream.text).toBe('012345678');
});

test('off a terminal there is no last line', () => {
  const stream = { ...terminal(), isTTY: false };
  const screen = new Screen(stream);
  screen.status('half way');
  screen.write('a line\n');
  expect(stream.text).toBe('a line\n');
});

test('progress says what, how far and how much', () => {
  const line = progressLine({ step: 'download', done: 1_500_000, total: 6_000_000 });
  expect(line).toMatch(/^downloading .* 25 % {2}1\.5 MB of 6\.0 MB$/);
  expect(progressLine({ step: 'read', table: 'clients', done: 40, total: 100 })).toMatch(
    /^reading clients .* 40 %$/,
  );
  expect(progressLine({ step: 'upload', table: 'clients', done: 0 })).toBe('uploading clients  …');
});

test('off a terminal a step is a line of the log when it begins and when it ends', () => {
  const session = new Session();
  const messages: string[] = [];
  const log: Logger = { ...silentLogger, info: (_fields, message) => void messages.push(message) };
  if (session.screen.isTerminal) return;
  const onProgress = showProgress(session, log);
  for (const done of [0, 10, 20, 30]) onProgress({ step: 'download', done, total: 30 });
  onProgress({ step: 'upload', table: 'clients', done: 0 });
  onProgress({ step: 'upload', table: 'products', done: 0 });
  expect(messages).toEqual(['downloading', 'downloading: done', 'uploading clients', 'uploading products']);
});
