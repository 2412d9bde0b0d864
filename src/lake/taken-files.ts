import * as z from 'zod';
import { IgarapeError } from '../core/errors.ts';
import type { Storage } from '../storage/port.ts';
import { takenKey } from './layout.ts';
import type { TableState } from './ledger-entry.ts';

/** A file whose rows are in a table that only ever grows. */
export interface TakenFile {
  readonly name: string;
  readonly sizeBytes: number;
  /** Hex. */
  readonly sha256: string;
  readonly rows: number;
  /** What the source told of the file beside its size. */
  readonly mark?: string;
  /** Names that it had before, under which rows of it are in the table. */
  readonly formerly?: readonly string[];
  /** By which options of reading its rows were taken. */
  readonly readAs?: string;
  /** Its last line had no end, and was not taken: it may have been half a line. */
  readonly waits?: true;
}

const contentSchema: z.ZodType<{ files: TakenFile[] }> = z.object({
  files: z.array(
    z.object({
      name: z.string(),
      sizeBytes: z.number(),
      sha256: z.string(),
      rows: z.number(),
      mark: z.string().exactOptional(),
      formerly: z.array(z.string()).exactOptional(),
      readAs: z.string().exactOptional(),
      waits: z.literal(true).exactOptional(),
    }),
  ),
});

/** Stores the list under a name of its attempt's own, for the ledger's entry to refer to: that stays as short as ever. */
export async function storeTaken(
  storage: Storage,
  attempt: string,
  table: string,
  files: readonly TakenFile[],
): Promise<{ readonly key: string }> {
  const key = takenKey(table, attempt);
  await storage.putIfAbsent(key, new TextEncoder().encode(JSON.stringify({ files })));
  return { key };
}

/** @throws IgarapeError LAKE_CORRUPT where the list is gone or cannot be read. */
export async function readTaken(
  storage: Storage,
  { taken }: Pick<TableState, 'taken'>,
): Promise<readonly TakenFile[]> {
  if (taken === undefined) return [];
  const bytes = await storage.read(taken.key);
  try {
    return contentSchema.parse(JSON.parse(new TextDecoder().decode(bytes))).files;
  } catch (error) {
    throw new IgarapeError('LAKE_CORRUPT', `The list ${storage.uri}/${taken.key} cannot be read.`, {
      hint: 'Restore the object from a copy of the lake, or start the table anew with --reload.',
      cause: error,
    });
  }
}
