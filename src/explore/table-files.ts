import { isAdded } from '../changes/change-file.ts';
import { closest, didYouMean } from '../config/closest.ts';
import { IgarapeError } from '../core/errors.ts';
import { describedType, type Schema } from '../core/schema.ts';
import type { SqlColumn } from '../engine/sql-column.ts';
import type { Engine } from '../engine/engine.ts';
import { parquetFile, quoteName } from '../engine/quote.ts';
import type { PublishedFile } from '../lake/ledger-entry.ts';
import { type FileHere, PUBLISHED_BY, stackedFiles as stacked } from '../lake/stacked-files.ts';
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
export const STACKED: Readonly<Record<'run' | 'operation' | 'order', string>> = {
  run: PUBLISHED_BY,
  operation: '_igarape_op',
  order: '_igarape_order',
};

/** SQL: the rows of published files one below the other, in the columns and types asked for, with {@link STACKED}. */
export async function stackedFiles(
  reader: LakeReader,
  files: readonly TableFile[],
  columns: readonly SqlColumn[],
  engine: Engine,
): Promise<string> {
  const here = files.map(async ({ run, file }): Promise<FileHere> => ({
    run,
    path: await reader.file(file),
    added: file.cdcColumns,
  }));
  return stacked(engine, await Promise.all(here), columns, (added) => [
    PUBLISHED_BY,
    `${added === undefined ? `'F'` : quoteName(added.operation)} AS ${STACKED.operation}`,
    `${added?.sequence == null ? '0::BIGINT' : quoteName(added.sequence)} AS ${STACKED.order}`,
  ]);
}

/** A recorded schema's columns, with the engine's names of their types. */
export function schemaColumns(schema: Schema, key: readonly string[]): ExploredColumn[] {
  return schema.map(({ name, type }) => ({
    name,
    type: describedType(type),
    key: key.includes(name),
  }));
}
