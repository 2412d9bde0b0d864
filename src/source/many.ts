import { createHash } from 'node:crypto';
import { unchanged } from './fetched.ts';
import type {
  FetchedFile,
  FetchedFiles,
  Part,
  SeenFile,
  TableRequest,
  TableState,
  Unchanged,
} from './port.ts';

export interface ManyOptions {
  /** The source version that the files are of. */
  readonly version: string;
  /** What the files lie in is known by; else they are known by their own marks. */
  readonly marks?: Readonly<Record<string, string>>;
  /** To be told the hashes of files whose marks have moved and whose bytes have not, in place of the ledger. */
  readonly onSame?: (sha256s: readonly string[]) => Promise<void>;
}

/**
 * The state of a table of many files. It is another than before where a file has come, gone or changed; what is
 * remembered of it is of all files together, however many there are.
 */
export function manyFiles(
  { pattern, seen }: TableRequest,
  parts: readonly Part[],
  { version, onSame, ...options }: ManyOptions,
): TableState {
  const marks = options.marks ?? {
    files: digest(parts.map(({ name, sizeBytes, mark }) => [name, sizeBytes, mark])),
  };
  const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  const all = { version, name: pattern, files: parts.length, sizeBytes, marks };
  const isAlike = seen?.name === pattern && seen.files === parts.length && seen.sizeBytes === sizeBytes;
  if (isAlike && options.marks === undefined && seen.marks?.['files'] === marks['files']) {
    return { kind: 'unchanged' };
  }
  const fetch = async (): Promise<FetchedFiles | Unchanged> => {
    const files: FetchedFile[] = [];
    for (const part of parts) files.push(await part.fetch());
    let hashes: Promise<readonly SeenFile[]> | undefined;
    const hashOnce = (): Promise<readonly SeenFile[]> => (hashes ??= hashAll(files));
    const hash = async (): Promise<SeenFile> => {
      const hashed = await hashOnce();
      const sha256 = digest(hashed.map((file) => [file.name, file.sha256]));
      return { ...all, sha256 };
    };
    if (isAlike && (await hash()).sha256 === seen.sha256) {
      if (onSame === undefined) return unchanged(seen, version, marks);
      await onSame((await hashOnce()).map(({ sha256 }) => sha256));
      return { kind: 'unchanged' };
    }
    const confirm = async (): Promise<void> => {
      for (const file of files) await file.confirm();
    };
    return { kind: 'files', name: pattern, files, hash, confirm };
  };
  return { kind: 'present', name: pattern, sizeBytes, many: { parts, seen: all }, fetch };
}

/** One after the other: what reads and hashes a table at once reads it twice, and not a thousand times. */
async function hashAll(files: readonly FetchedFile[]): Promise<readonly SeenFile[]> {
  const seen: SeenFile[] = [];
  for (const file of files) seen.push(await file.hash());
  return seen;
}

function digest(lines: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(lines)).digest('hex');
}
