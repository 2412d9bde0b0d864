import { IgarapeError } from '../core/errors.ts';

/** Names that adapters use for files on their way; no key has a part that starts so. */
export const TEMPORARY_PREFIX = '.tmp-';

/**
 * True for a key as {@link Storage} takes it: non-empty parts separated by `/`, none of them `.`, `..` or a temporary's
 * name, without backslashes and control characters; so a key can never name a file outside its root.
 */
export function isKey(key: string): boolean {
  return !hasForbiddenCharacter(key) && key.split('/').every(isPart);
}

/** Throws where `key` is none: whoever passes it has checked what comes from outside with {@link isKey}. */
export function checkKey(key: string): void {
  if (!isKey(key)) throw invalid('key', key);
}

/** Throws where no key can start with `prefix`; the empty prefix and a half-written last part are fine. */
export function checkPrefix(prefix: string): void {
  const folders = prefix.split('/').slice(0, -1);
  if (hasForbiddenCharacter(prefix) || !folders.every(isPart)) throw invalid('prefix', prefix);
}

/** Orders keys by their UTF-8 bytes, as S3 lists them; JavaScript's own order differs beyond the basic plane. */
export function compareKeys(left: string, right: string): number {
  if (SURROGATE.test(left) || SURROGATE.test(right))
    return Buffer.compare(Buffer.from(left), Buffer.from(right));
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** Without one of these, JavaScript's order is that of the UTF-8 bytes. */
const SURROGATE = /[\ud800-\udfff]/;

function isPart(part: string): boolean {
  return part !== '' && part !== '.' && part !== '..' && !part.startsWith(TEMPORARY_PREFIX);
}

/** Control characters, backslashes, and halves of surrogate pairs, which no UTF-8 name can hold. */
function hasForbiddenCharacter(text: string): boolean {
  return /[\p{Cc}\p{Cs}\\]/u.test(text);
}

function invalid(what: string, text: string): IgarapeError {
  return new IgarapeError('DEFECT', `${JSON.stringify(text)} is not a storage ${what}`, {
    hint: 'Keys are relative, separated by "/", without "." and ".." parts, backslashes and control characters.',
  });
}
