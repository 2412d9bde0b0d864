import { unreadable } from '../read/query-error.ts';
import type { AddFile } from '../protocol/actions.ts';
import type { ReplacedFiles, TouchedFile } from './replaced-files.ts';
import { AT } from '../read/row-places.ts';
import { scanFiles } from '../read/scan.ts';
import type { Snapshot } from '../log/snapshot.ts';
import { addOf, type StagedFile, stageRows } from './stage.ts';
import type { Writer } from '../files/disk.ts';

/** The rows of files in files of the table's own shape. @param order SQL after ORDER BY. */
export async function restaged(
  writer: Writer,
  snapshot: Snapshot,
  files: readonly AddFile[],
  order?: string,
): Promise<StagedFile[]> {
  if (files.length === 0) return [];
  const rows = await scanFiles(writer, snapshot, files);
  try {
    return await writer.engine.withJoinsAsWritten(() =>
      stageRows(writer, snapshot, rows.sql, order === undefined ? {} : { order }).catch(
        unreadable(snapshot.table),
      ),
    );
  } finally {
    await rows.release();
  }
}

/**
 * Writes what is left of touched files to new ones.
 *
 * @param staged Takes the keys of the new files.
 */
export async function rewriteFiles(
  writer: Writer,
  snapshot: Snapshot,
  changes: string,
  touched: readonly TouchedFile[],
  staged: string[],
): Promise<ReplacedFiles> {
  const removed = touched.map(({ file }) => file);
  const partial = touched.filter(({ isCovered }) => !isCovered);
  if (partial.length === 0) return { removed, added: [], vectors: 0, copiedRows: 0 };
  const rows = await scanFiles(
    writer,
    snapshot,
    partial.map(({ file }) => file),
    { positions: true },
  );
  try {
    const indexes = partial.map(({ index }, at) => `(${at}, ${index})`).join(', ');
    const gone = `SELECT i.position, c._row FROM ${changes} AS c JOIN (VALUES ${indexes}) AS i(position, file) ON i.file = c._file`;
    const left = `SELECT r.* EXCLUDE (${AT.file}, ${AT.row}) FROM (${rows.sql}) AS r ANTI JOIN (${gone}) AS g ON g.position = r.${AT.file} AND g._row = r.${AT.row}`;
    const files = await writer.engine.withJoinsAsWritten(() =>
      stageRows(writer, snapshot, left).catch(unreadable(snapshot.table)),
    );
    staged.push(...files.map(({ key }) => key));
    return {
      removed,
      added: files.map((file): AddFile => addOf(file, writer.now())),
      vectors: 0,
      copiedRows: files.reduce((sum, file) => sum + file.rows, 0),
    };
  } finally {
    await rows.release();
  }
}
