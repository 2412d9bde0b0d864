import type { Engine } from '../../engine/engine.ts';
import { isJsonObject, type Json } from '../protocol/json.ts';
import { parsePredicate } from '../read/predicate.ts';

/**
 * A condition that a table keeps for its rows, written for Spark, as SQL for DuckDB; undefined where it may mean
 * something else there.
 */
export async function sparkCondition(engine: Engine, text: string): Promise<string | undefined> {
  const sql = respell(text);
  if (sql === undefined) return undefined;
  try {
    return isCommon(await parsePredicate(engine, sql)) ? sql : undefined;
  } catch {
    return undefined;
  }
}

/** Spark quotes names with backticks, and texts with double quotes, too, and escapes with a backslash. */
function respell(text: string): string | undefined {
  if (text.includes('\\')) return undefined;
  return text.replaceAll(/'(?:[^']|'')*'|"[^"]*"|`(?:[^`]|``)*`/g, (token) => {
    const inner = token.slice(1, -1);
    if (token.startsWith('"')) return `'${inner.replaceAll("'", "''")}'`;
    return token.startsWith('`') ? `"${inner.replaceAll('``', '`').replaceAll('"', '""')}"` : token;
  });
}

const COMMON_CLASSES = new Set([
  'COMPARISON',
  'CONJUNCTION',
  'OPERATOR',
  'CONSTANT',
  'COLUMN_REF',
  'BETWEEN',
]);

/** Functions and operators that give the same in both. */
const COMMON_FUNCTIONS = new Set(['+', '-', '*', 'abs', 'lower', 'upper', 'length', 'coalesce', 'trim']);

function isCommon(node: Json): boolean {
  if (Array.isArray(node)) return node.every((item: Json) => isCommon(item));
  if (!isJsonObject(node)) return true;
  const kind = node['class'];
  if (typeof kind === 'string' && typeof node['type'] === 'string') {
    if (kind === 'FUNCTION') {
      const name = node['function_name'];
      if (typeof name !== 'string' || !COMMON_FUNCTIONS.has(name.toLowerCase())) return false;
    } else if (!COMMON_CLASSES.has(kind)) return false;
  }
  return Object.values(node).every((value) => isCommon(value));
}
