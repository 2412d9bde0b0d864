import type { Told } from '../../core/language/sentence.ts';
import type { IgarapeError } from '../../core/errors.ts';
import { meaningOf, statusError } from '../http/status.ts';
import type { KaggleCredential } from './auth.ts';

/** What Kaggle's answer to a call says, once read: the JSON, or an error with the status that counts. */
export type KaggleReply =
  | { readonly kind: 'json'; readonly json: unknown }
  | { readonly kind: 'error'; readonly status: number; readonly message: string };

/**
 * Reads an answer's body. Kaggle's errors come in many forms (`{code, message}`, `{error: {code, message}}`,
 * `{errors: […]}`, HTML, nothing), some of them under status 200, with the code as text, or with a content type that
 * is not theirs: so the body decides.
 */
export function readReply(status: number, text: string): KaggleReply {
  const json = parseJson(text);
  if (json === undefined) {
    const looks = /^\s*</.test(text) ? 'a web page' : text.trim() === '' ? 'nothing' : 'text';
    return {
      kind: 'error',
      status: status < 400 ? UNREADABLE : status,
      message: `it answered with ${looks}`,
    };
  }
  const stated = codeOf(json);
  const counts = status >= 400 ? status : stated;
  if (counts !== undefined && counts >= 400)
    return { kind: 'error', status: counts, message: messageOf(json) };
  return status < 300 ? { kind: 'json', json } : { kind: 'error', status, message: messageOf(json) };
}

/** Stands for an answer of status 200 that is none: treated as a server's passing trouble. */
const UNREADABLE = 502;

/** Kaggle's error for people: what was refused, to whom, and what to do. */
export function kaggleError(
  ref: string,
  reply: { readonly status: number; readonly message: string },
  credential: KaggleCredential,
  retryAfterMs: number | undefined,
): IgarapeError {
  const said = reply.message === '' ? '' : `: ${reply.message}`;
  const message: Told = `Kaggle refused ${ref} (HTTP ${reply.status}${said})`;
  const { code } = meaningOf(reply.status);
  if (code === 'SOURCE_UNREACHABLE') {
    const troubled: Told = `Kaggle could not answer for ${ref} (HTTP ${reply.status}${said})`;
    return statusError(reply.status, troubled, 'This is trouble of Kaggle’s. Try again later.', retryAfterMs);
  }
  return statusError(reply.status, message, hintFor(code, ref, credential), retryAfterMs);
}

function hintFor(code: IgarapeError['code'], ref: string, credential: KaggleCredential): Told {
  const page = `https://www.kaggle.com/datasets/${ref}`;
  if (code === 'SOURCE_UNAUTHENTICATED') {
    return credential.kind === 'anonymous'
      ? 'Kaggle does not give this out without an account: create a token on https://www.kaggle.com/settings and put it into KAGGLE_API_TOKEN.'
      : `It was asked with ${credential.describe()}, which may have expired or been revoked: create a new token on https://www.kaggle.com/settings.`;
  }
  if (code === 'SOURCE_FORBIDDEN') {
    return `Open ${page}: if it asks you to accept rules, accept them and run again; if it is private, use the token of an account that may read it. Kaggle also answers so for data sets that do not exist. It was asked with ${credential.describe()}.`;
  }
  if (code === 'SOURCE_NOT_FOUND') {
    return `Check owner and name against ${page}; a private data set needs the token of an account that may read it.`;
  }
  return 'Kaggle limits how often it is asked. Run less often, or try again later.';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

function codeOf(json: unknown): number | undefined {
  for (const holder of [json, fieldOf(json, 'error')]) {
    const code = Number(fieldOf(holder, 'code') ?? Number.NaN);
    if (Number.isInteger(code)) return code;
  }
  const errors = fieldOf(json, 'errors');
  return Array.isArray(errors) && errors.length > 0 ? (codeOf(errors[0]) ?? UNREADABLE) : undefined;
}

const MAX_MESSAGE_LENGTH = 200;

function messageOf(json: unknown): string {
  const error = fieldOf(json, 'error');
  const errors = fieldOf(json, 'errors');
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
  const candidates = [
    fieldOf(json, 'message'),
    fieldOf(error, 'message'),
    fieldOf(first, 'message'),
    fieldOf(json, 'errorMessage'),
    error,
    first,
  ];
  const text = candidates.find((candidate) => typeof candidate === 'string' && candidate !== '');
  if (typeof text !== 'string') return '';
  // Addresses are cut before their query, which may hold a signature.
  const shown = text.replaceAll(/\s+/g, ' ').replaceAll(/(https?:\/\/[^\s?]+)\?\S*/g, '$1');
  return shown.length > MAX_MESSAGE_LENGTH ? `${shown.slice(0, MAX_MESSAGE_LENGTH)}…` : shown;
}
