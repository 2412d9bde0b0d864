import type { Engine } from '../../engine/engine.ts';
import {
  type ParsedSql,
  parseEachSql,
  parseSql,
  printEachSql,
  printSql,
  type SqlNode,
} from '../../engine/sql-tree.ts';
import { type References, referencesOf } from './references.ts';

export type Statement =
  | {
      readonly kind: 'parsed';
      /** The text without the semicolons at its end; it may stand in parentheses, whatever comments it ends with. */
      readonly sql: string;
      /** Without what does not count: layout, comments. */
      readonly canonical: string;
      readonly tree: SqlNode;
      readonly references: References;
      /** The line of a place in the text, counted from 1. */
      readonly lineOf: (offset: number) => number;
    }
  | { readonly kind: 'refused'; readonly line: number; readonly reason: string };

/** The one SELECT of a text. */
export async function parseStatement(engine: Engine, text: string): Promise<Statement> {
  const [statement] = await parseStatements(engine, [text]);
  if (statement === undefined) throw new RangeError('Each text is parsed.');
  return statement;
}

/** The one SELECT of each of some texts: the engine is asked once for all. */
export async function parseStatements(
  engine: Engine,
  texts: readonly string[],
): Promise<readonly Statement[]> {
  const parsed = await parseEachSql(engine, texts);
  const trees = parsed.flatMap((each) =>
    each.kind === 'parsed' && each.statements === 1 ? [each.tree] : [],
  );
  const printed = await printEachSql(engine, trees);
  const canonical = new Map(trees.map((tree, index) => [tree, printed[index] ?? '']));
  const statements: Statement[] = [];
  for (const [index, each] of parsed.entries()) {
    const text = texts[index] ?? '';
    const known = each.kind === 'parsed' ? canonical.get(each.tree) : undefined;
    statements.push(
      each.kind === 'parsed' && known !== undefined
        ? await statementOf(engine, text, each.tree, known)
        : refusalOf(text, each),
    );
  }
  return statements;
}

async function statementOf(
  engine: Engine,
  text: string,
  tree: SqlNode,
  canonical: string,
): Promise<Statement> {
  const bytes = Buffer.from(text);
  return {
    kind: 'parsed',
    sql: await withoutSemicolons(engine, text, canonical),
    canonical,
    tree,
    references: referencesOf(tree, Buffer.byteLength(headerOf(text))),
    lineOf: (offset) => lines(bytes.subarray(0, offset).toString()),
  };
}

function refusalOf(text: string, parsed: ParsedSql): Statement {
  if (parsed.kind === 'parsed') {
    const found = parsed.statements === 0 ? 'no statement' : `${parsed.statements} statements`;
    return { kind: 'refused', line: firstLine(text), reason: `found ${found}; ${ALLOWED}` };
  }
  const line = parsed.position === undefined ? firstLine(text) : lines(text.slice(0, parsed.position));
  const reason =
    foreign(text) ??
    (parsed.isSyntax ? `it is no SQL: ${parsed.reason}` : `found another statement; ${ALLOWED}`);
  return { kind: 'refused', line, reason };
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
