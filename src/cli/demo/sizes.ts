import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parquetOptions } from '../../changes/change-file.ts';
import type { Engine } from '../../engine/engine.ts';
import { parquetFile, quoteText } from '../../engine/quote.ts';

/** A table's size in each form, in bytes; measured, not estimated. */
export interface MeasuredSize {
  readonly rows: number;
  readonly csv: number;
  readonly snappy: number;
  readonly zstd: number;
}

/** Measures the files of one table: its CSV, a Parquet file that holds the same rows, and that one written in both ways. */
export async function measure(
  engine: Engine,
  files: { readonly csv: string; readonly parquet: string },
  folder: string,
): Promise<MeasuredSize> {
  const csv = (await stat(files.csv)).size;
  const written = async (compression: 'snappy' | 'zstd'): Promise<{ rows: number; bytes: number }> => {
    const path = join(folder, `measured.${compression}.parquet`);
    const [row] = await engine.rows(
      `COPY (SELECT * FROM ${parquetFile(files.parquet)}) TO ${quoteText(path)} (${parquetOptions(compression)})`,
    );
    return { rows: Number(row?.['Count']), bytes: (await stat(path)).size };
  };
  const snappy = await written('snappy');
  const zstd = await written('zstd');
  return { rows: snappy.rows, csv, snappy: snappy.bytes, zstd: zstd.bytes };
}
