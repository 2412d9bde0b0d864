import type { TableConfig } from '../config/config.ts';
import type { TakenFile } from '../lake/taken-files.ts';
import { packingOf } from '../source/packing.ts';
import type { FetchedFile, Part } from '../source/port.ts';
import { type Beginning, findBeginning } from './file-beginning.ts';
import { isReadAs, readAs } from './read-as.ts';

/** What the files of a table that only ever grows hold beyond what was taken of them. */
export interface NewFiles {
  /** Files with new rows, in the order of their names. */
  readonly files: readonly NewFile[];
  /** The files that were taken before, as they are to be remembered; without {@link files}. */
  readonly taken: readonly TakenFile[];
  /** Files under names of taken ones that are neither these nor grown from them by lines at their end. */
  readonly changed: readonly string[];
  /** Files that have grown, and whose first rows were taken by other options of reading. */
  readonly readOtherwise: readonly string[];
  /** Files of which nothing is taken, for under names that are gone they were taken before. */
  readonly renamed: readonly Renamed[];
  /** Files that are gone with a last line that waited for its end. */
  readonly lost: readonly string[];
  /** Whether something else is to be remembered than before. */
  readonly isNews: boolean;
}

interface Renamed {
  readonly name: string;
  readonly goneName: string;
  readonly rows: number;
}

interface NewFile {
  readonly file: FetchedFile;
  readonly takenRows: number;
  readonly mark: Omit<TakenFile, 'rows' | 'waits'>;
  /** Whether its last line, if that has no end, may be half a line: an unpacked file that was not found like this before. */
  readonly mayGoOn: boolean;
  /** The name under which its first rows were taken, where it had another one. */
  readonly goneName?: string;
}

/**
 * Compares the files that there are with those that were taken. A file is taken once: by its name, and where that is gone
 * by its bytes under another name, packed or not, of which only what has grown at its end is new. No other file may have
 * a name that rows are known by. Files of the size and marks that they had are not read, but for those that wait: of them
 * the last line is taken, too, where they are found as they were.
 *
 * @param table its options are those by which new rows are read: under others the rows of a file are counted otherwise.
 */
export async function findNewFiles(
  parts: readonly Part[],
  before: readonly TakenFile[],
  table: TableConfig,
  signal: AbortSignal,
): Promise<NewFiles> {
  const by = readAs(table);
  const taken = new Map(before.map((file) => [file.name, file]));
  const present = new Set(parts.map(({ name }) => name));
  const former = new Map(
    before.flatMap((file) => (file.formerly ?? []).map((name) => [name, file] as const)),
  );
  const files: NewFile[] = [];
  const changed: string[] = [];
  const readOtherwise: string[] = [];
  const renamed: Renamed[] = [];
  let isNews = false;
  for (const part of parts) {
    signal.throwIfAborted();
    const known = taken.get(part.name);
    if (known !== undefined && isUnread(known, part)) continue;
    const file = await part.fetch();
    const { sizeBytes, sha256 } = await file.hash();
    const mark = {
      name: part.name,
      sizeBytes,
      sha256,
      ...(part.mark === undefined ? {} : { mark: part.mark }),
    };
    const gone = known === undefined ? [...taken.values()].filter(({ name }) => !present.has(name)) : [];
    const beginning =
      known === undefined ? await ofOther(file, mark, gone) : await ofItself(file, mark, known);
    const namesake = former.get(part.name);
    const isOther = namesake !== undefined && namesake !== beginning?.known;
    if (known === undefined && beginning === undefined && !isOther) {
      files.push({ file, takenRows: 0, mark: { ...mark, readAs: by }, mayGoOn: await isUnpacked(file) });
    } else if (
      beginning === undefined ||
      (beginning.rest === 'half a line' && beginning.known.waits !== true) ||
      (known === undefined && isOther)
    ) {
      changed.push(part.name);
    } else {
      const { waits, ...next } = underName(beginning.known, mark);
      taken.delete(beginning.known.name);
      if (beginning.rest === 'nothing' && waits !== true) {
        isNews ||= known === undefined || known.mark !== part.mark;
        if (known === undefined)
          renamed.push({ name: part.name, goneName: beginning.known.name, rows: next.rows });
        taken.set(part.name, next);
      } else {
        if (next.rows > 0 && !isReadAs(table, part.name, next.readAs ?? by)) readOtherwise.push(part.name);
        files.push({
          file,
          takenRows: next.rows,
          mark: { ...next, readAs: by },
          mayGoOn: beginning.rest !== 'nothing' && (await isUnpacked(file)),
          ...(known === undefined && { goneName: beginning.known.name }),
        });
      }
    }
  }
  const lost = [...taken.values()].filter(({ name, waits }) => waits === true && !present.has(name));
  for (const { waits: _, ...file } of lost) taken.set(file.name, file);
  return {
    files,
    taken: [...taken.values()],
    changed,
    readOtherwise,
    renamed,
    lost: lost.map(({ name }) => name),
    isNews: isNews || lost.length > 0,
  };
}

function isUnread(known: TakenFile, part: Part): boolean {
  return (
    known.waits !== true &&
    part.mark !== undefined &&
    known.mark === part.mark &&
    known.sizeBytes === part.sizeBytes
  );
}

async function isUnpacked({ path }: FetchedFile): Promise<boolean> {
  return (await packingOf(path)) === undefined;
}

type Content = Pick<TakenFile, 'name' | 'sizeBytes' | 'sha256'>;

/** A file is what it was, or has grown; a packed one shows no growth. */
async function ofItself(
  file: FetchedFile,
  { sha256 }: Content,
  known: TakenFile,
): Promise<Beginning | undefined> {
  if (known.sha256 === sha256) return { known, rest: 'nothing' };
  return (await isUnpacked(file)) ? findBeginning(file, [known]) : undefined;
}

/** A file that has a new name, or was packed, too, and may have grown; one without rows could be any other. */
async function ofOther(
  file: FetchedFile,
  { sizeBytes, sha256 }: Content,
  gone: readonly TakenFile[],
): Promise<Beginning | undefined> {
  const same = gone.find((known) => sizeBytes > 0 && known.sha256 === sha256);
  if (same !== undefined) return { known: same, rest: 'nothing' };
  const withRows = gone.filter(({ rows }) => rows > 0);
  return withRows.length === 0 ? undefined : findBeginning(file, withRows);
}

/** A taken file as it is now, with the names that it had before. */
function underName(known: TakenFile, mark: Content): TakenFile {
  const names = new Set([...(known.formerly ?? []), known.name]);
  return { ...known, ...mark, ...(known.name === mark.name ? {} : { formerly: [...names] }) };
}
