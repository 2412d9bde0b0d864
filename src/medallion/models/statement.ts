import type { Engine } from '../../engine/engine.ts';
import { parseSql, printSql } from '../../engine/sql-tree.ts';
import { type References, referencesOf } from './references.ts';

export type Statement =
  | {
      readonly kind: 'parsed';
      /** The text without the semicolons at its end; it may stand in parentheses, whatever comments it ends with. */
      readonly sql: string;
      /** Without what does not count: layout, comments. */
      readonly canonical: string;
      readonly references: References;
      /** The line of a place in the text, counted from 1. */
      readonly lineOf: (offset: number) => number;
    }
  | { readonly kind: 'refused'; readonly line: number; readonly reason: string };

/** The one SELECT of a text. */
export async function parseStatement(engine: Engine, text: string): Promise<Statement> {
  const parsed = await parseSql(engine, text);
  if (parsed.kind === 'refused') {
    const line = parsed.position === undefined ? firstLine(text) : lines(text.slice(0, parsed.position));
    return {
      kind: 'refused',
      line,
      reason:
        foreign(text) ??
        (parsed.isSyntax ? `it is no SQL: ${parsed.reason}` : `found another statement; ${ALLOWED}`),
    };
  }
  if (parsed.statements !== 1) {
    const found = parsed.statements === 0 ? 'no statement' : `${parsed.statements} statements`;
    return { kind: 'refused', line: firstLine(text), reason: `found ${found}; ${ALLOWED}` };
  }
  const bytes = Buffer.from(text);
  const canonical = await printSql(engine, parsed.tree);
  return {
    kind: 'parsed',
    sql: await withoutSemicolons(engine, text, canonical),
    canonical,
    references: referencesOf(parsed.tree, Buffer.byteLength(headerOf(text))),
    lineOf: (offset) => lines(bytes.subarray(0, offset).toString()),
  };
}

const ALLOWED = 'allowed: one SELECT (PIVOT only as FROM … PIVOT (… FOR … IN (…)))';

/** What is told of a text as other tools have it. */
function foreign(text: string): string | undefined {
  return FOREIGN.find(([sign]) => sign.test(text))?.[1];
}

const FOREIGN: readonly (readonly [RegExp, string])[] = [
  [
    /\{\{\s*(?:ref|source)\s*\(/,
    'found a template, {{ ref(…) }}; allowed: the name of the table, e.g. silver.clientes',
  ],
  [
    /\{[{%]/,
    'found a template; allowed: SQL, with values as -- var: name type = value, and $name where they stand',
  ],
  [
    /^\s*MODEL\s*\(/im,
    'found MODEL (…); allowed: a header of comments instead, e.g. "-- key: idCliente", and one SELECT',
  ],
];

/** What stands before the first semicolon that ends the statement: the engine's parser knows which those are. */
async function withoutSemicolons(engine: Engine, text: string, canonical: string): Promise<string> {
  for (let at = text.indexOf(';'); at >= 0; at = text.indexOf(';', at + 1)) {
    const before = text.slice(0, at);
    const parsed = await parseSql(engine, before);
    const isStatement = parsed.kind === 'parsed' && parsed.statements === 1;
    if (isStatement && (await printSql(engine, parsed.tree)) === canonical) return `${before.trimEnd()}\n`;
  }
  return `${text.trimEnd()}\n`;
}

/** The blank lines and comments at the start of a text. */
function headerOf(text: string): string {
  return /^(?:[^\S\n]*(?:--.*)?\n)*/.exec(text)?.[0] ?? '';
}

function firstLine(text: string): number {
  return lines(headerOf(text));
}

function lines(before: string): number {
  return before.split('\n').length;
}
