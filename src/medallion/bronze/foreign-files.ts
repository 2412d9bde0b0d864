import { stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { IgarapeError } from '../../core/errors.ts';
import { matchNames } from '../../source/match.ts';
import type { S3Access } from '../../core/s3-access.ts';
import type { StorageEnvironment } from '../../storage/location.ts';
import { openStorage } from '../../storage/open.ts';
import type { Storage } from '../../storage/port.ts';

/** A change file of somebody else's, as a listing shows it. */
export interface ForeignFile {
  /** Its path from the folder that all files have in common, parts separated by `/`; it never changes its meaning. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

/** The files that feed a bronze table. */
export interface ForeignFiles {
  /** For messages: where they are. */
  readonly where: string;
  /** Every file that is there now, each once, in no order. */
  list(): AsyncIterable<ForeignFile>;
  /** A file on this disk: the file itself, or `path` once it is downloaded to it; undefined where it is gone. */
  localFile(file: ForeignFile, path: string): Promise<string | undefined>;
}

/**
 * The files that patterns match, e.g. `/old/cdc/clientes/*.parquet` or `s3://bucket/cdc/clientes_*.parquet`. Dot files
 * and linked files are passed over.
 *
 * @param patterns Absolute. A folder that exists is taken by its name, whatever signs that has.
 */
export async function openForeignFiles(
  patterns: readonly string[],
  s3: S3Access = {},
  env: StorageEnvironment = {},
): Promise<ForeignFiles> {
  const places = await Promise.all(patterns.map(placeOf));
  const common = commonParts(places.map(({ folder }) => folder));
  const opened = await Promise.all(
    places.map(async ({ uri, folder, glob }): Promise<OpenPlace> => ({
      storage: await openStorage({ uri, s3 }, env),
      glob,
      prefix: folder
        .slice(common)
        .map((part) => `${part}/`)
        .join(''),
    })),
  );
  return new PatternFiles(patterns.join(', '), opened);
}

interface Place {
  readonly uri: string;
  /** The parts of `uri`. */
  readonly folder: readonly string[];
  /** A pattern over the names inside. */
  readonly glob: string;
}

interface OpenPlace {
  readonly storage: Storage;
  readonly glob: string;
  /** What the names of its files begin with: empty, or ending in `/`. */
  readonly prefix: string;
}

class PatternFiles implements ForeignFiles {
  readonly where: string;
  readonly #places: readonly OpenPlace[];
  readonly #found = new Map<string, { storage: Storage; key: string }>();

  constructor(where: string, places: readonly OpenPlace[]) {
    this.where = where;
    this.#places = places;
  }

  async *list(): AsyncGenerator<ForeignFile> {
    this.#found.clear();
    for (const { storage, glob, prefix } of this.#places) {
      for await (const { key, sizeBytes, modifiedMs } of storage.list(literalStart(glob))) {
        const name = `${prefix}${key}`;
        if (this.#found.has(name) || matchNames(glob, [key]).length === 0) continue;
        this.#found.set(name, { storage, key });
        yield { name, sizeBytes, modifiedMs };
      }
    }
  }

  async localFile({ name }: ForeignFile, path: string): Promise<string | undefined> {
    const found = this.#found.get(name);
    if (found === undefined) return undefined;
    try {
      return await found.storage.localFile(found.key, path);
    } catch (error) {
      if (error instanceof IgarapeError && error.code === 'LAKE_NOT_FOUND') return undefined;
      throw error;
    }
  }
}

const GLOB_SIGNS = /[*?[\]{}()!+@]/;

async function placeOf(pattern: string): Promise<Place> {
  const bucket = /^s3:\/\/[^/]+/.exec(pattern)?.[0];
  if (bucket !== undefined) {
    const parts = pattern.slice(bucket.length + 1).split('/');
    const literal = leading(parts.slice(0, -1), (part) => !GLOB_SIGNS.test(part));
    return place([bucket, ...parts.slice(0, literal)], '/', parts.slice(literal));
  }
  const [root = '', ...parts] = pattern.split(sep);
  let literal = 0;
  for (; literal < parts.length - 1; literal += 1) {
    const folder = [root, ...parts.slice(0, literal + 1)].join(sep);
    if (GLOB_SIGNS.test(parts[literal] ?? '') && !(await isFolder(folder))) break;
  }
  return place([root, ...parts.slice(0, literal)], sep, parts.slice(literal));
}

function place(folder: readonly string[], separator: string, rest: readonly string[]): Place {
  return { uri: folder.join(separator) || join(sep), folder, glob: rest.join('/') };
}

function leading<T>(list: readonly T[], test: (item: T) => boolean): number {
  const end = list.findIndex((item) => !test(item));
  return end < 0 ? list.length : end;
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** How many first parts all lists share. */
function commonParts([first = [], ...others]: readonly (readonly string[])[]): number {
  return leading([...first.entries()], ([index, part]) => others.every((list) => list[index] === part));
}

/** The start that every match of a pattern has, so that fewer names are listed. */
function literalStart(glob: string): string {
  const sign = GLOB_SIGNS.exec(glob);
  // A backslash quotes the sign after it.
  return sign === null || glob.includes('\\') ? '' : glob.slice(0, sign.index);
}
