import {
  createScanner,
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser';
import { IgarapeError } from '../core/errors.ts';
import type { Told } from '../core/language/sentence.ts';
import type { KeyPath } from './problem.ts';

export interface ParsedJson {
  readonly value: unknown;
  /** Where a key stands, or what should hold it. */
  readonly locate: (path: KeyPath) => Place;
}

/** A place in a text, both counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** JSON that may hold comments and trailing commas. Throws `CONFIG_INVALID` with the line and column of what it is not. */
export function parseJson(text: string, name: string): ParsedJson {
  const deep = tooDeepIn(text);
  if (deep !== undefined) throw malformed(`it is nested more than ${DEEPEST} deep`, deep, text, name);
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first !== undefined) throw malformed(words(first), first.offset, text, name);
  if (root === undefined) throw malformed('the file is empty', 0, text, name);
  const repeated = repeatedKey(root);
  if (repeated !== undefined) {
    throw malformed(
      `the key ${JSON.stringify(repeated.value)} stands there twice`,
      repeated.offset,
      text,
      name,
    );
  }
  const value: unknown = getNodeValue(root);
  return { value, locate: (path) => placeOf(text, offsetOf(root, path)) };
}

/** The parser takes a level of its own stack for each of the text. */
const DEEPEST = 200;

/** Where a text begins to be nested too deep. */
function tooDeepIn(text: string): number | undefined {
  const scanner = createScanner(text, true);
  let depth = 0;
  while (scanner.getPosition() < text.length) {
    scanner.scan();
    const sign = text.charAt(scanner.getTokenOffset());
    if (sign === '{' || sign === '[') depth++;
    if (sign === '}' || sign === ']') depth--;
    if (depth > DEEPEST) return scanner.getTokenOffset();
  }
  return undefined;
}

function malformed(what: string, offset: number, text: string, name: string): IgarapeError {
  const { line, column } = placeOf(text, offset);
  return new IgarapeError(
    'CONFIG_INVALID',
    `${name} is not JSON at line ${line}, column ${column}: ${what}`,
    {
      hint: hintAt(text, offset),
    },
  );
}

/** What to do about what stands at a place, where it is a usual slip. */
function hintAt(text: string, offset: number): Told {
  const [before, sign] = [text.slice(0, offset), text.charAt(offset)];
  if (/['‘’“”]/.test(sign)) return 'Names and texts stand in straight double quotes: "source".';
  if (before.endsWith('\\') || /^\S*\\/.test(text.slice(offset)))
    return 'A backslash is written twice in JSON; a path may have slashes: "C:/data".';
  if (/\d,$/.test(before) && /\d/.test(sign)) return 'Numbers have a decimal point: 0.3.';
  return 'Correct that place; comments and a comma after the last entry are allowed.';
}

function words(error: ParseError): string {
  return printParseErrorCode(error.error)
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toLowerCase();
}

function placeOf(text: string, offset: number): Place {
  const before = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

function offsetOf(root: Node, path: KeyPath): number {
  for (let length = path.length; length > 0; length--) {
    const node = findNodeAtLocation(root, path.slice(0, length));
    if (node !== undefined) return node.parent?.type === 'property' ? node.parent.offset : node.offset;
  }
  return root.offset;
}

function repeatedKey(node: Node): Node | undefined {
  const children = node.children ?? [];
  if (node.type === 'object') {
    const seen = new Set<unknown>();
    for (const property of children) {
      const key = property.children?.[0];
      if (key !== undefined && seen.has(key.value)) return key;
      seen.add(key?.value);
    }
  }
  for (const child of children) {
    const repeated = repeatedKey(child);
    if (repeated !== undefined) return repeated;
  }
  return undefined;
}
