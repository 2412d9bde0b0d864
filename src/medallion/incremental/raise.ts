import { isNode, type SqlNode } from '../../engine/sql-tree.ts';
import { and, TRUE } from './nodes.ts';
import { columnsOf } from './names.ts';
import { type From, isQuery, type Leaf, mapExpression, type Query, queryIn, type Time } from './tree.ts';

/** Which of a source's rows a table stands for. */
export type Version = Time | 'gone' | 'come';

/** The schema of the tables that a step reads: `igarape_then."bronze.orders"`. */
export function schemaOf(version: Version): string {
  return `igarape_${version}`;
}

export interface RaiseOptions {
  readonly time: Time;
  /** Sources that are the same then and now are read once. */
  readonly changed: ReadonlySet<string>;
}

/** A typed query as the engine's tree. */
export function raise(query: Query, options: RaiseOptions): SqlNode {
  if (query.kind === 'set')
    return { ...query.node, left: raise(query.left, options), right: raise(query.right, options) };
  return { ...raiseExpression(query.node, options), from_table: raiseFrom(query.from, options) };
}

function raiseExpression(node: SqlNode, options: RaiseOptions): SqlNode {
  return mapExpression(node, (each) => {
    const query = queryIn(each);
    if (query === undefined) return undefined;
    const { query: _, child, ...rest } = each;
    return {
      ...rest,
      child: isNode(child) && !isQuery(child) ? raiseExpression(child, options) : child,
      subquery: { node: raise(query, options), named_param_map: [] },
    };
  });
}

function raiseFrom(from: From, options: RaiseOptions): SqlNode {
  switch (from.kind) {
    case 'empty':
      return { type: 'EMPTY', alias: '', sample: null, query_location: 0 };
    case 'rows':
      return raiseExpression(from.node, options);
    case 'result': {
      const [schema = '', ...name] = from.step.split('.');
      const [own, table] = name.length === 0 ? ['', schema] : [schema, name.join('.')];
      return baseTable(own, table, from.alias, from.names);
    }
    case 'leaf':
      return from.view === undefined
        ? baseTable(schemaOf(timeOf(from, options)), from.source, from.alias, from.names)
        : subquery(from.view, from.alias, from.columns, options);
    case 'sub': {
      const names = from.names.length > 0 ? (columnsOf(from) ?? from.names) : [];
      return subquery(from.query, from.alias, names, options);
    }
    case 'join':
      return {
        type: 'JOIN',
        alias: '',
        sample: null,
        query_location: 0,
        left: raiseFrom(from.left, options),
        right: raiseFrom(from.right, options),
        condition: from.using.length > 0 ? null : raiseCondition(from.on, options),
        join_type: from.type,
        ref_type: from.isAsOf ? 'ASOF' : 'REGULAR',
        using_columns: from.using,
        delim_flipped: false,
        duplicate_eliminated_columns: [],
      };
    default:
      return from satisfies never;
  }
}

function raiseCondition(on: readonly SqlNode[], options: RaiseOptions): SqlNode {
  return raiseExpression(and(on) ?? TRUE, options);
}

function timeOf({ source }: Leaf, { time, changed }: RaiseOptions): Time {
  return changed.has(source) ? time : 'now';
}

function subquery(query: Query, alias: string, names: readonly string[], options: RaiseOptions): SqlNode {
  return {
    type: 'SUBQUERY',
    alias,
    sample: null,
    query_location: 0,
    subquery: { node: raise(query, options), named_param_map: [] },
    column_name_alias: names,
  };
}

function baseTable(schema: string, table: string, alias: string, names: readonly string[]): SqlNode {
  return {
    type: 'BASE_TABLE',
    alias,
    sample: null,
    query_location: 0,
    schema_name: schema,
    table_name: table,
    column_name_alias: names,
    catalog_name: '',
    at_clause: null,
  };
}
