/** Numbers, sizes and times as tables show them. */

export function count(value: number): string {
  return value.toLocaleString('en');
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
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** `2026-01-10 12:00:00` of an ISO time, as it is. */
export function secondsOf(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ');
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
  if (span === undefined) return 'now';
  const amount = Math.round(Math.abs(ms) / span.ms);
  const words = `${amount} ${span.unit}${amount === 1 ? '' : 's'}`;
  return ms < 0 ? `${words} ago` : `in ${words}`;
}

/** One line of text without characters that a terminal obeys, at most `width` long. */
export function cell(text: string, width = 60): string {
  // oxlint-disable-next-line no-control-regex
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (character) => ESCAPES[character] ?? '\u{fffd}');
  const characters = Array.from(line);
  return characters.length <= width ? line : `${characters.slice(0, width - 1).join('')}…`;
}

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The cells of a column, flush right. */
export function flushRight(cells: readonly string[]): string[] {
  const width = Math.max(0, ...cells.map((each) => each.length));
  return cells.map((each) => each.padStart(width));
}

/** Tables of the layers that nothing makes any more, and what to do about them. */
export function orphanLines(orphans: readonly string[] = []): string[] {
  return orphans.map(
    (name) => `${name} has no model any more, and keeps the rows that it had: igarape drop ${name}`,
  );
}

/** Lines of a table's file that are no rows. */
export function rejectedLines(lines: number): string {
  return `${count(lines)} ${lines === 1 ? 'line is no row and was' : 'lines are no rows and were'} set aside`;
}
