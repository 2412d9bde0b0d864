import picomatch from 'picomatch';
import type { TableState } from './port.ts';

/**
 * The names that match a glob, in their given order. Names are separated by `/`; letter case counts, the way in which
 * an accent is encoded does not. Files and folders that start with a dot, and `__MACOSX/`, never match: systems leave
 * them behind in archives and folders (`._clientes.csv`). A name that equals the pattern is the only match, so that
 * `vendas (1).csv` can be asked for as it is.
 */
export function matchNames(pattern: string, names: readonly string[]): string[] {
  const candidates = names.filter((name) => !name.split('/').some(isLeftBehind));
  if (candidates.includes(pattern)) return [pattern];
  const matches = picomatch(pattern.normalize(), { dot: true, windows: false });
  return candidates.filter((name) => matches(name.normalize()));
}

/** The one name that a table's pattern finds, or the state that the table has because there is not exactly one. */
export function findTable(pattern: string, names: readonly string[]): FoundTable {
  const matching = matchNames(pattern, names);
  const [name, ...others] = matching;
  if (name === undefined) return { kind: 'missing', pattern };
  if (others.length > 0) return { kind: 'ambiguous', pattern, names: matching };
  return { kind: 'found', name };
}

export type FoundTable =
  | { readonly kind: 'found'; readonly name: string }
  | Extract<TableState, { kind: 'missing' | 'ambiguous' }>;

/** Whether a file or folder is one that systems leave behind, and no data. */
export function isLeftBehind(baseName: string): boolean {
  return baseName.startsWith('.') || baseName === '__MACOSX';
}
