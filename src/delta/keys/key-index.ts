import { createHash, randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import pLimit from 'p-limit';
import { ensureFolder } from '../../core/ensure-folder.ts';
import { engineVersion } from '../../engine/duckdb.ts';
import { quoteName, quotePaths, quoteText } from '../../engine/quote.ts';
import type { Disk } from '../files/disk.ts';
import type { AddFile } from '../protocol/actions.ts';
import { isJsonObject, parseJson } from '../protocol/json.ts';
import { HelperTables } from '../read/relation.ts';
import { AT } from '../read/row-places.ts';
import { type ScanFile, scanFiles, type TableShape } from '../read/scan.ts';
import { physicalName } from '../schema/column-mapping.ts';
import type { StructField } from '../schema/schema.ts';
import { sqlTypeOf } from '../schema/sql-schema.ts';

/** The folder of a table's key indexes. It is hidden: nobody takes what lies in it for data. */
const FOLDER = '_igarape_keys/';

/** The folder with the indexes of a data file. */
export function indexFolder({ path, sizeBytes, modifiedMs }: AddFile): string {
  return `${FOLDER}${digest([path, sizeBytes, modifiedMs])}/`;
}

/** Whether a key of the store is of such a folder, and of which. */
export function indexFolderOf(key: string): string | undefined {
  return key.startsWith(FOLDER) ? key.slice(0, key.indexOf('/', FOLDER.length) + 1) : undefined;
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);
}

const FORMAT = 1;

/** About how many rows a part of an index has; of one key one part is read. */
const PART_ROWS = 262_144;
const ROW_GROUP_ROWS = 30_720;
const HASHES = 2 ** 32;

const CONCURRENT_FILES = 16;

/**
 * Indexes of keys beside a table: of each row of a data file the hash of its key and where it lies, in the order of the
 * hashes. They are derived from files that never change, and no truth: one that is missing, damaged, or another file's
 * or column's is passed over, and whoever finds rows by one has still to compare their keys.
 */
export class KeyIndexes {
  readonly #disk: Disk;
  readonly #shape: TableShape;
  readonly #fields: readonly StructField[];

  /** @param fields The columns of the key. */
  constructor(disk: Disk, shape: TableShape, fields: readonly StructField[]) {
    this.#disk = disk;
    this.#shape = shape;
    this.#fields = fields;
  }

  /** SQL of a key's hash; null where one of its values is. @param value SQL of a column's value. */
  hashSql(value: (field: StructField) => string): string {
    const values = this.#fields.map((field) => `TRY_CAST(${value(field)} AS ${sqlTypeOf(field.type)})`);
    const isNull = values.map((sql) => `${sql} IS NULL`).join(' OR ');
    return `CASE WHEN NOT (${isNull}) THEN CAST(hash(${values.join(', ')}) >> 32 AS UINTEGER) END`;
  }

  /** Which rows of files have a key with one of the hashes; of files without an index nothing. */
  async find(
    files: readonly AddFile[],
    hashes: readonly number[],
  ): Promise<ReadonlyMap<AddFile, readonly number[]>> {
    const { engine, storage } = this.#disk;
    const folders = new Set(await storage.foldersIn(FOLDER));
    const limit = pLimit(CONCURRENT_FILES);
    const found = new Map<AddFile, number[]>();
    const paths: string[] = [];
    const owners: AddFile[] = [];
    await Promise.all(
      files.map((file) =>
        limit(async () => {
          if (!folders.has(indexFolder(file).slice(FOLDER.length, -1))) return;
          const parts = await this.#parts(file, hashes);
          if (parts === undefined) return;
          found.set(file, []);
          paths.push(...parts);
          owners.push(...parts.map(() => file));
        }),
      ),
    );
    if (paths.length === 0) return found;
    const rows = await engine.rows(
      `SELECT file_index, r FROM read_parquet(${quotePaths(paths)}) WHERE h IN (${hashes.join(', ')}) ORDER BY ALL`,
    );
    for (const { file_index, r } of rows) {
      const owner = owners[Number(file_index)];
      if (owner !== undefined) found.get(owner)?.push(Number(r));
    }
    return found;
  }

  /** Local files with the parts of an index that may have one of the hashes, if it is there and whole. */
  async #parts(file: AddFile, hashes: readonly number[]): Promise<readonly string[] | undefined> {
    const { storage, workDir } = this.#disk;
    try {
      const checksums = checksumsOf(await storage.read(`${this.#name(file)}.json`), this.#identity(file));
      if (checksums === undefined) return undefined;
      const numbers = [...new Set(hashes.map((hash) => Math.floor((hash / HASHES) * checksums.length)))];
      const paths: string[] = [];
      for (const number of numbers) {
        const key = partKey(this.#name(file), number);
        const path = await storage.localFile(key, join(workDir, key));
        if (crc32(await readFile(path)) !== checksums[number]) return undefined;
        paths.push(path);
      }
      return paths;
    } catch {
      // Whatever is the matter with it, the file itself has the rows.
      return undefined;
    }
  }

  /** Writes the index of a file, in the place of one that is damaged. Its description comes last. */
  async write(file: AddFile & Pick<ScanFile, 'localFile'>): Promise<void> {
    const { engine, storage, workDir } = this.#disk;
    const { deletionVector: _, ...whole } = file;
    const scan = await scanFiles(this.#disk, this.#shape, [whole], { positions: true });
    const tables = new HelperTables(engine);
    const folder = join(workDir, `keys-${randomUUID()}`);
    try {
      await ensureFolder(folder);
      const hash = this.hashSql(({ name }) => quoteName(name));
      const { name: rows, count } = await tables.createCounted(
        `SELECT * FROM (SELECT ${hash} AS h, CAST(${AT.row} AS UINTEGER) AS r FROM (${scan.sql})) WHERE h IS NOT NULL`,
      );
      const parts = 2 ** Math.ceil(Math.log2(Math.max(count / PART_ROWS, 1)));
      const width = HASHES / parts;
      const checksums: number[] = [];
      for (let number = 0; number < parts; number += 1) {
        const path = join(folder, String(number));
        await engine.run(
          `COPY (SELECT h, r FROM ${rows} WHERE h BETWEEN ${number * width} AND ${(number + 1) * width - 1} ORDER BY h, r)
            TO ${quoteText(path)} (FORMAT parquet, PARQUET_VERSION v2, COMPRESSION uncompressed, ROW_GROUP_SIZE ${ROW_GROUP_ROWS})`,
        );
        checksums.push(crc32(await readFile(path)));
        await storage.upload(path, partKey(this.#name(file), number));
      }
      const description = join(folder, 'description');
      await writeFile(description, JSON.stringify({ of: this.#identity(file), checksums }));
      await storage.upload(description, `${this.#name(file)}.json`);
    } finally {
      await tables.drop();
      await scan.release();
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  }

  #name(file: AddFile): string {
    return `${indexFolder(file)}${digest(this.#identity(file))}`;
  }

  /** What an index is of, and how it was made: hashes are another version's of the engine other ones. */
  #identity({ path, sizeBytes, modifiedMs }: AddFile): string {
    const columns = this.#fields.map((field) => [
      physicalName(field, this.#shape.mapping),
      sqlTypeOf(field.type),
    ]);
    return JSON.stringify([FORMAT, engineVersion(), path, sizeBytes, modifiedMs, columns]);
  }
}

function partKey(name: string, number: number): string {
  return `${name}-${number}.parquet`;
}

/** The checksums of an index's parts, by its description; undefined where that is none, or of something else. */
function checksumsOf(description: Uint8Array | undefined, identity: string): readonly number[] | undefined {
  if (description === undefined) return undefined;
  const value = parseJson(Buffer.from(description).toString());
  if (!isJsonObject(value) || value['of'] !== identity) return undefined;
  const { checksums } = value;
  if (!Array.isArray(checksums) || checksums.length === 0) return undefined;
  return checksums.map(Number);
}
