/** Numbers, sizes and times as tables show them. */
import type { Sentence } from '../../core/language/sentence.ts';
import type { ComparedBy } from '../../pipeline/outcome.ts';
import { inDigits, say, told } from '../language.ts';

export function count(value: number): string {
  return inDigits(value.toLocaleString('en'));
}

/** What there may be several of. */
type Noun = Extract<Sentence, 'change' | 'column' | 'file' | 'model' | 'row' | 'run' | 'table' | 'version'>;

/** `1 run`, `2 runs`. */
export function plural(value: number, one: Noun): string {
  return `${count(value)} ${say(value === 1 ? one : `${one}s`)}`;
}

/** `+1,204 ~3 -0`: rows inserted, updated and deleted. */
export function changeCounts(rows: Readonly<Record<'inserted' | 'updated' | 'deleted', number>>): string {
  return `+${count(rows.inserted)} ~${count(rows.updated)} -${count(rows.deleted)}`;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** A size in units of 1000. */
export function size(bytes: number): string {
  let unit = 0;
  let value = bytes;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.5 ? 0 : 1;
  return `${inDigits(value.toFixed(digits))} ${UNITS[unit]}`;
}

/** `2026-01-10 12:00:00` of an ISO time, as it is. */
export function secondsOf(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ');
}

/** `2026-01-10 09:00:00 UTC-03:00`: a time where this machine is. */
export function localTime(time: Date): string {
  const offset = -time.getTimezoneOffset();
  const local = new Date(time.getTime() + offset * 60_000).toISOString();
  if (offset === 0) return `${secondsOf(local)} UTC`;
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const sign = offset < 0 ? '-' : '+';
  return `${secondsOf(local)} UTC${sign}${two(Math.abs(offset) / 60)}:${two(Math.abs(offset) % 60)}`;
}

/** `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (ms < 9950) return `${inDigits((ms / 1000).toFixed(1))} s`;
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${seconds % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const SPANS = [
  { unit: 'day', ms: 86_400_000 },
  { unit: 'hour', ms: 3_600_000 },
  { unit: 'minute', ms: 60_000 },
  { unit: 'second', ms: 1000 },
] as const;

/** How far a time is from now, in the largest unit that fits: `3 hours ago`, `in 12 minutes`. */
export function fromNow(iso: string, nowMs: number): string {
  const ms = Date.parse(iso) - nowMs;
  const span = SPANS.find((each) => Math.abs(ms) >= each.ms);
  if (span === undefined) return say('now');
  const amount = Math.round(Math.abs(ms) / span.ms);
  const words = `${amount} ${say(amount === 1 ? span.unit : `${span.unit}s`)}`;
  return ms < 0 ? say(`${words} ago`) : say(`in ${words}`);
}

// Marks of direction turn round the rest of a line.
// oxlint-disable-next-line no-control-regex
const OBEYED = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** One line of text without characters that a terminal obeys, at most `width` long. */
export function cell(text: string, width = 60): string {
  const line = text.replace(OBEYED, (character) => ESCAPES[character] ?? '\u{fffd}');
  const characters = Array.from(line);
  return characters.length <= width ? line : `${characters.slice(0, width - 1).join('')}…`;
}

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** What the rows were read from: `source  files:./data, version 3`. */
export function sourceLine({ id, version }: { readonly id: string; readonly version: string }): string {
  return say(`source  ${id}, version ${version}`);
}

/** Tables of the layers that nothing makes any more, and what to do about them. */
export function orphanLines(orphans: readonly string[] = []): string[] {
  return orphans.map((name) =>
    say(`${name} has no model any more, and keeps the rows that it had: igarape drop ${name}`),
  );
}

/** Lines of a table's file that are no rows. */
export function rejectedLines(lines: number): string {
  return lines === 1
    ? say('1 line is no row and was set aside')
    : say(`${count(lines)} lines are no rows and were set aside`);
}

/** Which engine has compared a table, where there is another one than DuckDB. */
export function comparedLine(by: ComparedBy): string {
  return by.engine === 'spark' ? say('compared by Spark') : told(`compared by DuckDB: ${by.reason}`);
}
