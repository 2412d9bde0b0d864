import type { Expression } from './expression.ts';
import { numeral } from './literals.ts';
import type { PlanType } from './types.ts';

/**
 * The key of an entry of the allow-list: names, and what they take, e.g. `=, <>(PLAIN, PLAIN)`. An argument is some
 * types or groups of types (`DATE | TIMESTAMP`), which has to be a constant after `constant`, or one of some texts
 * (`'day' | 'month'`); `…` after the last: any number of these.
 */
export type Signature = string;

/** What stands for several types in a signature. */
export const GROUPS: Readonly<Record<string, readonly string[]>> = {
  INTEGERS: ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT'],
  EXACT: ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT', 'DECIMAL'],
  PLAIN: [
    'TINYINT',
    'SMALLINT',
    'INTEGER',
    'BIGINT',
    'HUGEINT',
    'DECIMAL',
    'DOUBLE',
    'BOOLEAN',
    'VARCHAR',
    'DATE',
    'TIMESTAMP',
    'TIMESTAMP WITH TIME ZONE',
  ],
};

/** Entries by signature, found by a name and arguments. */
export class Signatures<T> {
  readonly #byName = new Map<string, { readonly takes: readonly Pattern[]; readonly entry: T }[]>();

  constructor(entries: Readonly<Record<Signature, T>>) {
    for (const [signature, entry] of Object.entries(entries)) {
      const { names, takes } = parseSignature(signature);
      for (const name of names) {
        const known = this.#byName.get(name) ?? [];
        this.#byName.set(name, [...known, { takes, entry }]);
      }
    }
  }

  find(name: string, args: readonly Expression[]): T | undefined {
    return this.#byName.get(name)?.find(({ takes }) => takesThese(takes, args))?.entry;
  }
}

interface Pattern {
  readonly types: ReadonlySet<string>;
  readonly isConstant: boolean;
  readonly texts: readonly string[];
  readonly isRepeated: boolean;
}

export function parseSignature(signature: Signature): {
  names: readonly string[];
  takes: readonly Pattern[];
} {
  const [, names = '', list = ''] = /^(.+?)\((.*)\)$/.exec(signature) ?? [];
  return {
    names: names.split(', '),
    takes: list === '' ? [] : list.split(', ').map(pattern),
  };
}

function pattern(text: string): Pattern {
  const isRepeated = text.endsWith('…');
  const isConstant = text.startsWith('constant ');
  const words = text.replace('…', '').replace('constant ', '').split(' | ');
  const texts = words.filter((word) => word.startsWith("'")).map((word) => word.slice(1, -1));
  const types = words.filter((word) => !word.startsWith("'")).flatMap((word) => GROUPS[word] ?? [word]);
  return { types: new Set(types), isConstant, texts, isRepeated };
}

function takesThese(takes: readonly Pattern[], args: readonly Expression[]): boolean {
  const last = takes.at(-1);
  if (last?.isRepeated === true ? args.length < takes.length : args.length !== takes.length) return false;
  return args.every((arg, index) => takesThis(takes[index] ?? last, arg));
}

function takesThis(taken: Pattern | undefined, arg: Expression): boolean {
  if (taken === undefined) return false;
  const value = arg.kind === 'constant' && arg.value !== null ? numeral(arg.value).toLowerCase() : undefined;
  if (taken.texts.length > 0) return value !== undefined && taken.texts.includes(value);
  return (!taken.isConstant || value !== undefined) && isOf(taken.types, arg.type);
}

export function isOf(types: ReadonlySet<string>, type: PlanType): boolean {
  return types.has('ANY') ? type.spark !== undefined : types.has(type.id);
}
