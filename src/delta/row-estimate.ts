/** What the log tells of a file that says something about its number of rows. */
export interface SizedFile {
  readonly sizeBytes?: number | undefined;
  /** JSON text. */
  readonly stats?: string | undefined;
}

/**
 * About how many rows files have, for the engine to plan by, and nothing else: by their statistics, or else by their
 * size. Of files whose size is not known either it says many, so that they are read past, and not held.
 */
export function estimateRows(files: readonly SizedFile[]): number {
  let rows = 0;
  for (const { stats, sizeBytes } of files) {
    // Reading the JSON of thousands of files would take longer than a wrong guess costs.
    const told = /"numRecords"\s*:\s*(\d{1,15})\b/.exec(stats ?? '')?.[1];
    rows += told === undefined ? Math.ceil((sizeBytes ?? UNKNOWN_BYTES) / BYTES_PER_ROW) : Number(told);
  }
  return Math.max(1, rows);
}

const BYTES_PER_ROW = 50;
const UNKNOWN_BYTES = 50_000_000;
