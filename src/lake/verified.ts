import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { type BaseFiles, BY_HASH } from '../changes/base.ts';
import { bareRecord } from '../core/bare-record.ts';
import * as z from 'zod';
import { ensureFolder } from '../core/ensure-folder.ts';
import { type ColumnType, isColumnType } from '../core/schema.ts';
import { sha256File } from '../source/hash.ts';
import { linkOrCopy } from '../storage/local/files.ts';
import type { LakeHistory, TableHistory } from './history.ts';

/** A table's rows at a run that was verified. */
export interface VerifiedTable {
  readonly run: number;
  readonly base: BaseFiles;
}

/** What this machine has verified of a lake, and will have when it is done. */
export interface VerifiedLake {
  /** The newest run that everything was verified up to; undefined where nothing is known. */
  readonly run: number | undefined;
  /** The rows that a table's verification can start from; undefined where it has to start from the full-load. */
  find(table: TableHistory): Promise<VerifiedTable | undefined>;
  /** Takes note that the rows of this base are what replay gives; of one without hashes, or with a folder of files, it takes none. */
  keep(table: TableHistory, base: BaseFiles): Promise<void>;
  /** Remembers what was kept, and drops what was before. */
  save(): Promise<void>;
}

const column = z.object({
  name: z.string(),
  type: z.custom<ColumnType>(isColumnType),
  dropped: z.literal(true).exactOptional(),
  open: z.literal(true).exactOptional(),
});

const recordSchema = z.object({
  lake: z.string(),
  run: z.number(),
  attempt: z.string(),
  tables: z
    .record(
      z.string(),
      z.object({
        epoch: z.number(),
        schema: z.array(column),
        segments: z.array(z.string().regex(/^[\da-f]{64}$/)),
      }),
    )
    .transform((tables) => bareRecord(tables)),
});

type Record = z.output<typeof recordSchema>;

const RECORD = 'verified.json';

/**
 * Opens what is remembered in `folder`, which may vanish: it spares work and proves nothing by itself, for its bytes are
 * hashed before their use.
 *
 * @param since Rows that were verified at a later run than this do not count.
 */
export async function openVerified(
  folder: string,
  lake: string,
  history: LakeHistory,
  since: number = Infinity,
): Promise<VerifiedLake> {
  const found = await load(folder);
  const isOfLake = found?.lake === lake && history.attempts[found.run] === found.attempt;
  const known = isOfLake && found.run <= since ? found : undefined;
  const next: Record = { lake, run: history.runs - 1, attempt: history.attempts.at(-1) ?? '', tables: {} };
  const oneByOne = pLimit(1);
  return {
    run: known?.run,
    find: async ({ name, state }) => {
      const table = known?.tables[name];
      if (known === undefined || table === undefined || table.epoch !== state.epoch) return undefined;
      // By way of another type values may read otherwise.
      const isSame = table.schema.every(({ type }, index) => state.schema[index]?.type === type);
      const paths = table.segments.map((sha256) => pathOf(folder, sha256));
      const whole = await Promise.all(table.segments.map((sha256) => holds(pathOf(folder, sha256), sha256)));
      return isSame && whole.every(Boolean) ? { run: known.run, base: { paths, by: BY_HASH } } : undefined;
    },
    // One after the other: two tables may have the same segment.
    keep: ({ name, state }, { paths, by }) =>
      oneByOne(async () => {
        if (by !== BY_HASH || paths.some((path) => path.endsWith('/'))) return;
        await ensureFolder(folder);
        const hashes: string[] = [];
        for (const path of paths) {
          const sha256 = await sha256File(path);
          const kept = pathOf(folder, sha256);
          if (!(await holds(kept, sha256))) {
            await rm(kept, { force: true });
            await linkOrCopy(path, kept);
          }
          hashes.push(sha256);
        }
        next.tables[name] = { epoch: state.epoch, schema: [...state.schema], segments: hashes };
      }),
    save: async () => {
      await ensureFolder(folder);
      const part = join(folder, `${RECORD}.${randomUUID()}.part`);
      await writeFile(part, JSON.stringify(next));
      await rename(part, join(folder, RECORD));
      const live = new Set(Object.values(next.tables).flatMap((table) => table.segments.map(nameOf)));
      for (const name of await readdir(folder)) {
        if (name.endsWith('.parquet') && !live.has(name)) await rm(join(folder, name), { force: true });
      }
    },
  };
}

function nameOf(sha256: string): string {
  return `${sha256}.parquet`;
}

function pathOf(folder: string, sha256: string): string {
  return join(folder, nameOf(sha256));
}

async function holds(path: string, sha256: string): Promise<boolean> {
  return sha256File(path).then(
    (found) => found === sha256,
    () => false,
  );
}

async function load(folder: string): Promise<Record | undefined> {
  try {
    return recordSchema.parse(JSON.parse(await readFile(join(folder, RECORD), 'utf8')));
  } catch {
    return undefined;
  }
}
