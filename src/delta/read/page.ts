import type { Disk } from '../files/disk.ts';
import { rowsOfFile, type Snapshot } from '../log/snapshot.ts';
import { readDeletionVector } from '../vectors/deletion-vector.ts';
import type { Relation } from './relation.ts';
import { AT } from './row-places.ts';
import { type ScanFile, scanFiles } from './scan.ts';
import { selectList } from './select-list.ts';

/** How many rows come before a page, and how many it has at most. */
export interface PlaceOfPage {
  readonly offset: number;
  readonly limit: number;
}

/** The rows from a position on, in the order of the log's files; only what has them is read. */
export async function readPage(disk: Disk, snapshot: Snapshot, place: PlaceOfPage): Promise<Relation> {
  const { files, skip } = await pageOf(disk, snapshot, place);
  const scan = await scanFiles(disk, snapshot, files, { positions: true });
  return {
    sql: `SELECT ${selectList(snapshot, undefined)} FROM (${scan.sql}) ORDER BY ${AT.file}, ${AT.row} LIMIT ${place.limit} OFFSET ${skip}`,
    release: () => scan.release(),
  };
}

/** Files in which a page's rows are, and how many of the rows read from them come before it. */
interface Page {
  readonly files: readonly ScanFile[];
  readonly skip: number;
}

/** Rows that are deleted do not count. */
async function pageOf(disk: Disk, snapshot: Snapshot, { offset, limit }: PlaceOfPage): Promise<Page> {
  const found: ScanFile[] = [];
  let before = 0;
  for (const file of await snapshot.loggedFiles()) {
    if (before >= offset + limit) break;
    const rows = rowsOfFile(file);
    if (rows === undefined) return { files: await snapshot.files(), skip: offset };
    const [from, to] = [Math.max(offset - before, 0), Math.min(offset + limit - before, rows)];
    before += rows;
    if (from >= to) continue;
    const { deletionVector, ...whole } = file.action;
    const deleted = deletionVector === undefined ? [] : await readDeletionVector(disk, deletionVector);
    found.push({ ...whole, rows: positionsOf(from, to, deleted) });
  }
  return { files: found, skip: 0 };
}

/** Where the rows number `from` to `to` are that are not deleted. */
function positionsOf(from: number, to: number, deleted: readonly number[]): number[] {
  const positions: number[] = [];
  let [next, position] = [0, 0];
  // Between two deleted rows every position is one on: whole stretches are passed over at once.
  for (let row = from; row < to; row += 1) {
    position = row + next;
    while (next < deleted.length && (deleted[next] ?? Infinity) <= position) {
      next += 1;
      position += 1;
    }
    positions.push(position);
  }
  return positions;
}
