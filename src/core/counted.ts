/** A number of rows in a sentence: `12,345`. */
export function counted(rows: number): string {
  return rows.toLocaleString('en');
}
