import type { Told } from '../core/language/sentence.ts';
import type { IgarapeError } from '../core/errors.ts';
import type { FieldFault } from './csv-fields.ts';
import { LONGEST_RECORD_BYTES } from './csv-records.ts';
import { unreadable } from './unreadable.ts';

/** What is wrong with a line of a CSV file, and what to do about it. */
export interface LineFault {
  readonly what: Told;
  readonly hint: Told;
}

export function wrongWidth(found: number, expected: number, than = 'the header'): LineFault {
  return {
    what: `${found} field${found === 1 ? '' : 's'} where ${than} has ${expected}`,
    hint:
      found < expected
        ? 'The file may be cut off, or a quoted text may hold a line break: fetch it again, or check "sep" and "quote".'
        : 'A text with the separator in it must be quoted: check the file, "sep" and "quote".',
  };
}

export const OPEN_QUOTE: LineFault = {
  what: 'a quote is opened and not closed',
  hint: 'The file may be cut off: fetch it again, or check "quote".',
};

const TEXT_AFTER_QUOTE: LineFault = {
  what: 'a text goes on after its closing quote',
  hint: 'A quote in a quoted text is written twice, or after the "escape" of the table: check the file, "quote" and "escape".',
};

export const TOO_LONG: LineFault = {
  what: `longer than ${LONGEST_RECORD_BYTES / 1024 / 1024} MB`,
  hint: 'A quote may be opened and not closed: check the file and "quote".',
};

export const NOT_UTF8: LineFault = {
  what: 'the text is not UTF-8',
  hint: 'Set "encoding" of the table, for example "windows-1252" or "latin-1".',
};

export function fieldFault(fault: FieldFault): LineFault {
  return fault === 'open-quote' ? OPEN_QUOTE : TEXT_AFTER_QUOTE;
}

export function unreadableLine(
  file: string,
  line: number | undefined,
  { what, hint }: LineFault,
  cause?: unknown,
): IgarapeError {
  return unreadable(line === undefined ? file : `${file}: line ${line}`, what, hint, cause);
}

/** DuckDB's error on reading a CSV file of so many columns as ours. */
export function explainCsvError(file: string, error: Error, columns: number): Error {
  const line = /CSV Error on Line: (\d+)/.exec(error.message)?.[1];
  const fault = faultOf(error.message, columns);
  return fault === undefined
    ? error
    : unreadableLine(file, line === undefined ? undefined : Number(line), fault, error);
}

function faultOf(message: string, columns: number): LineFault | undefined {
  const fields = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(message);
  if (fields !== null) return wrongWidth(Number(fields[2]), columns);
  if (/unterminated quote/i.test(message)) return TEXT_AFTER_QUOTE;
  if (/invalid unicode|not utf-8/i.test(message)) return NOT_UTF8;
  if (/maximum line size|full read on this file/i.test(message)) return TOO_LONG;
  if (/state machine reached an invalid state/i.test(message)) {
    return {
      what: 'its quotes cannot be read',
      hint: 'A quote in a quoted text is written twice: check the file and "quote".',
    };
  }
  return undefined;
}
