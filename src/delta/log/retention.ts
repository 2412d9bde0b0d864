const UNIT_MS: Readonly<Record<string, number>> = {
  millisecond: 1,
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
};

/** How long removed files stay for readers of older versions. */
export function fileRetentionMs(configuration: Readonly<Record<string, string>>): number {
  return durationMs(configuration['delta.deletedFileRetentionDuration'] ?? 'interval 1 week');
}

/** How long commits stay in the log. */
export function logRetentionMs(configuration: Readonly<Record<string, string>>): number {
  return durationMs(configuration['delta.logRetentionDuration'] ?? 'interval 30 days');
}

/** A duration as properties spell it, e.g. `interval 1 week`; infinite where it cannot be read, so that nothing goes. */
export function durationMs(text: string): number {
  const parts = [...text.toLowerCase().matchAll(/(\d+)\s*([a-z]+)/g)];
  const rest = text.toLowerCase().replaceAll(/\d+\s*[a-z]+|interval|\s/g, '');
  if (parts.length === 0 || rest !== '') return Infinity;
  return parts.reduce((sum, [, count, unit]) => {
    const ms = UNIT_MS[unit?.replace(/s$/, '') ?? ''];
    return ms === undefined ? Infinity : sum + Number(count) * ms;
  }, 0);
}
