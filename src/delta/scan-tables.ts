import type { Engine } from '../engine/engine.ts';
import { physicalName } from './column-mapping.ts';
import { corrupt, messageOf } from './corrupt.ts';
import type { Disk } from './disk.ts';
import { partitionSql } from './partition-values.ts';
import type { HelperTables } from './relation.ts';
import type { ScanFile, TableShape } from './scan.ts';

/**
 * Creates a table of what is the same for all rows of a file: `file` (its index), its partition values `p0`, `p1` …
 * typed, and further constants `k0`, `k1` … as text.
 *
 * @throws IgarapeError DELTA_CORRUPT where a partition value is none of its type.
 */
export async function createFileTable(
  { engine, partitionTimeZone }: Disk,
  tables: HelperTables,
  shape: TableShape,
  files: readonly ScanFile[],
): Promise<string> {
  const fields = shape.partitionFields;
  const constants = files[0]?.constants?.length ?? 0;
  const names = [
    ...fields.map((_, index) => `p${index}`),
    ...Array.from({ length: constants }, (_, index) => `k${index}`),
  ];
  const raw = await tables.create(['file BIGINT', ...names.map((name) => `${name} VARCHAR`)].join(', '));
  const partitionColumns = fields.map((field) => {
    const name = physicalName(field, shape.mapping);
    return files.map(({ partitionValues }) => partitionValues[name] ?? null);
  });
  const constantColumns = Array.from({ length: constants }, (_, index) =>
    files.map((file) => file.constants?.[index] ?? null),
  );
  await engine.append(raw, [files.map((_, index) => BigInt(index)), ...partitionColumns, ...constantColumns]);
  const typed = fields.map(
    (field, index) => `${partitionSql(`p${index}`, field.type, partitionTimeZone)} AS p${index}`,
  );
  const kept = names.slice(fields.length);
  try {
    return await tables.createAs(`SELECT ${['file', ...typed, ...kept].join(', ')} FROM ${raw}`);
  } catch (cause) {
    throw corrupt(
      shape.table,
      `a partition value does not have its column's type: ${messageOf(cause)}`,
      cause,
    );
  }
}

/** Creates a table of rows: `file` (an index) and `row` (its number in the file). */
export async function createRowTable(
  engine: Engine,
  tables: HelperTables,
  rows: ReadonlyMap<number, readonly number[]>,
): Promise<string> {
  const name = await tables.create('file BIGINT, row BIGINT');
  for (const [file, numbers] of rows) {
    for (let start = 0; start < numbers.length; start += ROWS_AT_ONCE) {
      const row = numbers.slice(start, start + ROWS_AT_ONCE).map(BigInt);
      await engine.append(name, [row.map(() => BigInt(file)), row]);
    }
  }
  return name;
}

/** As large numbers, which the engine takes, rows need many times the memory. */
const ROWS_AT_ONCE = 65_536;
