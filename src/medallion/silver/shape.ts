import { isNode, nodesIn, type SqlNode } from '../../engine/sql-tree.ts';
import type { ModelHeader } from '../models/model.ts';
import { BRONZE_COLUMNS } from '../source-views.ts';
import { isOrderFree } from './aggregates.ts';
import { namesOf, type Resolved, Scope } from './columns.ts';
import { type Equality, equalitiesOf } from './equalities.ts';
import { type From, type Mention, readFrom } from './from.ts';
import { keyExpressions } from './key-expression.ts';
import { stepsFrom } from './walk.ts';

/** A model whose rows can be told from the changes of its sources. */
export interface Incremental {
  readonly kind: 'incremental';
  /** The SELECT. */
  readonly select: SqlNode;
  readonly from: From;
  /** Of each mention in FROM, the columns that the SELECT can see and names. */
  readonly columns: readonly (readonly string[])[];
  readonly keys: readonly KeyColumn[];
  readonly equalities: readonly Equality[];
  readonly header: ShapeInput['header'];
}

export interface KeyColumn {
  readonly name: string;
  readonly value: Resolved;
}

/** A model that can only be computed as a whole. */
export interface Whole {
  readonly kind: 'rebuild';
  /** For users: "its SQL uses DISTINCT". */
  readonly reason: string;
}

export interface ShapeInput {
  /** Of the model's one statement. */
  readonly tree: SqlNode;
  readonly header: Pick<ModelHeader, 'key' | 'joins'>;
  /** The columns of a table that FROM mentions. */
  readonly columnsOf: (mention: Mention) => readonly string[];
  /** The names of the engine's aggregate functions. */
  readonly aggregates: ReadonlySet<string>;
}

/** Whether a model's rows can be told from the changes of its sources; where not, why. */
export function classify({ tree, header, columnsOf, aggregates }: ShapeInput): Incremental | Whole {
  const select = selectOf(tree);
  const refused = select === undefined ? 'combines queries' : refusedPart(select, aggregates);
  if (select === undefined || refused !== undefined) return whole(`its SQL ${refused ?? ''}`);
  const table = select['from_table'];
  const from = isNode(table) ? readFrom(table) : undefined;
  if (from?.kind !== 'read') return whole(`its SQL ${from?.reason ?? 'reads no table'}`);
  const seen = from.mentions.map((mention) => visibleColumns(mention, columnsOf(mention), select));
  const items = itemsOf(select);
  const scope = new Scope(
    from,
    seen.map((names) => new Set(names.map((name) => name.toLowerCase()))),
    itemAliases(items),
  );
  const keys: KeyColumn[] = [];
  for (const name of header.key) {
    const [value] = keyExpressions(name, items).flatMap((each) => scope.resolve(each) ?? []);
    if (value === undefined) return whole(`where its key column ${name} comes from is not certain`);
    if (callsOne(value.expression, aggregates)) return whole(`its key column ${name} is an aggregate`);
    keys.push({ name, value });
  }
  const equalities = equalitiesOf(from, scope, select['where_clause'], header.joins);
  const columns = from.mentions.map((mention) => readColumns(mention, columnsOf(mention), select, header));
  const reason = unreachable({ from, keys, equalities });
  return reason === undefined
    ? { kind: 'incremental', select, from, columns, keys, equalities, header }
    : whole(reason);
}

/** The one SELECT of a statement; undefined for UNION and its like. */
export function selectOf(tree: SqlNode): SqlNode | undefined {
  const [statement]: unknown[] = Array.isArray(tree['statements']) ? tree['statements'] : [];
  const node = isNode(statement) ? statement['node'] : undefined;
  return isNode(node) && node['type'] === 'SELECT_NODE' ? node : undefined;
}

/** True for a table that may have no row in a row of the result. */
export function isOptional({ joins }: From, mention: number): boolean {
  return joins.some(({ kind, right }) => kind === 'left' && right.has(mention));
}

/** The tables that key columns come from. */
export function keyMentions(keys: readonly KeyColumn[]): ReadonlySet<number> {
  return new Set(keys.flatMap(({ value }) => [...value.mentions]));
}

/** Of each table that surely has a row in every row of the result, the key columns that come from it alone. */
export function ownKeys({ from, keys }: Pick<Incremental, 'from' | 'keys'>): Map<number, KeyColumn[]> {
  const found = new Map<number, KeyColumn[]>();
  for (const key of keys) {
    const [only, ...others] = key.value.mentions;
    if (only === undefined || others.length > 0 || isOptional(from, only)) continue;
    found.set(only, [...(found.get(only) ?? []), key]);
  }
  return found;
}

/** Of a table's columns those that a SELECT may read: all where it says so, else those with a name that it has. */
export function readColumns(
  mention: Mention,
  columns: readonly string[],
  select: SqlNode,
  { joins }: ShapeInput['header'],
): readonly string[] {
  const visible = visibleColumns(mention, columns, select);
  const named = new Set<string>();
  for (const node of nodesIn(select)) {
    if (node['class'] === 'STAR') return visible;
    const using: unknown = node['using_columns'];
    const names = namesOf(node) ?? (Array.isArray(using) ? using.map(String) : []);
    for (const name of names) named.add(name.toLowerCase());
    // The table itself, as one value.
    if (namesOf(node)?.at(-1)?.toLowerCase() === mention.alias.toLowerCase()) return visible;
  }
  for (const { left, right } of joins)
    for (const { column } of [left, right]) named.add(column.toLowerCase());
  const used = visible.filter((name) => named.has(name.toLowerCase()));
  return used.length > 0 ? used : visible.slice(0, 1);
}

/** Columns that bronze adds to a table's own are seen only by a SELECT that names one of them. */
export function hiddenColumns(tree: SqlNode): readonly string[] {
  const own: readonly string[] = Object.values(BRONZE_COLUMNS);
  const isNamed = [...nodesIn(tree)].some((node) =>
    namesOf(node)?.some((name) => own.includes(name.toLowerCase())),
  );
  return isNamed ? [] : own;
}

function visibleColumns({ schema }: Mention, columns: readonly string[], select: SqlNode): readonly string[] {
  const hidden = schema.toLowerCase() === 'bronze' ? hiddenColumns(select) : [];
  return columns.filter((name) => !hidden.includes(name.toLowerCase()));
}

function whole(reason: string): Whole {
  return { kind: 'rebuild', reason };
}

/** More outer joins than this that key columns come through make too many combinations of missing rows. */
const MOST_OPTIONAL = 3;

function unreachable({
  from,
  keys,
  equalities,
}: Pick<Incremental, 'from' | 'keys' | 'equalities'>): string | undefined {
  const targets = keyMentions(keys);
  if (targets.size === 0) return 'its key comes from no table';
  if (ownKeys({ from, keys }).size === 0)
    return 'no column of its key comes from one table that stands in every row';
  if ([...targets].filter((mention) => isOptional(from, mention)).length > MOST_OPTIONAL)
    return 'its key comes from too many outer joins';
  for (const { index, schema, table } of from.mentions) {
    const reached = new Set([index, ...stepsFrom([index], equalities).map(({ to }) => to)]);
    if (![...targets].every((target) => reached.has(target)))
      return `its SQL joins ${schema}.${table} by no equality of columns`;
  }
  return undefined;
}

/** What a SELECT has that no row of it can be told by. */
function refusedPart(select: SqlNode, aggregates: ReadonlySet<string>): string | undefined {
  const map = isNode(select['cte_map']) ? select['cte_map']['map'] : undefined;
  if (Array.isArray(map) && map.length > 0) return 'uses WITH';
  if (isNode(select['sample'])) return 'draws a sample';
  if (isNode(select['qualify'])) return 'uses QUALIFY';
  const modifiers = Array.isArray(select['modifiers']) ? select['modifiers'].filter(isNode) : [];
  for (const { type } of modifiers) {
    const reason = MODIFIERS.get(String(type));
    if (reason !== undefined) return reason;
  }
  if (Array.isArray(select['group_sets']) && select['group_sets'].length > 1) return 'uses grouping sets';
  let calls = false;
  for (const node of nodesIn(select)) {
    const reason = CLASSES.get(String(node['class'])) ?? TYPES.get(String(node['type']));
    if (reason !== undefined) return reason;
    if (node['class'] !== 'FUNCTION') continue;
    const name = String(node['function_name']).toLowerCase();
    if (ROW_MAKERS.has(name)) return `calls ${name}(), which makes rows`;
    if (!aggregates.has(name)) continue;
    calls = true;
    if (!isOrderFree(name, node)) return `calls ${name}(), whose result depends on the order of rows`;
  }
  const isGrouped =
    lengthOf(select['group_expressions']) > 0 || select['aggregate_handling'] === 'FORCE_AGGREGATES';
  return calls && !isGrouped ? 'aggregates all rows to one' : undefined;
}

const MODIFIERS: ReadonlyMap<string, string> = new Map([
  ['DISTINCT_MODIFIER', 'uses DISTINCT'],
  ['LIMIT_MODIFIER', 'uses LIMIT'],
  ['LIMIT_PERCENT_MODIFIER', 'uses LIMIT'],
]);

const CLASSES: ReadonlyMap<string, string> = new Map([
  ['WINDOW', 'has a window function'],
  ['SUBQUERY', 'has a subquery'],
  ['POSITIONAL_REFERENCE', 'names columns by their position'],
]);

const TYPES: ReadonlyMap<string, string> = new Map([
  ['PIVOT', 'uses PIVOT'],
  ['SUBQUERY', 'has a subquery'],
  ['GROUPING_FUNCTION', 'uses grouping sets'],
]);

const ROW_MAKERS: ReadonlySet<string> = new Set(['unnest', 'unlist', 'generate_subscripts']);

function itemsOf(select: SqlNode): SqlNode[] {
  return Array.isArray(select['select_list']) ? select['select_list'].filter(isNode) : [];
}

function itemAliases(items: readonly SqlNode[]): ReadonlyMap<string, SqlNode> {
  return new Map(
    items
      .filter(({ alias }) => typeof alias === 'string' && alias !== '')
      .map((item) => [String(item['alias']).toLowerCase(), item]),
  );
}

function callsOne(expression: SqlNode, names: ReadonlySet<string>): boolean {
  return [...nodesIn(expression)].some(
    (node) => node['class'] === 'FUNCTION' && names.has(String(node['function_name']).toLowerCase()),
  );
}

function lengthOf(value: unknown): number {
  return Array.isArray(value) ? value.length : 0;
}
