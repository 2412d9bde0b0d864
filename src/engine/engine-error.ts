import type { Told } from '../core/language/sentence.ts';
import { EngineError, IgarapeError } from '../core/errors.ts';

/** What the engine says, as an error of ours. */
export function engineError(error: unknown): IgarapeError | EngineError {
  const message = error instanceof Error ? error.message : String(error);
  const [what] = message.split('\n');
  if (/no space left|disk full|failed to write|could not write/i.test(message))
    return diskFull(`The disk is full: ${what}`, error);
  if (message.startsWith('Out of Memory Error')) {
    return new IgarapeError('MEMORY_LIMIT', `The work does not fit in memory_limit: ${what}`, {
      hint: 'Raise memory_limit in the configuration and run again: nothing was lost.',
      cause: error,
    });
  }
  return new EngineError(message, { cause: error });
}

function diskFull(message: Told, cause: unknown): IgarapeError {
  return new IgarapeError('DISK_FULL', message, {
    hint: 'Free some space, or point work_dir to a larger disk, and run again: nothing was lost.',
    cause,
  });
}
