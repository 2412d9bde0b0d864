import type { Engine } from '../engine/engine.ts';
import { quotePath } from '../engine/quote.ts';

/** An element of a Parquet file's own schema: a column, or a part of a nested one. */
export interface ParquetElement {
  /** As the file has it, whatever the engine makes of it. */
  readonly name: string;
  /** Of a column without parts: INT96, DOUBLE … */
  readonly physicalType: string;
  /** What the file says that it means, such as `DecimalType(…)`; empty where it says nothing. */
  readonly logicalType: string;
  /** Of a decimal. */
  readonly precision: number;
  /** Any number of them may stand here: the entries of a list or a map. */
  readonly isRepeated: boolean;
  readonly parts: readonly ParquetElement[];
}

/** The columns of a Parquet file, as its footer has them. */
export async function readParquetSchema(engine: Engine, path: string): Promise<readonly ParquetElement[]> {
  const rows = await engine.rows(
    `SELECT name, type, repetition_type, logical_type, converted_type, precision, num_children FROM parquet_schema(${quotePath(path)})`,
  );
  let at = 0;
  // The elements are listed each before its parts; the first one is the file.
  const next = (): ParquetElement => {
    const row = rows[at] ?? {};
    at += 1;
    return {
      name: textOf(row['name']),
      physicalType: textOf(row['type']),
      logicalType: textOf(row['logical_type'] ?? row['converted_type']),
      precision: Number(row['precision'] ?? 0),
      isRepeated: row['repetition_type'] === 'REPEATED',
      parts: Array.from({ length: Number(row['num_children'] ?? 0) }, next),
    };
  };
  return next().parts;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Every part that has values, with its path from the column: `a.list.element`. */
export function leavesOf(
  element: ParquetElement,
): { readonly path: string; readonly leaf: ParquetElement }[] {
  if (element.parts.length === 0) return [{ path: element.name, leaf: element }];
  return element.parts.flatMap((part) =>
    leavesOf(part).map(({ path, leaf }) => ({ path: `${element.name}.${path}`, leaf })),
  );
}
