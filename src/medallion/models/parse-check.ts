import type { Said, Told } from '../../core/language/sentence.ts';
import type { Check, CheckRule } from '../checks/check.ts';
import { fullName, LAYERS } from '../layer.ts';
import { type Parsed, parsed, refused, suggestion } from './problem.ts';
import { columnList, dottedName, isSign, splitAtCommas, type Token, tokensOf } from './tokens.ts';

/** Each form of a check, for messages. */
const CHECK_FORMS = {
  not_null: 'not_null(column, …)',
  unique: 'unique(column, …)',
  accepted_values: `accepted_values(column, 'value', …)`,
  relationship: 'relationship(column, silver.table.column)',
  row_count: 'row_count between 1 and 100, or row_count >= 1',
} as const satisfies Record<string, Told>;

type Form = keyof typeof CHECK_FORMS;

/**
 * The check that a header asks for, e.g. `unique(idCliente)`, `row_count >= 1`, or a SELECT that must give no row,
 * which is taken as it is.
 */
export function parseCheck(text: string, severity: Check['severity'] = 'error'): Parsed<Check> {
  const rule = parseRule(text);
  return rule.kind === 'refused' ? rule : parsed({ rule: rule.value, severity, text });
}

function parseRule(text: string): Parsed<CheckRule> {
  if (/^(?:select|with|from)\b/i.test(text)) return parsed({ kind: 'sql', sql: text.replace(/\s*;$/, '') });
  const [word = ''] = /^\w*/.exec(text) ?? [];
  const form = FORMS.find((each) => each === word.toLowerCase());
  if (form === undefined) return refused(`${show(text)}${suggestion(word, FORMS)}`, ALL_FORMS);
  const tokens = tokensOf(text.slice(word.length));
  const rule =
    tokens && (form === 'row_count' ? rowCount(tokens) : withArguments(form, between(tokens) ?? []));
  return rule === undefined ? refused(show(text), CHECK_FORMS[form]) : parsed(rule);
}

const FORMS: readonly Form[] = ['not_null', 'unique', 'accepted_values', 'relationship', 'row_count'];
const ALL_FORMS: Said = {
  quoted: [...Object.values(CHECK_FORMS), 'a SELECT that must give no row' satisfies Told].join('; '),
};

function withArguments(form: Exclude<Form, 'row_count'>, tokens: readonly Token[]): CheckRule | undefined {
  switch (form) {
    case 'not_null':
    case 'unique': {
      const columns = columnList(tokens);
      return columns && { kind: form, columns };
    }
    case 'accepted_values':
      return acceptedValues(splitAtCommas(tokens));
    case 'relationship':
    default:
      return relationship(splitAtCommas(tokens));
  }
}

function acceptedValues([first = [], ...rest]: readonly (readonly Token[])[]): CheckRule | undefined {
  const [column, ...more] = dottedName(first) ?? [];
  const values = rest.map((item) => {
    const [value, ...others] = item;
    return value !== undefined && others.length === 0 && isLiteral(value) ? value.value : undefined;
  });
  if (column === undefined || more.length > 0 || values.length === 0) return undefined;
  if (!values.every((value) => value !== undefined)) return undefined;
  return { kind: 'accepted_values', column, values };
}

function isLiteral(token: Token): boolean {
  if (token.kind === 'name') return !token.quoted && /^(?:true|false)$/i.test(token.value);
  return token.kind !== 'sign';
}

function relationship(items: readonly (readonly Token[])[]): CheckRule | undefined {
  const [from = [], to = [], ...more] = items;
  const [column, ...others] = dottedName(from) ?? [];
  const [layerName, name, toColumn, ...rest] = dottedName(to) ?? [];
  const layer = LAYERS.find((each) => each === layerName?.toLowerCase());
  if (more.length > 0 || others.length > 0 || rest.length > 0) return undefined;
  if (column === undefined || layer === undefined || name === undefined || toColumn === undefined) {
    return undefined;
  }
  return { kind: 'relationship', column, toTable: fullName({ layer, name }), toColumn };
}

function rowCount(tokens: readonly Token[]): CheckRule | undefined {
  const words = tokens.map(({ value }) => value.toLowerCase()).join(' ');
  const [, from, to] = /^between (\d+) and (\d+)$/.exec(words) ?? [];
  if (from !== undefined && to !== undefined) return rowCountOf(Number(from), Number(to));
  const [, sign = '', bound] = /^(>=|<=|=|>|<) (\d+)$/.exec(words) ?? [];
  if (bound === undefined) return undefined;
  const number = Number(bound);
  if (sign === '=') return rowCountOf(number, number);
  if (sign.startsWith('>')) return rowCountOf(sign === '>' ? number + 1 : number, Number.MAX_SAFE_INTEGER);
  return rowCountOf(0, sign === '<' ? number - 1 : number);
}

function rowCountOf(min: number, max: number): CheckRule | undefined {
  return min <= max && Number.isSafeInteger(max) ? { kind: 'row_count', min, max } : undefined;
}

/** What stands in the parentheses that the tokens are. */
function between(tokens: readonly Token[]): readonly Token[] | undefined {
  return isSign(tokens[0], '(') && isSign(tokens.at(-1), ')') ? tokens.slice(1, -1) : undefined;
}

function show(text: string): string {
  return text === '' ? 'nothing' : JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}…` : text);
}
