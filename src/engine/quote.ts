/** A SQL identifier: a column's or table's name, quoted. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A SQL text literal; for the places where DuckDB takes no bound value (file names, COPY options). */
export function quoteText(text: string): string {
  if (text.includes('\0')) throw new RangeError('A NUL character cannot stand in SQL text.');
  return `'${text.replaceAll("'", "''")}'`;
}

/** A file's path for `read_csv`, `read_parquet` and their like, which take it for a glob: its own signs stay themselves. */
export function quotePath(path: string): string {
  return quoteText(path.replace(/[*?[]/g, '[$&]'));
}

/** SQL after FROM: the rows of a Parquet file, as they are in it. */
export function parquetFile(path: string): string {
  return `read_parquet(${quotePath(path)}, hive_partitioning = false)`;
}
