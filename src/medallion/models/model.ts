import type { SqlNode } from '../../engine/sql-tree.ts';
import type { Layer, LayerTable } from '../layer.ts';
import type { Check } from '../checks/check.ts';

/** A table of silver or gold, as its SQL file describes it. */
export interface Model extends LayerTable {
  readonly layer: Exclude<Layer, 'seed' | 'bronze'>;
  /** The file, as messages name it. */
  readonly path: string;
  /** The file's text: comments and one SELECT, without a semicolon, and a line feed at its end. */
  readonly sql: string;
  /** The SELECT, as the engine's parser has it. */
  readonly tree: SqlNode;
  /** SHA-256 of what the table's rows follow from, in hex: another hash, and the table is made anew. */
  readonly hash: string;
  readonly header: ModelHeader;
  /** The tables that the SELECT names, each once. */
  readonly sources: readonly LayerTable[];
}

/** What the comments at the top of a model's file say: `-- key: idCliente`. */
export interface ModelHeader {
  readonly description: string | undefined;
  /** By column, what it means. */
  readonly columns: readonly ColumnNote[];
  /** Words by which models are selected, in lower case. */
  readonly tags: readonly string[];
  /** The columns that tell one row of the table from another; not empty for silver. */
  readonly key: readonly string[];
  readonly checks: readonly Check[];
  /** Equalities between columns of sources that the SELECT does not show: `clientes.id = transacoes.idCliente`. */
  readonly joins: readonly JoinKey[];
  /** Whether a run may compute the table as a whole: by what it costs, or never so, or always. */
  readonly incremental: 'by cost' | 'required' | 'never';
  /** Of gold: the column of a source that reference dates come from; undefined for a table like one of silver. */
  readonly dateColumn: SourceColumn | undefined;
  /** Of gold: how many days, the reference date included, a cube looks back; at least 1. */
  readonly windowDays: number;
  /** Of gold: what the table's files lie apart by. Rows are sorted by date in any case. */
  readonly partition: Partition;
}

export interface ColumnNote {
  readonly column: string;
  readonly description: string;
}

export const PARTITIONS = ['none', 'month', 'date'] as const;
export type Partition = (typeof PARTITIONS)[number];

/** True for a cube: its SELECT is computed for each of many dates. */
export function isDated({ header }: Model): boolean {
  return header.dateColumn !== undefined;
}

/** A model whose rows are checked by nothing but their key. */
export function unchecked(model: Model): Model {
  return { ...model, header: { ...model.header, checks: [] } };
}

export interface SourceColumn {
  /** Undefined where the header names the column alone. */
  readonly table: LayerTable | undefined;
  readonly column: string;
}

export interface JoinKey {
  readonly left: SourceColumn;
  readonly right: SourceColumn;
}
