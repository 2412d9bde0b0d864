import type { Said } from '../../core/language/sentence.ts';
import { IgarapeError, textOf } from '../../core/errors.ts';
import type { Engine } from '../../engine/engine.ts';
import { PROCESS_FUNCTIONS } from '../../engine/functions.ts';
import { quoteText } from '../../engine/quote.ts';
import { nodesIn } from '../../engine/sql-tree.ts';
import { formatJson, isJsonObject, type Json, type JsonObject, parseJson } from '../protocol/json.ts';

/** A SQL expression as DuckDB's parser takes it apart: nodes with `class` and `type`. */
export type Expression = JsonObject;

/**
 * Takes a SQL condition apart. What it names is not looked up, and nothing is run.
 *
 * @throws IgarapeError DELTA_QUERY where it is no single expression
 */
export async function parsePredicate(engine: Engine, where: string): Promise<Expression> {
  const [condition = {}] = await parseExpressions(engine, [where], refusedCondition);
  refuseOutside(where, condition);
  return withTextDoubles(condition);
}

/**
 * Holds that each text is one SQL expression, whatever that reads: conditions on rows, and values for columns.
 *
 * @throws IgarapeError DELTA_QUERY
 */
export async function checkExpressions(
  engine: Engine,
  conditions: readonly string[],
  values: readonly string[],
): Promise<void> {
  await checkEach(engine, conditions, refusedCondition);
  await checkEach(engine, values, refusedValue);
}

async function checkEach(
  engine: Engine,
  texts: readonly string[],
  refused: (text: string, reason: Said) => IgarapeError,
): Promise<void> {
  const others = texts.filter((text) => !HELD.has(text));
  await parseExpressions(engine, others, refused);
  if (HELD.size + others.length > MOST_HELD) HELD.clear();
  for (const text of others) HELD.add(text);
}

/** Texts that were held to be one expression: a program has the same ones for each of its tables. */
const HELD = new Set<string>();
const MOST_HELD = 1000;

/** Takes SQL expressions apart. @throws IgarapeError as `refused` makes it where one is no single expression */
async function parseExpressions(
  engine: Engine,
  texts: readonly string[],
  refused: (text: string, reason: Said) => IgarapeError,
): Promise<Expression[]> {
  if (texts.length === 0) return [];
  for (const text of texts)
    if (text.includes('\0')) throw refused(text, 'a NUL character cannot stand in it');
  const statements = texts.flatMap((text) => [
    `SELECT 1 WHERE (${text}\n)`,
    // `a) OR (b` is an expression in brackets alone.
    `SELECT 1 WHERE ${text}\n`,
  ]);
  const [plain = null, ...trees] = await parseSql(engine, ['SELECT 1 WHERE (true)', ...statements]);
  return texts.map((text, index) => {
    const [enclosed = null, bare = null] = trees.slice(2 * index);
    const reason = isJsonObject(enclosed) ? enclosed['error_message'] : undefined;
    if (typeof reason === 'string') throw refused(text, { quoted: reason });
    const expression = selectOf(enclosed)?.['where_clause'];
    // Whatever else the text smuggles in, it is another statement than this one with the expression put in.
    if (
      !isJsonObject(expression) ||
      shapeOf(enclosed) !== shapeOf(bare) ||
      shapeOf(withNode(enclosed, 'where_clause', null)) !== shapeOf(withNode(plain, 'where_clause', null))
    ) {
      throw refused(text, 'it is not one expression');
    }
    return expression;
  });
}

/** A condition is about the columns of a row: it reads no other table or file, and does nothing beside. */
function refuseOutside(where: string, condition: JsonObject): void {
  for (const node of nodesIn(condition)) {
    const { type, function_name: called } = node;
    if (type === 'BASE_TABLE' || type === 'TABLE_FUNCTION')
      throw refusedCondition(where, 'it reads something else than the columns of the table');
    if (typeof called === 'string' && PROCESS_FUNCTIONS.includes(called.toLowerCase()))
      throw refusedCondition(where, `it calls ${called}()`);
  }
}

/**
 * The same with doubles as text that is cast: JSON as JavaScript writes it makes `1e9` an integer, which DuckDB then
 * does not take for a double, and has no infinity.
 */
function withTextDoubles(node: Expression): Expression {
  const constant = node['class'] === 'CONSTANT' ? node['value'] : undefined;
  const type = isJsonObject(constant) ? constant['type'] : undefined;
  if (isJsonObject(constant) && isJsonObject(type) && isFloat(type['id']) && constant['is_null'] === false) {
    const { value = null } = constant;
    const text = {
      ...constant,
      type: { ...type, id: 'VARCHAR' },
      value: typeof value === 'string' ? value : formatJson(value),
    };
    return {
      ...node,
      class: 'CAST',
      type: 'OPERATOR_CAST',
      child: { ...node, value: text },
      cast_type: type,
      try_cast: false,
    };
  }
  return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, textDoublesIn(value)]));
}

function textDoublesIn(value: Json): Json {
  if (Array.isArray(value)) return value.map(textDoublesIn);
  return isJsonObject(value) ? withTextDoubles(value) : value;
}

function isFloat(id: Json | undefined): boolean {
  return id === 'DOUBLE' || id === 'FLOAT';
}

/** The SQL text of an expression. */
export async function expressionSql(engine: Engine, expression: Expression): Promise<string> {
  const [select = null] = await parseSql(engine, ['SELECT 1']);
  const tree = withNode(select, 'select_list', [expression]);
  const [row] = await engine.rows('SELECT json_deserialize_sql(CAST(? AS JSON)) AS sql', [formatJson(tree)]);
  const sql = row?.['sql'];
  if (typeof sql !== 'string') throw new RangeError('DuckDB gave no text for an expression.');
  return `(${sql.replace(/^SELECT\s+/i, '')})`;
}

export function refusedCondition(where: string, reason: Said): IgarapeError {
  return new IgarapeError(
    'DELTA_QUERY',
    `The condition ${where} cannot be used: ${firstLine(textOf(reason))}`,
    {
      hint: "Write it as after WHERE in SQL, e.g. points > 100 AND state = 'SP'.",
    },
  );
}

function refusedValue(value: string, reason: Said): IgarapeError {
  return new IgarapeError('DELTA_QUERY', `The value ${value} cannot be set: ${firstLine(textOf(reason))}`, {
    hint: 'Write it as after SET in SQL, e.g. points + 1.',
  });
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}

async function parseSql(engine: Engine, statements: readonly string[]): Promise<Json[]> {
  const trees = statements.map(
    (sql, index) => `CAST(json_serialize_sql(${quoteText(sql)}) AS VARCHAR) AS t${index}`,
  );
  const [row = {}] = await engine.rows(`SELECT ${trees.join(', ')}`);
  return statements.map((_, index) =>
    parseJson(String(row[`t${index}`]).replaceAll(INFINITE, '"value":"$1"')),
  );
}

/** A constant such as `1e400`, in JSON that no other reader takes; inside of texts, quotes are escaped. */
const INFINITE = /"value":(-?Infinity)/g;

function selectOf(tree: Json): JsonObject | undefined {
  const statements = isJsonObject(tree) ? tree['statements'] : undefined;
  const statement: Json | undefined =
    Array.isArray(statements) && statements.length === 1 ? statements[0] : undefined;
  const node = isJsonObject(statement) ? statement['node'] : undefined;
  return isJsonObject(node) ? node : undefined;
}

/** The statement with one part of its SELECT replaced; null where it is not one SELECT. */
function withNode(tree: Json, part: string, value: Json): Json {
  const select = selectOf(tree);
  if (!isJsonObject(tree) || select === undefined) return null;
  return { ...tree, statements: [{ node: { ...select, [part]: value }, named_param_map: [] }] };
}

/** A tree without the places in the text that its parts come from. */
function shapeOf(tree: Json): string {
  return formatJson(tree).replaceAll(/"query_location":\d+/g, '');
}
