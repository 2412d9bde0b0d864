/** A SQL identifier: a column's or table's name, quoted. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** SQL: whether rows of two aliases have the same values in some columns, and have one in each. */
export function equalIn(names: readonly string[], left: string, right: string): string {
  return names.map((name) => `${left}.${quoteName(name)} = ${right}.${quoteName(name)}`).join(' AND ');
}

/** The same where nulls are values like others. */
export function alikeIn(names: readonly string[], left: string, right: string): string {
  const same = names.map(
    (name) => `${left}.${quoteName(name)} IS NOT DISTINCT FROM ${right}.${quoteName(name)}`,
  );
  return same.join(' AND ');
}

/** A SQL text literal; for the places where DuckDB takes no bound value (file names, COPY options). */
export function quoteText(text: string): string {
  if (text.includes('\0')) throw new RangeError('A NUL character cannot stand in SQL text.');
  return `'${text.replaceAll("'", "''")}'`;
}

/** SQL of a text, whatever it holds. */
export function textSql(text: string): string {
  return text.split('\0').map(quoteText).join(' || chr(0) || ');
}

/**
 * A file's path for `read_csv`, `read_parquet` and their like, which take it for a glob: its own signs stay themselves. One
 * that ends in `/` is of a folder: all Parquet files in it.
 */
export function quotePath(path: string): string {
  const plain = path.replace(/[*?[]/g, '[$&]');
  return quoteText(path.endsWith('/') ? `${plain}*.parquet` : plain);
}

/** Several files' paths, for the same. */
export function quotePaths(paths: readonly string[]): string {
  return `[${paths.map(quotePath).join(', ')}]`;
}

/** SQL after FROM: the rows of a Parquet file, as they are in it; of several, where they have the same columns. */
export function parquetFile(...paths: readonly string[]): string {
  const [only, ...others] = paths;
  const files = only === undefined || others.length > 0 ? quotePaths(paths) : quotePath(only);
  return `read_parquet(${files}, hive_partitioning = false)`;
}
