import { isNode, type SqlNode } from '../../engine/sql-tree.ts';

/** One mention of a table in FROM; a table that is joined with itself has two. */
export interface Mention {
  readonly index: number;
  readonly schema: string;
  readonly table: string;
  /** The name that columns are qualified by. */
  readonly alias: string;
  /** True where no AS gives another name, so that columns may be qualified by the schema, too. */
  readonly hasOwnName: boolean;
}

/** A join in FROM; what it joins goes by the index of its mentions. */
export interface Join {
  readonly kind: 'inner' | 'left';
  readonly left: ReadonlySet<number>;
  readonly right: ReadonlySet<number>;
  /** What its ON demands, all of it together. */
  readonly conditions: readonly SqlNode[];
  readonly using: readonly string[];
}

export interface From {
  readonly kind: 'read';
  readonly mentions: readonly Mention[];
  readonly joins: readonly Join[];
}

/** Why a FROM is none of tables that are joined row by row. */
export interface Unreadable {
  readonly kind: 'unreadable';
  readonly reason: string;
}

/** Reads a FROM of tables, and inner and left joins of them. */
export function readFrom(node: SqlNode): From | Unreadable {
  const mentions: Mention[] = [];
  const joins: Join[] = [];
  try {
    visit(node, mentions, joins);
  } catch (error) {
    if (error instanceof NotReadable) return { kind: 'unreadable', reason: error.message };
    throw error;
  }
  const aliases = new Set(mentions.map(({ alias }) => alias.toLowerCase()));
  return aliases.size < mentions.length
    ? { kind: 'unreadable', reason: 'gives two tables the same name' }
    : { kind: 'read', mentions, joins };
}

/** A copy of a FROM in which tables are replaced by others, under the names that their columns are qualified by. */
export function replaceTables(node: SqlNode, tableOf: (mention: number) => string): SqlNode {
  let next = 0;
  const replace = (from: SqlNode): SqlNode => {
    const { left, right } = from;
    if (isNode(left) && isNode(right)) {
      const first = replace(left);
      return { ...from, left: first, right: replace(right) };
    }
    const alias = from['alias'] === '' ? from['table_name'] : from['alias'];
    const table = tableOf(next);
    next += 1;
    return { ...from, schema_name: '', table_name: table, alias };
  };
  return replace(node);
}

/** What a condition demands, one by one. */
export function conjuncts(condition: unknown): SqlNode[] {
  if (!isNode(condition)) return [];
  const { children } = condition;
  if (condition['type'] !== 'CONJUNCTION_AND' || !Array.isArray(children)) return [condition];
  return children.flatMap(conjuncts);
}

class NotReadable extends Error {}

function visit(node: SqlNode, mentions: Mention[], joins: Join[]): ReadonlySet<number> {
  if (isNode(node['sample'])) throw new NotReadable('draws a sample');
  switch (node['type']) {
    case 'BASE_TABLE':
      return new Set([mention(node, mentions)]);
    case 'JOIN': {
      const kind = kindOf(node);
      const sides = [node['left'], node['right']].map((side) =>
        isNode(side) ? visit(side, mentions, joins) : new Set<number>(),
      );
      const [left = new Set<number>(), right = new Set<number>()] = sides;
      const using: unknown = node['using_columns'];
      joins.push({
        kind,
        left,
        right,
        conditions: conjuncts(node['condition']),
        using: Array.isArray(using) ? using.map((name) => String(name).toLowerCase()) : [],
      });
      return new Set([...left, ...right]);
    }
    case 'SUBQUERY':
      throw new NotReadable('has a subquery');
    case 'TABLE_FUNCTION':
      throw new NotReadable('has a function as a table');
    default:
      throw new NotReadable('reads what is no table of a layer');
  }
}

function mention(node: SqlNode, mentions: Mention[]): number {
  const columns: unknown = node['column_name_alias'];
  if (Array.isArray(columns) && columns.length > 0) throw new NotReadable('renames columns in FROM');
  const [schema, table, alias] = [node['schema_name'], node['table_name'], node['alias']].map(String);
  const index = mentions.length;
  const own = alias === '' || alias === undefined;
  mentions.push({
    index,
    schema: schema ?? '',
    table: table ?? '',
    alias: own ? (table ?? '') : alias,
    hasOwnName: own,
  });
  return index;
}

function kindOf(node: SqlNode): Join['kind'] {
  const [kind, form] = [String(node['join_type']), String(node['ref_type'])];
  if (form !== 'REGULAR' && form !== 'CROSS') throw new NotReadable(`uses ${article(form)} JOIN`);
  if (kind === 'INNER') return 'inner';
  if (kind === 'LEFT') return 'left';
  throw new NotReadable(`uses ${article(kind === 'OUTER' ? 'FULL' : kind)} JOIN`);
}

function article(word: string): string {
  return `${/^[AEIO]/.test(word) ? 'an' : 'a'} ${word}`;
}
