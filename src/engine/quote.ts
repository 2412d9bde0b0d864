/** A SQL identifier: a column's or table's name, quoted. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A SQL text literal; for the places where DuckDB takes no bound value (file names, COPY options). */
export function quoteText(text: string): string {
  if (text.includes('\0')) throw new RangeError('A NUL character cannot stand in SQL text.');
  return `'${text.replaceAll("'", "''")}'`;
}
