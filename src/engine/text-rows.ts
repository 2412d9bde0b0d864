import { quoteName } from './quote.ts';

/** A row's values as the engine writes them, by column; null for none. */
export type TextRow = Readonly<Record<string, string | null>>;

/** SQL: columns as a list of texts. @param from Of their rows, with a point. */
export function textList(names: readonly string[], from: '' | `${string}.` = ''): string {
  return `[${names.map((name) => `CAST(${from}${quoteName(name)} AS VARCHAR)`).join(', ')}]`;
}

/** What such a list holds, by column. */
export function textRow(names: readonly string[], values: unknown): TextRow {
  const list: readonly unknown[] = Array.isArray(values) ? values : [];
  return Object.fromEntries(names.map((name, index) => [name, textOrNull(list[index])]));
}

export function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
