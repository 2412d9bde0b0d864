import type { Told } from '../../core/language/sentence.ts';
import { IgarapeError } from '../../core/errors.ts';
import type { HttpAnswer, HttpClient } from '../http/client.ts';
import type { Remote } from '../http/download.ts';
import { redirectTarget, sendFollowing } from '../http/redirects.ts';
import { BusyError, parseRetryAfter, type Patience } from '../http/retry.ts';
import { meaningOf, statusError } from '../http/status.ts';
import type { KaggleApi } from './api.ts';
import { downloadCall, type Ref } from './wire.ts';

export interface KaggleDownload {
  readonly ref: Ref;
  readonly version: number;
  /** True where Kaggle has just named this version its newest: it may take a while until its files can be had. */
  readonly isNewest: boolean;
}

/**
 * A version's archive. Kaggle's API answers with the address of a storage, signed for some days: it is asked without
 * credentials, kept while it works, and asked for again when the storage refuses it.
 */
export function kaggleRemote(
  api: KaggleApi,
  client: HttpClient,
  { ref, version, isNewest }: KaggleDownload,
  patience: Patience,
  signal: AbortSignal,
): Remote {
  const what = `${ref.owner}/${ref.slug} version ${version}`;
  let address: URL | undefined;

  async function mint(): Promise<URL | HttpAnswer> {
    const answer = await api.send(downloadCall(ref, version));
    if (answer.status >= 300 && answer.status < 400) {
      answer.discard();
      return redirectTarget(answer);
    }
    // A server without a storage of its own gives the bytes at once.
    if (answer.status === 200 && !isJson(answer)) return answer;
    const error = await api.refusalOf(ref, answer);
    if (error.code !== 'SOURCE_NOT_FOUND' || !isNewest) throw error;
    throw new BusyError(
      'SOURCE_NOT_READY',
      `Kaggle does not give out ${what} yet, though it is the newest`,
      {
        hint: 'It was published just now. Nothing is lost: the next run takes it.',
        cause: error,
      },
      undefined,
    );
  }

  return {
    expires: true,
    get: async (headers, renew) => {
      if (address === undefined || renew) {
        const minted = await mint();
        if (!(minted instanceof URL)) return minted;
        address = minted;
      }
      return await sendFollowing(client, { url: address, headers, signal }, undefined);
    },
    refusal: (answer) => {
      answer.discard();
      const { code } = meaningOf(answer.status);
      const message: Told = `Kaggle's storage did not give out ${what} (HTTP ${answer.status})`;
      const hint: Told =
        code === 'SOURCE_FORBIDDEN' || answer.status === 400
          ? 'A fresh address was refused, too. Check this machine’s clock, for addresses are signed for a time; then try again later.'
          : 'This is trouble of Kaggle’s. Try again later.';
      return Promise.resolve(
        statusError(
          answer.status,
          message,
          hint,
          parseRetryAfter(answer.header('retry-after'), patience.now()),
        ),
      );
    },
  };
}

function isJson(answer: HttpAnswer): boolean {
  return (answer.header('content-type') ?? '').includes('json');
}

export function notReady(what: string, status: string): IgarapeError {
  return new IgarapeError('SOURCE_NOT_READY', `Kaggle is not done with ${what}: its status is ${status}`, {
    hint: 'Nothing is lost: the next run takes it once Kaggle has prepared it.',
    retryable: true,
  });
}
