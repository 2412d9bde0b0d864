import { sameName } from '../../core/schema.ts';
import { PROCESS_FUNCTIONS, PURE_TABLE_FUNCTIONS, UNSTABLE_FUNCTIONS } from '../../engine/functions.ts';
import { type Layer, LAYERS } from '../layer.ts';
import { suggestion } from './problem.ts';
import type { Found, References } from './references.ts';

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
  const allowed = rules.layers.map((layer) => `${layer}.<table>`).join(' or ');
  return [
    ...references.strangers.map(({ value, offset }) => ({
      value: `reads ${value}${nearTable(value, rules.known)}; allowed: ${allowed}, and names of WITH`,
      offset,
    })),
    ...references.tables
      .filter(({ value }) => !rules.layers.includes(value.layer))
      .map(({ value, offset }) => ({
        value: `reads ${value.layer}.${value.name}; allowed: ${allowed}`,
        offset,
      })),
    ...references.tableFunctions
      .filter(({ value }) => !PURE_TABLE_FUNCTIONS.includes(value))
      .map(({ value, offset }) => ({
        value: `reads ${value}(…), which is outside of the lake; allowed: ${allowed}, and ${PURE_TABLE_FUNCTIONS.join(', ')}`,
        offset,
      })),
    ...references.functions
      .filter(({ value }) => PROCESS_FUNCTIONS.includes(value.name))
      .map(({ value, offset }) => ({
        value: `calls ${value.name}(), which is outside of the lake; allowed: what follows from rows`,
        offset,
      })),
    ...references.parameters
      .filter(({ value }) => !rules.parameters.some((each) => sameName(each, value)))
      .map(({ value, offset }) => ({
        value: `has the parameter ${/^\d+$/.test(value) ? `number ${value}` : `$${value}`}; allowed: ${rules.parameters.map((each) => `$${each}`).join(', ') || 'none, but those of -- var: name type = value'}`,
        offset,
      })),
    ...references.clauses.map(({ value, offset }) => ({ value: CLAUSES[value], offset })),
    ...clockReadings(references, rules),
  ];
}

const CLAUSES = {
  sample: 'draws a sample of rows, another one each time; allowed: a WHERE',
  at: 'reads a version of a table by AT; allowed: the table alone, for the run chooses versions',
  show: 'describes tables; allowed: their rows',
} as const;

function clockReadings({ functions, words }: References, rules: RefusalRules): Refusal[] {
  const { insteadOfClock } = rules;
  if (insteadOfClock === undefined) return [];
  const why = `another value each time, so that the table could not be kept up to date; allowed: ${insteadOfClock}`;
  return [
    ...functions
      .filter(({ value }) => UNSTABLE.has(value.name) || isAgeUntilNow(value))
      .map(({ value, offset }) => ({ value: `calls ${value.name}(), which has ${why}`, offset })),
    ...words
      .filter(({ value }) => CLOCK_WORDS.includes(value))
      .map(({ value, offset }) => ({ value: `reads ${value}, which has ${why}`, offset })),
  ];
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
