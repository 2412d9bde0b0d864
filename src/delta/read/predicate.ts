import { IgarapeError } from '../../core/errors.ts';
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
  const enclosed = await parseSql(engine, `SELECT 1 WHERE (${where}\n)`);
  // `a) OR (b` is a condition in brackets alone.
  const bare = await parseSql(engine, `SELECT 1 WHERE ${where}\n`);
  const plain = await parseSql(engine, 'SELECT 1 WHERE (true)');
  const reason = isJsonObject(enclosed) ? enclosed['error_message'] : undefined;
  if (typeof reason === 'string') throw refusedCondition(where, reason);
  const condition = selectOf(enclosed)?.['where_clause'];
  // Whatever else the text smuggles in, it is another statement than this one with the condition put in.
  if (
    !isJsonObject(condition) ||
    shapeOf(enclosed) !== shapeOf(bare) ||
    shapeOf(withNode(enclosed, 'where_clause', null)) !== shapeOf(withNode(plain, 'where_clause', null))
  ) {
    throw refusedCondition(where, 'it is not one condition');
  }
  refuseOutside(where, condition);
  return withTextDoubles(condition);
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
 * does not take for a double.
 */
function withTextDoubles(node: Expression): Expression {
  const constant = node['class'] === 'CONSTANT' ? node['value'] : undefined;
  const type = isJsonObject(constant) ? constant['type'] : undefined;
  if (isJsonObject(constant) && isJsonObject(type) && isFloat(type['id']) && constant['is_null'] === false) {
    const text = {
      ...constant,
      type: { ...type, id: 'VARCHAR' },
      value: formatJson(constant['value'] ?? null),
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
  const tree = withNode(await parseSql(engine, 'SELECT 1'), 'select_list', [expression]);
  const [row] = await engine.rows('SELECT json_deserialize_sql(CAST(? AS JSON)) AS sql', [formatJson(tree)]);
  const sql = row?.['sql'];
  if (typeof sql !== 'string') throw new RangeError('DuckDB gave no text for an expression.');
  return `(${sql.replace(/^SELECT\s+/i, '')})`;
}

export function refusedCondition(where: string, reason: string): IgarapeError {
  return new IgarapeError('DELTA_QUERY', `The condition ${where} cannot be used: ${reason.split('\n')[0]}`, {
    hint: "Write it as after WHERE in SQL, e.g. points > 100 AND state = 'SP'.",
  });
}

async function parseSql(engine: Engine, sql: string): Promise<Json> {
  const [row] = await engine.rows(`SELECT CAST(json_serialize_sql(${quoteText(sql)}) AS VARCHAR) AS tree`);
  const tree = row?.['tree'];
  if (typeof tree !== 'string') throw new RangeError('DuckDB took no statement apart.');
  return parseJson(tree);
}

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
