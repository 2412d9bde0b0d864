import picomatch from 'picomatch';

/**
 * The names that match a glob, in their given order. Names are separated by `/` and compared as they are written,
 * letter case included. Files and folders that start with a dot, and `__MACOSX/`, never match: systems leave them
 * behind in archives and folders (`._clientes.csv`). A name that equals the pattern is the only match, so that
 * `vendas (1).csv` can be asked for as it is.
 */
export function matchNames(pattern: string, names: Iterable<string>): string[] {
  const candidates = [...names].filter((name) => !name.split('/').some(isLeftBehind));
  if (candidates.includes(pattern)) return [pattern];
  const matches = picomatch(pattern, { dot: true, windows: false });
  return candidates.filter((name) => matches(name));
}

function isLeftBehind(part: string): boolean {
  return part.startsWith('.') || part === '__MACOSX';
}
