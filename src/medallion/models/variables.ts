import type { Told } from '../../core/language/sentence.ts';
import { canonicalTypeName, TYPE_NAMES } from '../../config/type-name.ts';
import type { VariableValue } from '../../config/config.ts';
import { type ColumnType, decimalParts, sqlType } from '../../core/schema.ts';
import type { Engine } from '../../engine/engine.ts';
import { quoteText } from '../../engine/quote.ts';
import { type Parsed, parsed, refused, suggestion } from './problem.ts';

/** A value that a model takes from the configuration or the command line: `-- var: since date = 2024-01-01`. */
export interface Variable {
  readonly name: string;
  readonly type: ColumnType;
  readonly isList: boolean;
  /** Undefined where it has to be given. */
  readonly initial: VariableValue | undefined;
  /** Counted from 1. */
  readonly line: number;
}

const DECLARED = /^([\p{L}_][\p{L}\p{N}_]*)\s+([^=[\]]+?)\s*(\[\s*\])?\s*(?:=\s*(.*))?$/u;
const ALLOWED: Told = `a name, a type (${TYPE_NAMES}; a list with []) and a default, e.g. since date = 2024-01-01`;

/** What stands behind `-- var:`. */
export function parseVariable(written: string, line: number): Parsed<Variable> {
  const [, name, typeName = '', brackets, initial] = DECLARED.exec(written) ?? [];
  const type = canonicalTypeName(typeName);
  if (name === undefined || type === undefined) return refused(JSON.stringify(written), ALLOWED);
  if (name.toLowerCase() === 'dt_ref')
    return refused('dt_ref', 'another name: $dt_ref is the date of a cube');
  return parsed({
    name,
    type,
    isList: brackets !== undefined,
    initial: initial === undefined ? undefined : initialOf(initial.trim()),
    line,
  });
}

function initialOf(written: string): VariableValue {
  if (written.toLowerCase() === 'null') return null;
  return /^'(?:[^']|'')*'$/.test(written) ? unquoted(written) : written;
}

/**
 * SQL of a variable's value: a literal of its type, whatever the value is.
 *
 * @returns Refused where the value is none of that type, or would lose a digit by it.
 */
async function literalOf(engine: Engine, variable: Variable, value: VariableValue): Promise<Parsed<string>> {
  const type = sqlType(variable.type);
  if (value === null) return parsed(`CAST(NULL AS ${type}${variable.isList ? '[]' : ''})`);
  const what = `${variable.type}${variable.isList ? '[]' : ''}`;
  if (typeof value !== 'string' && !variable.isList)
    return refused(`a list for $${variable.name}`, `a value of ${what}`);
  const literals: string[] = [];
  for (const each of variable.isList ? itemsOf(value) : [String(value)]) {
    const literal = await scalar(engine, variable.type, each);
    if (literal === undefined)
      return refused(`${JSON.stringify(each)} for $${variable.name}`, `a value of ${variable.type}`);
    literals.push(literal);
  }
  return parsed(variable.isList ? `CAST([${literals.join(', ')}] AS ${type}[])` : (literals[0] ?? ''));
}

async function scalar(engine: Engine, type: ColumnType, value: string): Promise<string | undefined> {
  const written = type === 'text' ? value : value.trim();
  if (value.includes('\0') || !(WRITTEN.get(type)?.test(written) ?? isDecimal(type, written)))
    return undefined;
  const [row] = await engine.rows(`SELECT CAST(TRY_CAST($1 AS ${sqlType(type)}) AS VARCHAR) AS value`, [
    written,
  ]);
  const found = row?.['value'];
  return typeof found === 'string' ? `CAST(${quoteText(found)} AS ${sqlType(type)})` : undefined;
}

/** How a value is written of which the engine would otherwise drop digits or a time of day. */
const WRITTEN: ReadonlyMap<ColumnType, RegExp> = new Map([
  ['bigint', /^[+-]?\d+$/],
  ['date', /^\d{4,6}-\d{1,2}-\d{1,2}$/],
  ['boolean', /^(?:true|false)$/i],
  ...(['double', 'timestamp', 'timestamptz', 'text'] as const).map((type) => [type, /^/] as const),
]);

function isDecimal(type: ColumnType, written: string): boolean {
  const fraction = /^[+-]?\d+(?:\.(\d+))?$/.exec(written);
  return fraction !== null && (fraction[1]?.length ?? 0) <= (decimalParts(type)?.scale ?? 0);
}

/** The items of a list: `boleto, 'cartão, débito'`, in brackets or not. */
function itemsOf(value: string | readonly string[]): readonly string[] {
  if (typeof value !== 'string') return value;
  const inner = /^\s*\[(.*)\]\s*$/s.exec(value)?.[1] ?? value;
  if (inner.trim() === '') return [];
  const items = inner.match(/(?:'(?:[^']|'')*'|"(?:[^"]|"")*"|[^,])+/g) ?? [];
  return items.map((item) => unquoted(item.trim()));
}

function unquoted(written: string): string {
  const sign = written.charAt(0);
  const isQuoted = (sign === "'" || sign === '"') && written.length > 1 && written.endsWith(sign);
  return isQuoted ? written.slice(1, -1).replaceAll(sign + sign, sign) : written;
}

/** The values that the configuration and the command line give. */
export class GivenVariables {
  readonly #engine: Engine;
  readonly #values: ReadonlyMap<string, VariableValue>;
  readonly #declared = new Set<string>();

  constructor(engine: Engine, values: Readonly<Record<string, VariableValue>>) {
    this.#engine = engine;
    this.#values = new Map(Object.entries(values));
  }

  /** SQL of a variable's value: the one that is given, else the one that its model begins with. */
  async literalOf(variable: Variable): Promise<Parsed<string>> {
    const { name, initial } = variable;
    this.#declared.add(name);
    const given = this.#values.get(name);
    const value = given === undefined ? initial : given;
    return value === undefined
      ? refused(`no value for $${name}`, 'one behind "=", in "vars" of the configuration, or by --var')
      : literalOf(this.#engine, variable, value);
  }

  /** What is told of values that no model asked for. */
  unknown(): readonly string[] {
    const declared = [...this.#declared];
    return [...this.#values.keys()]
      .filter((name) => !this.#declared.has(name))
      .map(
        (name) =>
          `no model has the variable ${name}${suggestion(name, declared)}; there are: ${declared.join(', ') || 'none'}`,
      );
  }
}
