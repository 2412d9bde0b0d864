import { sameName } from '../../core/schema.ts';
import { PROCESS_FUNCTIONS, PURE_TABLE_FUNCTIONS, UNSTABLE_FUNCTIONS } from '../../engine/functions.ts';
import { fullName, type Layer, LAYERS } from '../layer.ts';
import { OWN_NAMES } from '../../snapshot/column-names.ts';
import { suggestion } from './problem.ts';
import type { Found, Named, References } from './references.ts';

/** Why a part of a statement may not stand in a model, and where. */
export type Refusal = Found<string>;

/** What SQL reads the clock by without parentheses; the parser takes them for columns. */
const CLOCK_WORDS = ['current_date', 'current_timestamp', 'current_time', 'localtime', 'localtimestamp'];

/** Macros over the clock, and functions that ask the session or draw lots though the engine calls them consistent. */
const OTHER_UNSTABLE = [
  'ago',
  'current_localtime',
  'current_localtimestamp',
  'pg_conf_load_time',
  'pg_postmaster_start_time',
  'reservoir_quantile',
];

/** The engine's functions whose value does not follow from their arguments alone, in lower case. */
export const UNSTABLE: ReadonlySet<string> = new Set([
  ...UNSTABLE_FUNCTIONS,
  ...CLOCK_WORDS,
  ...OTHER_UNSTABLE,
]);

export interface RefusalRules {
  readonly layers: readonly Layer[];
  /** The parameters that may stand there, without `$`. */
  readonly parameters: readonly string[];
  /** What to say instead of the clock; undefined where it may be read. */
  readonly insteadOfClock: string | undefined;
  /** The full names of tables that there are, for suggestions. */
  readonly known: readonly string[];
}

/** Everything that a statement names and that may not be there. */
export function refusalsOf(references: References, rules: RefusalRules): readonly Refusal[] {
  return references.flatMap(({ value, offset }) => {
    const reason = refusalOf(value, rules);
    return reason === undefined ? [] : [{ value: reason, offset }];
  });
}

/** Why a part of a statement may not be there; undefined where it may. */
function refusalOf(
  named: Named,
  { layers, parameters, insteadOfClock, known }: RefusalRules,
): string | undefined {
  const allowed = layers.map((layer) => `${layer}.<table>`).join(' or ');
  const atClock = (does: string): string | undefined =>
    insteadOfClock &&
    `${does}, which has another value each time, so that the table could not be kept up to date; allowed: ${insteadOfClock}`;
  switch (named.kind) {
    case 'stranger':
      return `reads ${named.name}${nearTable(named.name, known)}; allowed: ${allowed}, and names of WITH`;
    case 'table':
      if (layers.includes(named.table.layer)) return undefined;
      return `reads ${fullName(named.table)}; allowed: ${allowed}`;
    case 'table function':
      if (PURE_TABLE_FUNCTIONS.includes(named.name)) return undefined;
      return `reads ${named.name}(…), which is outside of the lake; allowed: ${allowed}, and ${PURE_TABLE_FUNCTIONS.join(', ')}`;
    case 'function':
      if (PROCESS_FUNCTIONS.includes(named.name))
        return `calls ${named.name}(), which is outside of the lake; allowed: what follows from rows`;
      return UNSTABLE.has(named.name) || isAgeUntilNow(named) ? atClock(`calls ${named.name}()`) : undefined;
    case 'word':
      return CLOCK_WORDS.includes(named.name) ? atClock(`reads ${named.name}`) : undefined;
    case 'own name':
      return `has the name ${named.name}; allowed: names that do not begin with ${OWN_NAMES}, as igarape's own do`;
    case 'parameter': {
      if (parameters.some((each) => sameName(each, named.name))) return undefined;
      const called = /^\d+$/.test(named.name) ? `number ${named.name}` : `$${named.name}`;
      return `has the parameter ${called}; allowed: ${parameters.map((each) => `$${each}`).join(', ') || 'none, but those of -- var: name type = value'}`;
    }
    case 'sample':
      return 'draws a sample of rows, another one each time; allowed: a WHERE';
    case 'at':
      return 'reads a version of a table by AT; allowed: the table alone, for the run chooses versions';
    case 'show':
      return 'describes tables; allowed: their rows';
    default:
      return named satisfies never;
  }
}

/** `age(t)` counts from today, `age(t, u)` does not. */
function isAgeUntilNow(called: { readonly name: string; readonly arguments: number }): boolean {
  return called.name === 'age' && called.arguments === 1;
}

function nearTable(written: string, known: readonly string[]): string {
  const name = written.toLowerCase();
  const same = known.find((each) => LAYERS.some((layer) => each.toLowerCase() === `${layer}.${name}`));
  return same === undefined ? suggestion(written, known) : ` (did you mean ${JSON.stringify(same)}?)`;
}
