import { isAdded } from '../changes/change-file.ts';
import { closest, didYouMean } from '../config/closest.ts';
import { IgarapeError } from '../core/errors.ts';
import { describedType, type Schema } from '../core/schema.ts';
import type { SqlColumn } from '../engine/sql-column.ts';
import type { Engine } from '../engine/engine.ts';
import { parquetFile, quoteName, quotePath, quoteText } from '../engine/quote.ts';
import type { PublishedFile } from '../lake/ledger-entry.ts';
import type { ExploredColumn } from './cells.ts';
import type { KnownRuns, LakeReader } from './reader.ts';

/** What a run has published of a table. */
export interface TableFile {
  readonly run: number;
  /** When it was committed, ISO 8601. */
  readonly at: string;
  readonly key: readonly string[];
  readonly file: PublishedFile;
}

/** The source's table of a name in any letters. @throws IgarapeError USAGE */
export function tableNamed({ newest }: KnownRuns, name: string): string {
  const names = Object.keys(newest?.tables ?? {});
  const found =
    names.find((each) => each === name) ?? names.find((each) => each.toLowerCase() === name.toLowerCase());
  if (found !== undefined) return found;
  throw new IgarapeError('USAGE', `The lake has no table ${name} of the source.`, {
    hint:
      names.length === 0
        ? 'It has no runs yet: igarape run makes one.'
        : didYouMean(closest(name, names), `Its tables are: ${names.join(', ')}.`),
  });
}

/** Every file that runs have published of a table, oldest first. */
export function filesOf({ runs }: KnownRuns, table: string): TableFile[] {
  return runs.toReversed().flatMap(({ run, committedAt, tables }) => {
    const found = tables[table];
    if (found === undefined || found.file === null) return [];
    return [{ run, at: committedAt, key: found.primaryKey, file: found.file }];
  });
}

/** A published file's own columns, without those that a change file adds. */
export async function columnsOf(
  engine: Engine,
  path: string,
  { file, key }: TableFile,
): Promise<ExploredColumn[]> {
  const found = await engine.describe(`SELECT * FROM ${parquetFile(path)}`);
  return found
    .filter(({ name }) => !isAdded(file.cdcColumns, name))
    .map(({ name, type }) => ({ name, type, key: key.includes(name) }));
}

/** What {@link stackedFiles} adds to the columns: the run, the operation (`F` in a full-load), and the order in a run. */
export const STACKED = { run: '_igarape_of', operation: '_igarape_op', order: '_igarape_order' } as const;

/**
 * SQL: the rows of published files one below the other, in the columns and types asked for, with {@link STACKED}. A
 * column that a file does not have is null.
 */
export async function stackedFiles(
  reader: LakeReader,
  files: readonly TableFile[],
  columns: readonly SqlColumn[],
  engine: Engine,
): Promise<string> {
  const groups = new Map<string, TableFile[]>();
  for (const each of files) {
    const form = JSON.stringify(each.file.cdcColumns);
    groups.set(form, [...(groups.get(form) ?? []), each]);
  }
  const parts: string[] = [];
  for (const group of groups.values()) {
    const paths = await Promise.all(group.map(({ file }) => reader.file(file)));
    const list = paths.map(quotePath).join(', ');
    const source = `read_parquet([${list}], union_by_name = true, hive_partitioning = false, filename = '_igarape_path')`;
    const own = new Map(
      (await engine.describe(`SELECT * FROM ${source}`))
        .filter(({ name }) => !isAdded(group[0]?.file.cdcColumns, name))
        .map(({ name, type }) => [name, type]),
    );
    const runs = group
      .map(({ run }, index) => `(${quoteText(paths[index] ?? '')}, ${run}::BIGINT)`)
      .join(', ');
    // Of a folder the path of each file begins with its own.
    const isAt = paths.some((path) => path.endsWith('/'))
      ? `_igarape_path = _igarape_at OR (suffix(_igarape_at, '/') AND starts_with(_igarape_path, _igarape_at))`
      : '_igarape_path = _igarape_at';
    const { operation, sequence = null } = group[0]?.file.cdcColumns ?? {};
    parts.push(`SELECT ${columns.map((column) => asTyped(column, own.get(column.name))).join(', ')},
      _igarape_of AS ${STACKED.run},
      ${operation === undefined ? `'F'` : quoteName(operation)} AS ${STACKED.operation},
      ${sequence === null ? '0::BIGINT' : quoteName(sequence)} AS ${STACKED.order}
      FROM ${source} JOIN (VALUES ${runs}) runs(_igarape_at, _igarape_of) ON ${isAt}`);
  }
  if (parts.length > 0) return parts.join(' UNION ALL ');
  const none = columns.map(({ name, type }) => `CAST(NULL AS ${type}) AS ${quoteName(name)}`);
  return `SELECT ${none.join(', ')}, 0::BIGINT AS ${STACKED.run}, 'F' AS ${STACKED.operation}, 0::BIGINT AS ${STACKED.order} WHERE false`;
}

/** Without a cast where none is needed: only then does a condition reach down into the file. */
function asTyped({ name, type }: { name: string; type: string }, own: string | undefined): string {
  if (own === type) return quoteName(name);
  return `TRY_CAST(${own === undefined ? 'NULL' : quoteName(name)} AS ${type}) AS ${quoteName(name)}`;
}

/** A recorded schema's columns, with the engine's names of their types. */
export function schemaColumns(schema: Schema, key: readonly string[]): ExploredColumn[] {
  return schema.map(({ name, type }) => ({
    name,
    type: describedType(type),
    key: key.includes(name),
  }));
}
