import { styleText } from 'node:util';
import type { State } from '../../core/language/sentence.ts';
import { sayState } from '../language.ts';

const BAD: ReadonlySet<string> = new Set(['held', 'failed', 'differs', 'broken', 'wrong']);
const GOOD: ReadonlySet<string> = new Set(['ok']);

/** The word that says how something is: red where it is bad, green where it is good. */
export function stateWord(word: State): string {
  const plain = word.toLowerCase();
  const shown = sayState(word);
  const stream = process.stdout;
  if (BAD.has(plain)) return styleText('red', shown, { stream });
  if (plain === 'skipped') return styleText('yellow', shown, { stream });
  return GOOD.has(plain) ? styleText('green', shown, { stream }) : shown;
}
