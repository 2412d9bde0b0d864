import { afterAll, expect } from 'vitest';
import { IgarapeError } from '../../src/core/errors.ts';
import { PT_BR } from '../../src/core/language/pt-br/all.ts';
import { translation } from '../../src/core/language/translation.ts';
import { englishIn } from './english.ts';

/** More errors of one file say nothing new. */
const MOST_ERRORS = 2000;

/** Holds a test file to it that no error that the program has thrown in it leaves English words in Portuguese. */
export function tellsAllInPortuguese(): void {
  const thrown: Error[] = [];
  class Kept extends Error {
    constructor(message?: string, options?: ErrorOptions) {
      super(message, options);
      if (thrown.length < MOST_ERRORS) thrown.push(this);
    }
  }
  Object.setPrototypeOf(IgarapeError, Kept);
  afterAll(() => {
    Object.setPrototypeOf(IgarapeError, Error);
    const translate = translation(PT_BR.told);
    const texts = thrown.flatMap((error) =>
      error instanceof IgarapeError && error.code !== 'DEFECT' && !isOfTest(error)
        ? [error.message, error.hint ?? '']
        : [],
    );
    const left = [...new Map(texts.map((text) => [shapeOf(text), text])).values()]
      .map((english) => ({ english, portuguese: translate(english) }))
      .filter(({ english, portuguese }) => {
        const isSame = english.includes(' ') && portuguese === english;
        return isSame || englishIn(portuguese).length > 0;
      });
    expect(left).toEqual([]);
  });
}

/** Errors that a test has made up are in no catalogue. */
function isOfTest({ stack = '' }: Error): boolean {
  const [, first = ''] = stack.split(/\n {4}at /);
  return /[/\\]test[/\\]/.test(first);
}

function shapeOf(text: string): string {
  return text.replaceAll(/"[^"]*"|\d+|\S*[/\\]\S*/g, '…');
}
