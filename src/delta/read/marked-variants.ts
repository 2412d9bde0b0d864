import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureFolder } from '../../core/ensure-folder.ts';
import { copyWithVariants } from '../../engine/parquet-footer.ts';
import { parquetFile, quotePath } from '../../engine/quote.ts';
import type { Disk } from '../files/disk.ts';

/** Copies of files, by the files' paths, until they are removed. */
export interface MarkedCopies {
  readonly paths: ReadonlyMap<string, string>;
  remove(): Promise<void>;
}

/**
 * Copies of those files that hold shredded variants and do not mark them as variants, with the marks. The engine does not
 * put the others together.
 *
 * @param columns The outermost columns that hold variants, as files call them.
 */
export async function copyUnmarked(
  { engine, workDir }: Disk,
  columns: ReadonlySet<string>,
  paths: readonly string[],
): Promise<MarkedCopies> {
  const shredded = await engine.rows(
    `SELECT DISTINCT file_name FROM parquet_schema([${[...new Set(paths)].map(quotePath).join(', ')}]) WHERE name = 'typed_value'`,
  );
  const copies = new Map<string, string>();
  const folder = join(workDir, `variants-${randomUUID()}`);
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true, maxRetries: 3 });
  try {
    for (const { file_name: name } of shredded) {
      const path = String(name);
      const described = await engine.describe(`SELECT * FROM ${parquetFile(path)}`);
      if (!described.some((column) => columns.has(column.name) && column.type.includes('typed_value')))
        continue;
      const copy = join(folder, `${copies.size}.parquet`);
      await ensureFolder(folder);
      await copyWithVariants(path, copy, columns);
      copies.set(path, copy);
    }
  } catch (error) {
    await remove();
    throw error;
  }
  return { paths: copies, remove };
}
