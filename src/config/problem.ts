import type * as z from 'zod';
import { closest } from './closest.ts';

export type KeyPath = readonly (string | number)[];

/** Something in a configuration that cannot be accepted: where, and what was found and is allowed. */
export interface Problem {
  readonly path: KeyPath;
  readonly message: string;
}

type Issue = z.core.$ZodIssue;

/** The problems that validation found, for people. `raw` is what was validated, `keysAt` the keys allowed at a path. */
export function problemsOf(
  issues: readonly Issue[],
  raw: unknown,
  keysAt: (path: KeyPath) => readonly string[],
): Problem[] {
  return issues.flatMap((issue) => describe(issue, issue.path.map(asKey), raw, keysAt));
}

/** `tables[0].types."order no"`: a path as it is told to people; the whole configuration is the empty text. */
export function showPath(path: KeyPath): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`;
      const name = /^[\w$-]+$/.test(part) ? part : JSON.stringify(part);
      return index === 0 ? name : `.${name}`;
    })
    .join('');
}

/** What stands at the path, fit to be shown: no text that may hold a secret, and nothing long. */
function showFound(raw: unknown, path: KeyPath): string {
  const value = valueAt(raw, path);
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : showList(value, path);
  if (typeof value === 'object') return 'an object';
  if (typeof value !== 'string') return JSON.stringify(value);
  if (isSecret(value, path)) return 'a text';
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}…` : value);
}

/** A short list of words as it is written. */
function showList(values: readonly unknown[], path: KeyPath): string {
  const areWords = values.every((each) => typeof each === 'string' && !isSecret(each, path));
  const text = `[${values.map((each) => JSON.stringify(each)).join(', ')}]`;
  return areWords && text.length <= 60 ? text : 'a list';
}

function describe(
  issue: Issue,
  path: KeyPath,
  raw: unknown,
  keysAt: (path: KeyPath) => readonly string[],
): Problem[] {
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: unknownKey(key, keysAt(path)),
      }));
    case 'invalid_union': {
      if (issue.errors.length === 0) return [refused(raw, path, listOf(optionsOf(issue)))];
      const branch = likeliest(issue.errors);
      if (branch === undefined) return [refused(raw, path, alternatives(issue.errors))];
      return branch.flatMap((inner) =>
        describe(inner, [...path, ...inner.path.map(asKey)], raw, (at) => keysAt(at)),
      );
    }
    case 'invalid_type':
      return [refused(raw, path, TYPE_WORDS[issue.expected] ?? issue.expected)];
    case 'invalid_value':
      return [refused(raw, path, listOf(issue.values.map(String)))];
    case 'custom':
    case 'invalid_element':
    case 'invalid_format':
    case 'invalid_key':
    case 'not_multiple_of':
    case 'too_big':
    case 'too_small':
    default:
      return [refused(raw, path, issue.message)];
  }
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

function refused(raw: unknown, path: KeyPath, allowed: string): Problem {
  const found = valueAt(raw, path);
  const near =
    typeof found === 'string' && !isSecret(found, path)
      ? closest(found, allowed.split(/, | or |: /))
      : undefined;
  const suggestion = near === undefined ? '' : ` (did you mean ${JSON.stringify(near)}?)`;
  const start = found === undefined ? 'is missing' : `found ${showFound(raw, path)}`;
  return { path, message: `${start}; allowed: ${allowed}${suggestion}` };
}

function unknownKey(key: string, allowed: readonly string[]): string {
  const near = closest(key, allowed);
  if (near !== undefined) return `unknown key; did you mean ${JSON.stringify(near)}?`;
  if (/key|secret|token|password|credential/i.test(key)) {
    return 'unknown key; credentials belong in the environment or in the .env file beside the configuration';
  }
  return `unknown key; allowed: ${[...allowed].toSorted().join(', ')}`;
}

/** Of a union's branches the one that was meant: the one whose keys are used. None where every branch has another type. */
function likeliest(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const ranked = branches
    .filter((issues) => !issues.some((issue) => issue.code === 'invalid_type' && issue.path.length === 0))
    .map((issues) => ({
      issues,
      unknown: issues.filter((issue) => issue.code === 'unrecognized_keys').length,
    }))
    .toSorted((a, b) => a.unknown - b.unknown || b.issues.length - a.issues.length);
  return ranked[0]?.issues;
}

function alternatives(branches: readonly (readonly Issue[])[]): string {
  const words = branches.flat().flatMap((issue) => {
    return issue.code === 'invalid_type' ? [TYPE_WORDS[issue.expected] ?? issue.expected] : [];
  });
  return listOf([...new Set(words)]);
}

function optionsOf(issue: Issue): string[] {
  return 'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : [];
}

function listOf(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function valueAt(raw: unknown, path: KeyPath): unknown {
  let value = raw;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = new Map<unknown, unknown>(Array.isArray(value) ? value.entries() : Object.entries(value)).get(
      part,
    );
  }
  return value;
}

/** Addresses may carry credentials; the rest is what keys and tokens look like when they stand in a wrong place. */
function isSecret(value: string, path: KeyPath): boolean {
  const key = String(path.at(-1) ?? '');
  return (
    /^(?:url|endpoint|uri)$/.test(key) ||
    /^(?!s3:\/\/[^@?]*$).*:\/\/|^(?:AKIA|ASIA|KGAT)/.test(value) ||
    /^[\da-f]{32,}$/i.test(value) ||
    /^(?=.*\d)(?=.*[a-z])(?=.*[A-Z])[\w+/=.-]{20,}$/.test(value) ||
    value.length > 200
  );
}

function asKey(part: PropertyKey): string | number {
  return typeof part === 'number' ? part : String(part);
}
