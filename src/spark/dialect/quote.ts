/** An identifier of Spark SQL, quoted. */
export function sparkName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** A text literal of Spark SQL. */
export function sparkText(text: string): string {
  if (text.includes('\0')) throw new RangeError('A NUL character cannot stand in SQL text.');
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`;
}
