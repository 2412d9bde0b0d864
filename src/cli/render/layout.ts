import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';

/** What a screen has to fit into. */
export interface Layout {
  /** Columns of the terminal; infinite where nothing is to be hidden, cut or broken. */
  readonly width: number;
  /** A person reads it, not another program. */
  readonly isTerminal?: boolean;
}

export const WIDE: Layout = { width: Infinity };

/** Help is read on any terminal, and where there is none. */
export const HELP: Layout = { width: 80 };

const USUAL_WIDTH = 80;

/** The layout for what is written to a stream: a terminal's own width, and no limit for what another program reads. */
export function layoutOf(
  stream: { readonly isTTY?: boolean; readonly columns?: number },
  wide = false,
): Layout {
  if (stream.isTTY !== true) return WIDE;
  if (wide) return { ...WIDE, isTerminal: true };
  const { columns = 0 } = stream;
  return { width: columns > 0 ? columns : USUAL_WIDTH, isTerminal: true };
}

/** How many columns of a terminal a text takes. */
export function widthOf(text: string): number {
  return PLAIN.test(text) ? text.length : stringWidth(text);
}

/** What every terminal shows in a column a character. */
const PLAIN = /^[\u0020-\u007e]*$/;

/** A line of at most so many columns; one that is longer ends in `…`. Without colours. */
export function cut(line: string, width: number): string {
  if (widthOf(line) <= width) return line;
  const plain = stripVTControlCharacters(line);
  return `${partsOf(plain, Math.max(1, width - 1))[0] ?? ''}…`;
}

/** To make one takes as long as all else of a start's layout: it is made when a text asks for it. */
let segmenter: Intl.Segmenter | undefined;

/** A name of at most so many columns; of one that is longer the middle is `…`. Without colours. */
export function cutName(name: string, width: number): string {
  if (widthOf(name) <= width) return name;
  const plain = stripVTControlCharacters(name);
  const room = Math.max(0, Math.floor((width - 1) / 2));
  let end = '';
  segmenter ??= new Intl.Segmenter();
  for (const { segment } of [...segmenter.segment(plain)].toReversed()) {
    if (widthOf(segment + end) > room) break;
    end = segment + end;
  }
  return `${partsOf(plain, Math.max(1, width - 1 - room))[0] ?? ''}…${end}`;
}

/**
 * A text whose lines fit, broken at spaces. Lines that go on another begin with `indent`, and further in than what they
 * go on.
 */
export function wrapped(text: string, { width }: Layout, indent = ''): string {
  if (!Number.isFinite(width)) return text;
  return text
    .split('\n')
    .flatMap((line) => (widthOf(line) <= width ? [line] : brokenLine(line, width, indent)))
    .join('\n');
}

/** A paragraph whose lines all begin further in. */
export function indented(text: string, { width }: Layout): string {
  return wrapped(text, { width: width - INDENT.length }).replaceAll(/^(?=.)/gm, INDENT);
}

const INDENT = '  ';

function brokenLine(line: string, width: number, least: string): string[] {
  const lines: string[] = [];
  const own = /^\s*/.exec(line)?.[0] ?? '';
  const isFurtherIn = own !== '' && own.length >= least.length && own.length < width / 2 - 2;
  const indent = isFurtherIn ? `${own}  ` : least;
  let current = own;
  let isEmpty = true;
  for (const word of line.trimStart().split(' ')) {
    for (const part of partsOf(word, Math.max(1, width - widthOf(indent)))) {
      if (!isEmpty && widthOf(current) + 1 + widthOf(part) > width) {
        lines.push(current.trimEnd());
        current = indent;
        isEmpty = true;
      }
      current += isEmpty ? part : ` ${part}`;
      isEmpty = false;
    }
  }
  return [...lines, current.trimEnd()];
}

/** A text in pieces that are no wider than a line. */
function partsOf(text: string, width: number): string[] {
  if (PLAIN.test(text)) return text.match(new RegExp(`.{1,${width}}`, 'g')) ?? [''];
  const parts: string[] = [];
  let part = '';
  let used = 0;
  segmenter ??= new Intl.Segmenter();
  for (const { segment } of segmenter.segment(text)) {
    const more = widthOf(segment);
    if (part !== '' && used + more > width) {
      parts.push(part);
      [part, used] = ['', 0];
    }
    part += segment;
    used += more;
  }
  return [...parts, part];
}
