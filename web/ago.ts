const SPANS = [
  ['year', 31_557_600_000],
  ['month', 2_629_800_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

/** Tells how long ago something was, or in how long it will be, of milliseconds from now. */
export function teller(language: string): (ms: number) => string {
  const relative = new Intl.RelativeTimeFormat(language);
  const now = new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(0, 'second');
  return (ms) => {
    // In the longest that fits twice: what is told as one of them could be nearly two.
    const [span, length] = SPANS.find(([, each]) => Math.abs(ms) >= 2 * each) ?? ['minute', 60_000];
    const many = Math.round(ms / length);
    return many === 0 ? now : relative.format(many, span);
  };
}
