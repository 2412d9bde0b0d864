import { describe, expect, test } from 'vitest';
import {
  asIgarapeError,
  type ExitCode,
  IgarapeError,
  systemErrorCode,
  worstExitCode,
} from '../../src/core/errors.ts';

describe('of several outcomes the process ends with', () => {
  test.each<[ExitCode[], ExitCode]>([
    [[], 0],
    [[0, 0], 0],
    [[0, 4], 4],
    [[4, 3], 3],
    [[3, 5, 4], 5],
    [[5, 6], 6],
    [[6, 1, 3], 1],
  ])('%j: %i', (codes, code) => {
    expect(worstExitCode(codes)).toBe(code);
  });
});

test('an error of ours keeps its code, hint and cause', () => {
  const cause = new Error('below');
  const error = new IgarapeError(
    'CONFLICT',
    { quoted: 'found' },
    { hint: { quoted: 'do' }, retryable: true, cause },
  );
  expect(asIgarapeError(error)).toBe(error);
  expect(error).toMatchObject({ code: 'CONFLICT', exitCode: 6, hint: 'do', retryable: true, cause });
});

test.each([new TypeError('odd'), 'odd'])('anything else thrown is a defect: %s', (thrown) => {
  expect(asIgarapeError(thrown)).toMatchObject({
    code: 'DEFECT',
    exitCode: 1,
    message: 'odd',
    cause: thrown,
  });
});

test('the code of the file system is told where there is one', () => {
  expect(systemErrorCode(Object.assign(new Error('gone'), { code: 'ENOENT' }))).toBe('ENOENT');
  expect([systemErrorCode(null), systemErrorCode('x'), systemErrorCode({ code: 5 })]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test('too few files that may be open are the user’s to change', () => {
  const thrown = Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
  expect(asIgarapeError(thrown)).toMatchObject({ code: 'USAGE', hint: expect.stringContaining('ulimit') });
});
