import { createHash } from 'node:crypto';

/** An entry's name in its plain form, or why it must not be believed. */
export type CheckedName =
  | { readonly kind: 'safe'; readonly name: string }
  | { readonly kind: 'unsafe'; readonly reason: string };

/** Checks a name as an archive states it: only relative paths downwards, as every system reads them, are safe. */
export function checkEntryName(stated: string): CheckedName {
  const name = stated
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
  const reason = whyUnsafe(stated, name);
  return reason === undefined ? { kind: 'safe', name } : { kind: 'unsafe', reason };
}

/** A file name for an entry that is valid on every system, unlike that of any other entry, and keeps the ending. */
export function safeFileName(entryName: string): string {
  const digest = createHash('sha256').update(entryName).digest('hex').slice(0, 16);
  const base = entryName.slice(entryName.lastIndexOf('/') + 1);
  return `${digest}-${base.replaceAll(/[^\w.-]/g, '_').slice(-MAX_BASE_LENGTH)}`;
}

/** A name as an error can show it: without control characters, and not endless. */
export function shownName(name: string): string {
  const shown = JSON.stringify(name);
  return shown.length > 200 ? `${shown.slice(0, 200)}…` : shown;
}

const MAX_BASE_LENGTH = 80;

function whyUnsafe(stated: string, plain: string): string | undefined {
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  if (/[\u0000-\u001f]/.test(stated)) return 'has a control character in its name';
  if (stated.includes('\\')) return 'has a backslash in its name';
  if (stated.startsWith('/')) return 'has an absolute path';
  if (/^[a-z]:/i.test(plain)) return 'has a drive letter in its name';
  if (plain.split('/').includes('..')) return 'leads out of the archive';
  return plain === '' ? 'has no name' : undefined;
}
