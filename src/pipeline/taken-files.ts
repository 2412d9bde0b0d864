import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { TakenFile } from '../lake/taken-files.ts';
import type { FetchedFile, Part } from '../source/port.ts';

/** What the files of a table that only ever grows hold beyond what was taken of them. */
export interface NewFiles {
  /** Files with new rows, in the order of their names. */
  readonly files: readonly { readonly file: FetchedFile; readonly takenRows: number; readonly mark: Marks }[];
  /** The files that were taken before, as they are to be remembered; without {@link files}. */
  readonly taken: readonly TakenFile[];
  /** Files under names of taken ones that are neither these nor grown from them by lines at their end. */
  readonly changed: readonly string[];
  /** Files that have grown, and whose first rows were taken by other options of reading. */
  readonly readOtherwise: readonly string[];
  /** Whether something else is to be remembered than before. */
  readonly isNews: boolean;
}

type Marks = Omit<TakenFile, 'rows'>;

/**
 * Compares the files that there are with those that were taken. A file is taken once: by its name, and under another
 * name not again while its bytes are the same and the old name is gone. No other file may have a name that rows are
 * known by. Files of the size and marks that they had are not read.
 *
 * @param readAs the options by which new rows are read: under others the rows of a file are counted otherwise.
 */
export async function findNewFiles(
  parts: readonly Part[],
  before: readonly TakenFile[],
  readAs: string,
  signal: AbortSignal,
): Promise<NewFiles> {
  const taken = new Map(before.map((file) => [file.name, file]));
  const present = new Set(parts.map(({ name }) => name));
  const former = new Map(
    before.flatMap((file) => (file.formerly ?? []).map((name) => [name, file] as const)),
  );
  const files: NewFiles['files'][number][] = [];
  const changed: string[] = [];
  const readOtherwise: string[] = [];
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
    if (known === undefined) {
      const renamed = sizeBytes === 0 ? undefined : findRenamed(taken, present, sha256);
      const namesake = former.get(part.name);
      if (namesake !== undefined && namesake !== renamed) changed.push(part.name);
      else if (renamed === undefined) files.push({ file, takenRows: 0, mark: { ...mark, readAs } });
      else {
        taken.delete(renamed.name);
        const formerly = [...new Set([...(renamed.formerly ?? []), renamed.name])];
        taken.set(part.name, { ...renamed, ...mark, formerly });
        isNews = true;
      }
    } else if (known.sha256 === sha256) {
      isNews ||= known.mark !== part.mark;
      taken.set(part.name, { ...known, ...mark });
    } else if (await hasGrown(file.path, known)) {
      if (known.rows > 0 && (known.readAs ?? readAs) !== readAs) readOtherwise.push(part.name);
      taken.delete(part.name);
      files.push({ file, takenRows: known.rows, mark: { ...known, ...mark, readAs } });
    } else changed.push(part.name);
  }
  return { files, taken: [...taken.values()], changed, readOtherwise, isNews };
}

function isUnread(known: TakenFile, part: Part): boolean {
  return part.mark !== undefined && known.mark === part.mark && known.sizeBytes === part.sizeBytes;
}

function findRenamed(
  taken: ReadonlyMap<string, TakenFile>,
  present: ReadonlySet<string>,
  sha256: string,
): TakenFile | undefined {
  return [...taken.values()].find((file) => file.sha256 === sha256 && !present.has(file.name));
}

/** Whether a file of lines begins with the bytes that were taken, and those ended with a line. */
async function hasGrown(path: string, { sizeBytes, sha256 }: TakenFile): Promise<boolean> {
  if ((await stat(path)).size <= sizeBytes) return false;
  if (sizeBytes === 0) return true;
  const handle = await open(path);
  try {
    const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, sizeBytes - 1);
    const { buffer: first } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    const isGzip = first[0] === 0x1f && first[1] === 0x8b;
    // Half a line that was taken has another meaning once its rest is there.
    const isWhole = buffer[0] === 0x0a || buffer[1] === 0x0a || buffer[1] === 0x0d;
    if (isGzip || !isWhole) return false;
  } finally {
    await handle.close();
  }
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { end: sizeBytes - 1 })) hash.update(chunk);
  return hash.digest('hex') === sha256;
}
