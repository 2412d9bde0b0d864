import type { Told } from '../../core/language/sentence.ts';
import { IgarapeError } from '../../core/errors.ts';
import type { HttpAnswer, HttpClient, HttpRequest } from './client.ts';
import { safeUrl } from './safe-url.ts';

const MAX_REDIRECTS = 10;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Sends a request and follows redirects with GET (HEAD stays HEAD). `authorization` goes to the first address's origin
 * only, and never from https to plain http. Throws as {@link HttpClient}, and `SOURCE_UNREACHABLE` for redirects that
 * lead nowhere.
 */
export async function sendFollowing(
  client: HttpClient,
  request: HttpRequest,
  authorization: string | undefined,
): Promise<HttpAnswer> {
  const { origin } = request.url;
  let next = request;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
    const isHome = next.url.origin === origin;
    const headers = { ...next.headers, ...(authorization && isHome ? { authorization } : {}) };
    const answer = await client({ ...next, headers });
    if (!REDIRECTS.has(answer.status)) return answer;
    answer.discard();
    const { method, headers: kept, signal } = next;
    const url = redirectTarget(answer);
    next = {
      method: method === 'HEAD' ? 'HEAD' : 'GET',
      url,
      signal,
      ...(kept ? { headers: withoutBodyType(kept) } : {}),
    };
  }
  throw new IgarapeError('SOURCE_UNREACHABLE', `${safeUrl(request.url)} redirects in circles`, {
    hint: 'Open the address in a browser, and configure the address where it ends.',
  });
}

/** Where a redirect leads: an absolute web address, never from https down to http. Throws `SOURCE_UNREACHABLE`. */
export function redirectTarget(answer: HttpAnswer): URL {
  const location = answer.header('location');
  const target =
    location !== undefined && URL.canParse(location, answer.url.href)
      ? new URL(location, answer.url.href)
      : undefined;
  const isWeb = target?.protocol === 'https:' || target?.protocol === 'http:';
  if (!target || !isWeb) {
    const found: Told = `${safeUrl(answer.url)} redirects (HTTP ${answer.status}) to no usable address`;
    throw new IgarapeError('SOURCE_UNREACHABLE', found, {
      hint: 'This is a fault of the server. Try again later.',
    });
  }
  if (answer.url.protocol === 'https:' && target.protocol === 'http:') {
    const found: Told = `${safeUrl(answer.url)} redirects from https to the unprotected ${safeUrl(target)}`;
    throw new IgarapeError('SOURCE_UNREACHABLE', found, {
      hint: 'This is not followed. If you trust the network in between, configure that address itself.',
    });
  }
  return target;
}

function withoutBodyType(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'content-type'));
}
