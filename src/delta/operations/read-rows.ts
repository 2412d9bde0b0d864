import type { Writer } from '../files/disk.ts';
import type { Snapshot } from '../log/snapshot.ts';
import type { VersionOrTime } from '../log/versions.ts';
import { firstFiles, rowsOfFiles } from '../protocol/row-count.ts';
import { candidateFiles } from '../read/candidate-files.ts';
import { filesThatMayMatch } from '../read/data-skipping.ts';
import { bindWhere, type WithParameters } from '../read/parameters.ts';
import { parsePredicate } from '../read/predicate.ts';
import type { Relation } from '../read/relation.ts';
import { Rows } from '../read/rows.ts';
import { readableFields } from '../schema/nesting.ts';
import { scanFiles } from '../read/scan.ts';
import { selectList } from '../read/select-list.ts';
import { filesFor } from '../write/row-condition.ts';

export interface ReadOptions extends WithParameters {
  /** The version to read; the newest where it is left out. */
  readonly at?: VersionOrTime;
  /** The columns wanted, in this order; all where they are left out. */
  readonly columns?: readonly string[];
  /** A condition in SQL on the table's columns. */
  readonly where?: string;
  /** No more rows than these, of any; then no more files are opened than it takes. */
  readonly limit?: number;
}

/** Rows of a version. Files that cannot hold a row for the condition are not opened. */
export async function readRows(
  disk: Writer,
  snapshot: Snapshot,
  { columns, limit, ...asked }: Omit<ReadOptions, 'at'>,
): Promise<Rows> {
  const { where } = bindWhere(asked);
  const condition = where === undefined ? undefined : await parsePredicate(disk.engine, where);
  const files =
    condition === undefined
      ? firstFiles(await snapshot.files(), limit)
      : await filesThatMayMatch(disk, snapshot, await candidateFiles(disk, snapshot, condition), condition);
  const list = selectList(snapshot, columns);
  // Parsed above: it is one condition, and cannot end the bracket.
  const filter = where === undefined ? '' : ` WHERE (${where}\n)`;
  const { table, schema, mapping, partitionFields } = snapshot;
  const fields =
    columns === undefined || where !== undefined ? schema.fields : readableFields(schema.fields, columns);
  const shape = { table, schema: { ...schema, fields }, mapping, partitionFields };
  const scan = await scanFiles(disk, shape, files);
  const relation: Relation = {
    sql: `SELECT ${list} FROM (${scan.sql})${filter}${limit === undefined ? '' : ` LIMIT ${limit}`}`,
    release: () => scan.release(),
  };
  if (where !== undefined) return Rows.of(disk.engine, relation, { table, where });
  const countLogged = async (): Promise<number | undefined> => {
    const all = await snapshot.countRows();
    return all === undefined ? undefined : Math.min(all, limit ?? Infinity);
  };
  return Rows.of(disk.engine, relation, { table, countLogged });
}

/** How many rows of a version there are; from the log alone where that tells it. */
export async function countRows(
  disk: Writer,
  snapshot: Snapshot,
  asked: Pick<ReadOptions, 'where' | 'parameters'>,
): Promise<number> {
  const { where } = bindWhere(asked);
  const found = where === undefined ? undefined : await filesFor(disk, snapshot, where);
  const logged =
    found === undefined ? await snapshot.countRows() : found.isExact ? rowsOfFiles(found.files) : undefined;
  if (logged !== undefined) return logged;
  await using rows = await readRows(disk, snapshot, where === undefined ? {} : { where });
  return await rows.count();
}
