import type { AnswerPath, Question } from './api.ts';

/** The address of a question, always the same for the same question. */
export function addressOf(path: AnswerPath, question: Question = {}): string {
  const asked = Object.entries(question)
    .filter(([, value]) => value !== '')
    .toSorted(([left], [right]) => (left < right ? -1 : 1));
  return asked.length === 0 ? path : `${path}?${new URLSearchParams(asked).toString()}`;
}
