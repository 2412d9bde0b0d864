import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { secureHeaders } from 'hono/secure-headers';
import type { Told } from '../core/language/sentence.ts';
import type { ErrorAnswer } from './api.ts';

export interface Guarded {
  readonly port: number;
  /** Names, beside the loopback's own, by which the page may be reached. */
  readonly hosts: readonly string[];
  /** What a page shows once to get its cookie. */
  readonly token: string;
}

/** A secret that nobody guesses. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** Headers of every answer: nothing of another origin is loaded, nobody frames or reads it, nothing is kept. */
export function headers(): MiddlewareHandler {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      connectSrc: ["'self'"],
      imgSrc: ["'self'", 'data:'],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
    crossOriginResourcePolicy: 'same-origin',
    crossOriginOpenerPolicy: 'same-origin',
    referrerPolicy: 'no-referrer',
    xFrameOptions: 'DENY',
    strictTransportSecurity: false,
  });
}

/**
 * Answers only whoever calls this server by its own name (else a name of somebody's could be made to mean it), from a page
 * of its own (else any page in the same browser could ask), and sends JSON (else a form of such a page could).
 */
export function ownPagesOnly({ port, hosts }: Guarded): MiddlewareHandler {
  const names = ['127.0.0.1', 'localhost', ...hosts].map((name) => name.toLowerCase());
  const known = new Set(names.flatMap((name) => [`${name}:${port}`, ...(port === 80 ? [name] : [])]));
  for (const name of hosts) known.add(name.toLowerCase());
  return async (context, next) => {
    const host = (context.req.header('host') ?? '').toLowerCase();
    if (!known.has(host)) return context.json(refusal('The server is not called by this name.'), 421);
    const isPage = !context.req.path.startsWith('/api/');
    const site = context.req.header('sec-fetch-site');
    const isOwn = site === undefined || site === 'same-origin' || site === 'none';
    const isVisit = isPage && context.req.header('sec-fetch-mode') === 'navigate';
    if (!isOwn && !isVisit) return context.json(refusal('The request is of another site.'), 403);
    const origin = context.req.header('origin');
    if (origin !== undefined && !isOrigin(origin, host))
      return context.json(refusal('The request is of another origin.'), 403);
    if (context.req.method === 'POST') {
      const type = context.req.header('content-type') ?? '';
      if (!/^application\/json\s*(?:;|$)/i.test(type)) return context.json(refusal('It takes JSON.'), 415);
    } else if (context.req.method !== 'GET' && context.req.method !== 'HEAD') {
      return context.json(refusal('It takes GET and POST.'), 405);
    }
    context.header('cache-control', 'no-store');
    return next();
  };
}

function isOrigin(origin: string, host: string): boolean {
  const name = origin.toLowerCase();
  return name === `http://${host}` || name === `https://${host}`;
}

/** Who has shown the token once, and is known by a cookie that scripts do not see. */
export class Session {
  readonly #token: string;
  readonly #name: string;
  readonly #secret: string = newSecret();

  constructor({ token, port }: Guarded) {
    this.#token = token;
    this.#name = `igarape_${port}`;
  }

  /** `POST /api/session` with `{ token }`. */
  readonly open: MiddlewareHandler = async (context) => {
    const body: unknown = await context.req.json().catch(() => undefined);
    const token = typeof body === 'object' && body !== null && 'token' in body ? body.token : undefined;
    if (typeof token !== 'string' || !isSame(token, this.#token))
      return context.json(refusal(WRONG_TOKEN), 401);
    setCookie(context, this.#name, this.#secret, { httpOnly: true, sameSite: 'Strict', path: '/api/' });
    return context.json({ ok: true });
  };

  readonly required: MiddlewareHandler = async (context, next) => {
    const cookie = getCookie(context, this.#name) ?? '';
    if (!isSame(cookie, this.#secret)) return context.json(refusal(NO_SESSION), 401);
    return next();
  };
}

const WRONG_TOKEN = 'The address is of another start of igarape ui.';
const OPEN: Told = 'Open the address that igarape ui has printed.';
const NO_SESSION = 'The page has no session.';

function isSame(given: string, secret: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(secret)];
  return left.length === right.length && timingSafeEqual(left, right);
}

export function refusal(message: Told): ErrorAnswer {
  return { error: { code: 'REFUSED', message, hint: OPEN, retryable: false } };
}
