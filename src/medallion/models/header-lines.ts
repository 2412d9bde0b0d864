import { suggestion } from './problem.ts';

/** What one word of a header says: `-- key: idCliente` with the indented comment lines below it. */
export interface HeaderEntry {
  readonly word: HeaderWord;
  /** What the word is about, where it names that: of `column valor total: …` the column. */
  readonly subject?: string;
  /** In one line. */
  readonly value: string;
  /** Counted from 1. */
  readonly line: number;
}

export const HEADER_WORDS = [
  'key',
  'description',
  'check',
  'check error',
  'check warn',
  'join key',
  'dt_ref',
  'window',
  'partition',
  'incremental',
  'tags',
  'var',
  'column',
] as const;
export type HeaderWord = (typeof HEADER_WORDS)[number];

export interface HeaderProblem {
  /** Counted from 1. */
  readonly line: number;
  readonly message: string;
}

export interface HeaderLines {
  readonly entries: readonly HeaderEntry[];
  readonly problems: readonly HeaderProblem[];
}

/**
 * The header of a model's file: the comment lines above its first line of SQL. A comment without a word and a colon at
 * its start that is, or nearly is, one of a header's, is a comment and no more; deeper indented comment lines go on with the entry above them.
 */
export function readHeader(text: string): HeaderLines {
  const lines = text.split(/\r\n|\r|\n/);
  const end = lines.findIndex((line) => !/^\s*(?:--|$)/.test(line));
  const length = end === -1 ? lines.length : end;
  const entries: HeaderEntry[] = [];
  const problems: HeaderProblem[] = [];
  let open: { indent: number; entry: HeaderEntry } | undefined;
  for (const [index, text] of lines.slice(0, length).entries()) {
    const line = index + 1;
    const { indent, comment } = commentOf(text);
    if (open !== undefined && comment !== '' && indent > open.indent) {
      open.entry = { ...open.entry, value: `${open.entry.value} ${comment}`.trim() };
      entries[entries.length - 1] = open.entry;
      continue;
    }
    open = undefined;
    const found = wordOf(comment);
    if (found === undefined) continue;
    const word = HEADER_WORDS.find((each) => each === found.word.toLowerCase());
    if (word === undefined) {
      problems.push({ line, message: unknownWord(found.word) });
      continue;
    }
    const { value, subject } = found;
    const entry = { word, value, line, ...(subject === undefined ? {} : { subject }) };
    entries.push(entry);
    open = { indent, entry };
  }
  return { entries, problems: [...problems, ...misplaced(lines, length)] };
}

/** `indent`: how far the comment's text stands from its line's start; -1 where there is none. */
function commentOf(line: string): { indent: number; comment: string } {
  const match = /^(\s*--\s*)(\S.*)$/.exec(line);
  return { indent: match?.[1]?.length ?? -1, comment: match?.[2]?.trimEnd() ?? '' };
}

interface FoundWord {
  readonly word: string;
  readonly value: string;
  readonly subject?: string;
}

function wordOf(comment: string): FoundWord | undefined {
  const [, subject, text] =
    /^column +("(?:[^"]|"")+"|[\p{L}\p{N}_$]+) *:(?!\/\/) *(.*)$/iu.exec(comment) ?? [];
  if (subject !== undefined) return { word: 'column', value: text ?? '', subject };
  const match = /^([\p{L}_]+(?: +[\p{L}_]+)?) *:(?!\/\/) *(.*)$/u.exec(comment);
  const word = match?.[1]?.replace(/ +/, ' ');
  if (word === undefined || match === null) return undefined;
  // Comments have colons too, as in "TODO: …": only words count that are, or nearly are, those of a header.
  const isWord = HEADER_WORDS.some((each) => each === word.toLowerCase());
  const isPlain = !isWord && !/^check /i.test(word) && suggestion(word, MISSPELT) === '';
  return isPlain ? undefined : { word, value: match[2] ?? '' };
}

/** Words that one of another language is not near to by chance, nor the heading of a list. */
const MISSPELT = HEADER_WORDS.filter((word) => word !== 'var' && word !== 'column');

function unknownWord(word: string): string {
  return (
    `found the header word ${JSON.stringify(word)}${suggestion(word, HEADER_WORDS)}; ` +
    `allowed: ${HEADER_WORDS.join(', ')}`
  );
}

/** Entries that stand where they would not be read. */
function misplaced(lines: readonly string[], start: number): HeaderProblem[] {
  return lines.slice(start).flatMap((text, index) => {
    const word = wordOf(commentOf(text).comment)?.word.toLowerCase();
    return HEADER_WORDS.some((each) => each === word)
      ? [
          {
            line: start + index + 1,
            message: `found "-- ${word}:" below the first line of SQL; allowed: above it, where the header is`,
          },
        ]
      : [];
  });
}
