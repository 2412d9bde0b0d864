import { IgarapeError } from '../../core/errors.ts';
import { fateOf, readAnswer } from './answer.ts';
import { retrying } from './retry.ts';
import type { S3Settings } from './settings.ts';

/** The two requests that a conditional put is made of; both throw what the SDK throws, and try once only. */
export interface ConditionalRequests {
  /** Puts the body where nothing is there (`If-None-Match: *`). */
  put(): Promise<unknown>;
  read(): Promise<Uint8Array | undefined>;
}

/**
 * Creates an object by `If-None-Match: *`. A 412 says that it exists, and not whose it is: proxies repeat a request whose
 * answer they lost, so that the second, refused one may be all that we hear of our own. Its bytes tell. Resolves false
 * where another was first. Where the object cannot be read then, or even the last try has no clear answer, the error
 * leaves open whether it was created.
 */
export async function putIfAbsent(
  requests: ConditionalRequests,
  body: Uint8Array,
  settings: S3Settings,
): Promise<boolean> {
  let isOpen = false;
  const put = async (): Promise<boolean> => {
    try {
      await requests.put();
      return true;
    } catch (error) {
      const answer = readAnswer(error);
      if (answer.status === 412) return isOurs(requests, body, settings);
      if (answer.status === 501) throw unconditional(error);
      if (fateOf(answer) === 'unknown') isOpen = true;
      throw error;
    }
  };
  try {
    return await retrying(settings, put);
  } catch (error) {
    if (!isOpen) throw error;
    const found = await requests.read().catch(() => undefined);
    if (found === undefined) throw error;
    return equals(found, body);
  }
}

async function isOurs(
  requests: ConditionalRequests,
  body: Uint8Array,
  settings: S3Settings,
): Promise<boolean> {
  const found = await retrying(settings, () => requests.read());
  if (found !== undefined) return equals(found, body);
  throw new IgarapeError(
    'LAKE_UNREACHABLE',
    'The store refuses an object as there already, and does not have it',
    {
      hint: 'Something else may be removing objects there. Run again: what was committed is finished then.',
      retryable: true,
    },
  );
}

function equals(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}

function unconditional(error: unknown): IgarapeError {
  return new IgarapeError(
    'LAKE_UNCONDITIONAL',
    'The store cannot create an object only where there is none',
    {
      hint: 'Igarapé needs conditional writes (If-None-Match) to keep two runs apart: use AWS S3 or a store that has them.',
      cause: new Error(readAnswer(error).message),
    },
  );
}
