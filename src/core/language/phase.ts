import type { Progress } from '../log.ts';
import type { Word } from './sentence.ts';

/** With what a run is busy: `comparing clientes`. */
export function phaseOf(
  { step, table = '' }: Pick<Progress, 'step' | 'table'>,
  say: (english: Word) => string,
): string {
  switch (step) {
    case 'look':
      return say('looking at the source');
    case 'commit':
      return say('committing');
    case 'download':
      return table === '' ? say('downloading') : say(`downloading ${table}`);
    case 'table':
      return say(`looking at ${table}`);
    case 'layer':
      return say(`bringing up ${table}`);
    case 'spark':
      return say(`Spark is computing ${table}`);
    case 'read':
      return say(`comparing ${table}`);
    case 'write':
      return say(`writing ${table}`);
    case 'upload':
      return say(`publishing ${table}`);
    default:
      return step satisfies never;
  }
}
