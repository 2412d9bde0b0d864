import { isNode, type SqlNode } from '../../engine/sql-tree.ts';
import { sparkName } from './quote.ts';

/** A type of DuckDB's, as a bound plan has it. */
export interface PlanType {
  /** E.g. `BIGINT`, `DECIMAL`, `LIST`. */
  readonly id: string;
  /** As people write it, e.g. `DECIMAL(10,2)`, `INTEGER[]`. */
  readonly name: string;
  /** Spark's type of the same values; undefined where it has none. */
  readonly spark: string | undefined;
  /** Of a decimal, or of what stands for one in Spark: all digits, and those after the point. */
  readonly width: number;
  readonly scale: number;
  /** Of a struct: its fields' names. */
  readonly fields: readonly string[];
}

const SPARK: Readonly<Record<string, string>> = {
  BOOLEAN: 'BOOLEAN',
  TINYINT: 'TINYINT',
  SMALLINT: 'SMALLINT',
  INTEGER: 'INT',
  BIGINT: 'BIGINT',
  // Sums of integers have this type in DuckDB; 38 digits hold those of any table.
  HUGEINT: 'DECIMAL(38,0)',
  FLOAT: 'FLOAT',
  DOUBLE: 'DOUBLE',
  VARCHAR: 'STRING',
  BLOB: 'BINARY',
  DATE: 'DATE',
  TIMESTAMP: 'TIMESTAMP_NTZ',
  'TIMESTAMP WITH TIME ZONE': 'TIMESTAMP_LTZ',
};

/** Spark's type of the same values as one of the engine's without parts; undefined where it has none. */
export function sparkType(name: string): string | undefined {
  return name.startsWith('DECIMAL(') ? name : SPARK[name];
}

export function planType(value: unknown): PlanType {
  const node = isNode(value) ? value : {};
  const id = String(node['id']);
  const info = isNode(node['type_info']) ? node['type_info'] : {};
  const none = { id, spark: undefined, width: 0, scale: 0, fields: [] };
  const alias = info['alias'];
  if (typeof alias === 'string' && alias !== '') return { ...none, id: alias, name: alias };
  switch (id) {
    case 'DECIMAL': {
      const [width, scale] = [Number(info['width']), Number(info['scale'])];
      const name = `DECIMAL(${width},${scale})`;
      return { ...none, name, spark: name, width, scale };
    }
    case 'LIST': {
      const element = planType(info['child_type']);
      const spark = element.spark === undefined ? undefined : `ARRAY<${element.spark}>`;
      return { ...none, name: `${element.name}[]`, spark };
    }
    case 'STRUCT':
      return { ...none, ...structType(Array.isArray(info['child_types']) ? info['child_types'] : []) };
    case 'HUGEINT':
      return { ...none, name: id, spark: SPARK[id], width: 38 };
    default:
      return { ...none, name: id, spark: SPARK[id] };
  }
}

function structType(fields: readonly unknown[]): Pick<PlanType, 'name' | 'spark' | 'fields'> {
  const typed = fields.filter(isNode).map((field: SqlNode) => ({
    name: String(field['first']),
    type: planType(field['second']),
  }));
  const isHeld = typed.every(({ type }) => type.spark !== undefined);
  return {
    fields: typed.map(({ name }) => name),
    name: `STRUCT(${typed.map(({ name, type }) => `${name} ${type.name}`).join(', ')})`,
    spark: isHeld
      ? `STRUCT<${typed.map(({ name, type }) => `${sparkName(name)}: ${type.spark}`).join(', ')}>`
      : undefined,
  };
}
