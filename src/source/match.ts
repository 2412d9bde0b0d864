import picomatch from 'picomatch';
import { chooseDate, DATE_MARK, datedNames, isDated, misdatedNames } from './dates.ts';
import type { FoundDate, TableRequest, TableState } from './port.ts';

/**
 * The names that match a glob, in their given order. Names are separated by `/`; letter case counts where a pattern
 * for one file finds it so, and else does not (`CLIENTES.CSV`); the way in which an accent is encoded never does. Files and folders that start with a dot, and `__MACOSX/`, never match: systems leave
 * them behind in archives and folders (`._clientes.csv`). A name that equals the pattern is the only match, so that
 * `vendas (1).csv` can be asked for as it is.
 */
export function matchNames(pattern: string, names: readonly string[]): string[] {
  const candidates = names.filter(isOfTheSource);
  if (candidates.includes(pattern)) return [pattern];
  const matching = (nocase: boolean): string[] => {
    const matches = matcher(pattern.normalize(), nocase);
    return candidates.filter((name) => matches(name.normalize()));
  };
  const exact = meansMany(pattern) ? [] : matching(false);
  return exact.length > 0 ? exact : matching(true);
}

/** A pattern all of whose signs are escaped is a name, whatever else is in it. */
function matcher(pattern: string, nocase: boolean): (name: string) => boolean {
  if (/^!|[*?[\]{}()|"]/.test(pattern.replaceAll(/\\./gs, '')))
    return picomatch(pattern, { dot: true, windows: false, nocase });
  const folded = (text: string): string => (nocase ? text.toLowerCase() : text);
  const name = folded(pattern.replaceAll(/\\(.)/gs, '$1'));
  return (other) => folded(other) === name;
}

/**
 * Whether all files that match a pattern are one table: it says so by `*`, `?` or `[…]` of its own. To look in every
 * folder (`**\/`), or for one of several names (`{csv,parquet}`), is to look for one file.
 */
export function meansMany(pattern: string): boolean {
  const own = pattern
    .replaceAll(DATE_MARK, '')
    .replaceAll(/\\./g, '')
    .replaceAll(/(?<=^|\/)\*\*\//g, '');
  return /[*?[]|[!+]\(/.test(own);
}

/** What a table's pattern finds, or the state that the table has because that is nothing, or more than one file. */
export function findTable(
  {
    pattern,
    isMany = meansMany(pattern),
    date: wanted = {},
  }: Pick<TableRequest, 'pattern' | 'isMany' | 'date'>,
  names: readonly string[],
): FoundTable {
  if (!isDated(pattern)) return foundOf(pattern, isMany, matchNames(pattern, names), names, undefined);
  const candidates = names.filter(isOfTheSource);
  const dated = datedNames(pattern, candidates);
  const next = chooseDate(
    dated.map((one) => one.date),
    wanted,
  );
  const date = next && {
    ...next,
    misdated: misdatedNames(pattern, candidates),
    earlier: dated.filter((one) => one.date < next.value),
  };
  const chosen = dated.filter((one) => one.date === date?.value);
  return foundOf(
    pattern,
    isMany,
    chosen.map(({ name }) => name),
    names,
    date,
  );
}

function foundOf(
  pattern: string,
  isMany: boolean,
  matching: readonly string[],
  names: readonly string[],
  date: FoundDate | undefined,
): FoundTable {
  const [name, ...others] = matching;
  const at = date === undefined ? {} : { date };
  if (name === undefined) return { kind: 'missing', pattern, names };
  if (isMany && (name !== pattern || !meansMany(pattern)))
    return { kind: 'many', names: matching.toSorted(), ...at };
  if (others.length > 0) return { kind: 'ambiguous', pattern, names: matching };
  return { kind: 'found', name, ...at };
}

export type FoundTable =
  | { readonly kind: 'found'; readonly name: string; readonly date?: FoundDate }
  | { readonly kind: 'many'; readonly names: readonly string[]; readonly date?: FoundDate }
  | Extract<TableState, { kind: 'missing' | 'ambiguous' }>;

/** The state of what was found, with its date. */
export function withDate(found: FoundTable, state: TableState): TableState {
  const date = 'date' in found ? found.date : undefined;
  const isThere = state.kind === 'present' || state.kind === 'unchanged';
  return isThere && date !== undefined ? { ...state, date } : state;
}

/** The names of the files that a table is read from. */
export function foundNames(found: FoundTable): readonly string[] {
  if (found.kind === 'many') return found.names;
  return found.kind === 'found' ? [found.name] : [];
}

/** Whether a table was last read from the file, or the files, that it is still configured to be read from. */
export function isStillMeant({ pattern, seen }: TableRequest): boolean {
  if (seen === undefined) return false;
  if (seen.hasLater === true) return false;
  if (seen.files !== undefined) return seen.name === pattern;
  return findTable({ pattern }, [seen.name]).kind === 'found';
}

function isOfTheSource(name: string): boolean {
  return !name.split('/').some(isLeftBehind);
}

/** Whether a file or folder is one that systems leave behind, and no data. */
export function isLeftBehind(baseName: string): boolean {
  return baseName.startsWith('.') || baseName === '__MACOSX';
}
