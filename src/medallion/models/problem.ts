import type { Said, Told } from '../../core/language/sentence.ts';
import { closest } from '../../config/closest.ts';
import { IgarapeError, textOf } from '../../core/errors.ts';

/** Something in a model's file that cannot be accepted: where, what was found, and what is allowed. */
export interface ModelProblem {
  /** The file, as messages name it. */
  readonly path: string;
  /** Counted from 1; undefined where the file as a whole is meant. */
  readonly line: number | undefined;
  readonly message: string;
}

/** What a text says, or why it says nothing that is allowed. */
export type Parsed<T> =
  | { readonly kind: 'parsed'; readonly value: T }
  | { readonly kind: 'refused'; readonly reason: string };

export function parsed<T>(value: T): Parsed<T> {
  return { kind: 'parsed', value };
}

export function refused(found: string, allowed: Said): Parsed<never> {
  return { kind: 'refused', reason: `found ${found}; allowed: ${textOf(allowed)}` };
}

/** ` (did you mean "key"?)` where a candidate is near, else nothing. */
export function suggestion(word: string, candidates: readonly string[]): string {
  const near = closest(word, candidates);
  return near === undefined ? '' : ` (did you mean ${JSON.stringify(near)}?)`;
}

/** One error that lists every problem of every model. `folder`: the models' folder as messages name it. */
export function modelsInvalid(folder: string, problems: readonly ModelProblem[]): IgarapeError {
  const lines = problems
    .toSorted((a, b) => compare(a.path, b.path) || (a.line ?? 0) - (b.line ?? 0))
    .map(({ path, line, message }) => `  ${path}${line === undefined ? '' : `:${line}`}: ${message}`);
  const head: Told =
    problems.length === 1
      ? `The models in ${folder} have a problem:`
      : `The models in ${folder} have ${problems.length} problems:`;
  return new IgarapeError(
    'CONFIG_INVALID',
    { quoted: [head, ...new Set(lines)].join('\n') },
    { hint: 'No model was run. docs/lakehouse.md describes models and their headers.' },
  );
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
