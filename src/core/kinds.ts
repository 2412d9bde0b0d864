import { IgarapeError } from './errors.ts';
import type { Told } from './language/sentence.ts';

/** What a value is to be, in words, and whether it is. */
export interface Kind {
  readonly expected: Told;
  readonly holds: (value: unknown) => boolean;
}

/** The kind of every option that there is: what is not among them is misspelt. */
export type Kinds<Options> = { readonly [Name in keyof Required<Options>]: Kind };

/** Predicates, of which kinds are made. */
export const isText = (value: unknown): boolean => typeof value === 'string';
export const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
/** True for what `{…}` makes, also without a prototype. */
export const isPlainObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  isObject(value) && [Object.prototype, null].includes(Object.getPrototypeOf(value));
export const isByName = (value: unknown, holds: (item: unknown) => boolean): boolean =>
  isPlainObject(value) && Object.values(value).every(holds);
export const isListOf = (value: unknown, holds: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(holds);
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
export const isValue = (value: unknown): boolean =>
  value === null ||
  ['boolean', 'number', 'bigint', 'string'].includes(typeof value) ||
  (value instanceof Date && !Number.isNaN(value.getTime())) ||
  value instanceof Uint8Array ||
  isListOf(value, isValue);

export const TEXT: Kind = { expected: 'a text', holds: isText };
export const TEXTS: Kind = { expected: 'a list of texts', holds: (value) => isListOf(value, isText) };
export const TEXT_OR_TEXTS: Kind = {
  expected: 'a text or a list of texts',
  holds: (value) => isText(value) || TEXTS.holds(value),
};
export const TEXTS_BY_NAME: Kind = {
  expected: 'an object of texts',
  holds: (value) => isByName(value, isText),
};
export const FLAG: Kind = { expected: 'true or false', holds: (value) => typeof value === 'boolean' };
export const FLAG_OR_TEXTS: Kind = {
  expected: 'true, false or a list of texts',
  holds: (value) => FLAG.holds(value) || TEXTS.holds(value),
};
export const COUNT: Kind = { expected: 'a whole number from 0 on', holds: isCount };
export const COUNTS: Kind = {
  expected: 'a list of whole numbers from 0 on',
  holds: (value) => isListOf(value, isCount),
};
export const SIZE: Kind = {
  expected: 'a whole number from 1 on',
  holds: (value) => isCount(value) && value !== 0,
};
export const DURATION: Kind = {
  expected: 'a number from 0 on',
  holds: (value) => typeof value === 'number' && value >= 0,
};
export const OBJECT: Kind = { expected: 'an object', holds: isObject };
export const FUNCTION: Kind = { expected: 'a function', holds: (value) => typeof value === 'function' };
export const PARAMETERS: Kind = {
  expected: 'values by name or a list of values',
  holds: (value) => isListOf(value, isValue) || isByName(value, isValue),
};
export const NAME: Kind = {
  expected: 'a text that is not empty',
  holds: (value) => isText(value) && value !== '',
};

/**
 * Options as users give them, whom no compiler may have told: an option that is misspelt must not be taken for one that
 * is left out.
 *
 * @param needed Those that may not be left out.
 * @throws IgarapeError USAGE
 */
export function checkOptions(
  call: string,
  options: unknown,
  kinds: Readonly<Record<string, Kind>>,
  needed: readonly string[] = [],
): void {
  if (!isObject(options))
    throw wrong(`The options of ${call} should be an object, and are ${shownKind(options)}`);
  const given = new Map<string, unknown>(Object.entries(options).filter(([, value]) => value !== undefined));
  for (const [name, value] of given) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    if (kind === undefined)
      throw wrong(
        `There is no option ${name} of ${call}`,
        `Its options are ${Object.keys(kinds).join(', ')}.`,
      );
    checkKind(call, name, value, kind);
  }
  for (const name of needed) if (!given.has(name)) throw wrong(`The argument ${name} of ${call} is missing`);
}

/** A value that a call takes, by the name that it has there. @throws IgarapeError USAGE */
export function checkKind(call: string, name: string, value: unknown, kind: Kind): void {
  if (kind.holds(value)) return;
  const expected: string = kind.expected;
  throw wrong(`The argument ${name} of ${call} should be ${expected}, and is ${shownKind(value)}`);
}

/** What a value is, for messages. */
export function shownKind(value: unknown): string {
  if (value instanceof Date)
    return Number.isNaN(value.getTime()) ? 'an invalid Date' : `the Date ${value.toISOString()}`;
  if (value === null || value === undefined) return String(value);
  const name = typeof value === 'object' && 'constructor' in value ? value.constructor.name : typeof value;
  return `${/^[AEIO]/i.test(name) ? 'an' : 'a'} ${name}`;
}

function wrong(message: Told, hint: Told = 'Nothing was read or written.'): IgarapeError {
  return new IgarapeError('USAGE', message, { hint });
}
