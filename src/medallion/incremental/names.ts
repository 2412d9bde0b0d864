import { isNode, type SqlNode } from '../../engine/sql-tree.ts';
import { column, operator } from './nodes.ts';
import {
  columnsIn,
  type From,
  type Item,
  isColumn,
  lower,
  mapExpression,
  nodesOf,
  nodesWithin,
  type Output,
  type Query,
  type Select,
  textOf,
  textsOf,
  wordsOf,
} from './tree.ts';

/** Why a query is computed as a whole of which not all names are known. */
export const UNKNOWN_COLUMNS = 'its SQL has columns in FROM that are not known';

/** The items whose columns a SELECT over FROM sees. */
export function visibleItems(from: From): readonly Item[] {
  if (from.kind === 'empty') return [];
  if (from.kind !== 'join') return [from];
  const isHalf = from.type === 'SEMI' || from.type === 'ANTI';
  return [...visibleItems(from.left), ...(isHalf ? [] : visibleItems(from.right))];
}

export function allItems(from: From): readonly Item[] {
  if (from.kind === 'empty') return [];
  return from.kind === 'join' ? [...allItems(from.left), ...allItems(from.right)] : [from];
}

/** What an item's columns are called; undefined where that is not known. */
export function columnsOf(item: Item): readonly string[] | undefined {
  if (item.kind === 'result') return item.names.length > 0 ? item.names : undefined;
  if (item.kind === 'rows') return item.names.length > 0 ? item.names : undefined;
  if (item.kind === 'leaf' && item.view !== undefined) return item.columns;
  const own = item.kind === 'leaf' ? item.columns : outputNames(item.query);
  return own?.map((name, index) => item.names[index] ?? name);
}

function hasColumn(item: Item, name: string | undefined): boolean {
  return columnsOf(item)?.some((each) => lower(each) === lower(name)) === true;
}

export function outputsOf(query: Query): readonly Output[] | undefined {
  return query.kind === 'select' ? query.outputs : outputsOf(query.left);
}

/** The names of a query's columns, each once, as the engine tells those apart that are called alike. */
export function outputNames(query: Query): readonly string[] | undefined {
  const taken = new Set<string>();
  return outputsOf(query)?.map(({ name = `_igarape_column` }, index) => {
    let unique = name;
    for (let count = 1; taken.has(lower(unique)); count += 1) unique = `${name}_${count}`;
    if (name === '_igarape_column') unique = `${name}_${index}`;
    taken.add(lower(unique));
    return unique;
  });
}

/** What stands for a column that USING makes one of two. */
function merged(from: From, name: string): SqlNode | undefined {
  if (from.kind !== 'join') return undefined;
  if (!from.using.includes(name)) {
    const isHalf = from.type === 'SEMI' || from.type === 'ANTI';
    return merged(from.left, name) ?? (isHalf ? undefined : merged(from.right, name));
  }
  const [left, right] = [find(from.left, name), find(from.right, name)];
  if (left === undefined || right === undefined) return undefined;
  if (from.type === 'FULL') return operator('OPERATOR_COALESCE', [left, right]);
  return from.type === 'RIGHT' ? right : left;
}

/** A column of FROM by its name, qualified; undefined where there is none, or several. */
function find(from: From, name: string): SqlNode | undefined {
  const one = merged(from, lower(name));
  if (one !== undefined) return one;
  const [item, other] = visibleItems(from).filter((each) => hasColumn(each, name));
  return item === undefined || other !== undefined ? undefined : column(item.alias, name);
}

/** A reference qualified; `outer` where it is to a query around, undefined where that is not certain. */
export function resolve(reference: SqlNode, from: From): SqlNode | 'outer' | undefined {
  const [first = '', second, ...more] = wordsOf(reference);
  const items = visibleItems(from);
  if (second !== undefined) {
    const item = items.find(({ alias }) => lower(alias) === lower(first));
    if (item !== undefined) {
      const isKnown = columnsOf(item) === undefined || hasColumn(item, second);
      return isKnown ? column(item.alias, second, ...more) : undefined;
    }
  }
  const own = find(from, first);
  if (own !== undefined) {
    if (second === undefined) return own;
    if (!isColumn(own)) return undefined;
    // What has no fields is not meant by a name with a point: a table around may be called as a column.
    return mayHaveFields(own, items) ? column(...wordsOf(own), second, ...more) : 'outer';
  }
  const mayBeOne = items.some((item) => columnsOf(item) === undefined || hasColumn(item, first));
  const isRow = items.some(({ alias }) => lower(alias) === lower(first));
  return mayBeOne || isRow ? undefined : 'outer';
}

/** Whether a column of some items may be a struct. */
function mayHaveFields(qualified: SqlNode, items: readonly Item[]): boolean {
  const [alias, name, ...more] = wordsOf(qualified);
  const item = items.find((each) => lower(each.alias) === lower(alias));
  const position = item === undefined ? -1 : positionOf(column(item.alias, name ?? ''), item);
  if (item === undefined || position < 0 || more.length > 0) return true;
  const known = item.kind === 'leaf' && item.view === undefined ? item.columns[position] : undefined;
  if (item.kind === 'leaf' && known !== undefined) return item.structs?.includes(lower(known)) ?? true;
  const query = item.kind === 'leaf' ? item.view : item.kind === 'sub' ? item.query : undefined;
  const expression = query && outputsOf(query)?.[position]?.expression;
  if (query?.kind !== 'select' || expression === undefined || !isColumn(expression)) return true;
  return mayHaveFields(expression, visibleItems(query.from));
}

/** True for a column of a query around. */
export function isOuter(reference: SqlNode, from: From): boolean {
  return resolve(reference, from) === 'outer';
}

/** An item of a select list by its alias. */
export function itemCalled(node: SqlNode, name: string | undefined): SqlNode | undefined {
  return nodesOf(node, 'select_list').find(
    (item) => textOf(item, 'alias') !== '' && lower(textOf(item, 'alias')) === lower(name),
  );
}

/**
 * An expression in qualified columns of FROM, aliases of the select list replaced; undefined where that is not certain.
 *
 * @param within The aliases that it stands for: none is replaced by itself, as where a column of its name is gone.
 */
export function qualify(
  expression: SqlNode,
  scope: Pick<Select, 'from' | 'node'>,
  within: readonly string[] = [],
): SqlNode | undefined {
  let isCertain = within.length < MOST_ALIASES;
  const qualified = mapExpression(expression, (node) => {
    if (UNCERTAIN.has(textOf(node, 'class'))) {
      isCertain = false;
      return node;
    }
    if (!isColumn(node)) return undefined;
    const found = resolve(node, scope.from);
    if (found !== undefined && found !== 'outer') return { ...found, alias: textOf(node, 'alias') };
    const [name, ...rest] = wordsOf(node);
    const isAlias = isCertain && rest.length === 0 && found === 'outer' && !within.includes(lower(name));
    const item = isAlias ? itemCalled(scope.node, name) : undefined;
    const inner = item && qualify({ ...item, alias: '' }, scope, [...within, lower(name)]);
    if (inner === undefined) isCertain = false;
    return inner ?? node;
  });
  return isCertain ? qualified : undefined;
}

const MOST_ALIASES = 20;
const UNCERTAIN: ReadonlySet<string> = new Set(['SUBQUERY', 'LAMBDA', 'STAR']);

/** A scope of FROM alone. */
export function scopeOf(from: From): Pick<Select, 'from' | 'node'> {
  return { from, node: {} };
}

export function withOutputs(query: Select): Select {
  const outputs: Output[] = [];
  for (const item of nodesOf(query.node, 'select_list')) {
    if (item['class'] === 'STAR') {
      const found = starOutputs(query, item);
      if (found === undefined) return query;
      outputs.push(...found);
    } else {
      // A row maker or `COLUMNS` deep in an item may make several columns.
      if ([...nodesWithin(item)].some((node) => node['class'] === 'STAR')) return query;
      const name = textOf(item, 'alias') || (isColumn(item) ? wordsOf(item).at(-1) : undefined);
      outputs.push({ name, expression: qualify({ ...item, alias: '' }, query) });
    }
  }
  return { ...query, outputs };
}

function starOutputs(query: Select, star: SqlNode): readonly Output[] | undefined {
  const isPlain = star['columns'] === false && !isNode(star['expr']);
  if (!isPlain || nodesOf(star, 'rename_list').length > 0) return undefined;
  if (Array.isArray(star['qualified_exclude_list']) && star['qualified_exclude_list'].length > 0)
    return undefined;
  const table = lower(textOf(star, 'relation_name'));
  const items = visibleItems(query.from).filter(({ alias }) => table === '' || lower(alias) === table);
  if (items.length === 0 || items.some((item) => columnsOf(item) === undefined)) return undefined;
  const excluded = new Set(textsOf(star, 'exclude_list').map(lower));
  const outputs: Output[] = [];
  const seen = new Set<string>();
  for (const item of items) {
    for (const name of columnsOf(item) ?? []) {
      const one = table === '' ? merged(query.from, lower(name)) : undefined;
      if (one !== undefined && seen.has(lower(name))) continue;
      seen.add(lower(name));
      if (excluded.has(lower(name))) continue;
      const other = nodesOf(star, 'replace_list').find((each) => lower(each['key']) === lower(name));
      const value = other?.['value'];
      const expression = isNode(value) ? qualify(value, query) : (one ?? column(item.alias, name));
      outputs.push({ name, expression });
    }
  }
  return outputs;
}

/** True where every column of an expression is of some items. */
export function isWithin(expression: SqlNode, from: From): boolean {
  const own = new Set(visibleItems(from).map(({ alias }) => lower(alias)));
  const used = columnsIn(expression).map((each) => lower(wordsOf(each)[0]));
  return used.length > 0 && used.every((alias) => own.has(alias));
}

/** The one item that an expression is of. */
export function itemOf(expression: SqlNode, from: From): Item | undefined {
  const aliases = new Set(columnsIn(expression).map((each) => lower(wordsOf(each)[0])));
  if (aliases.size !== 1) return undefined;
  return allItems(from).find(({ alias }) => aliases.has(lower(alias)));
}

/** The position of an item's column, for an expression that is no more than that; -1 for any other. */
export function positionOf(expression: SqlNode, item: Item): number {
  const [alias, name, ...more] = isColumn(expression) ? wordsOf(expression) : [];
  if (name === undefined || more.length > 0 || lower(alias) !== lower(item.alias)) return -1;
  return columnsOf(item)?.findIndex((each) => lower(each) === lower(name)) ?? -1;
}
