import { unreadable } from './unreadable.ts';

/** Columns of igarapé's own, beside those of tables on their way through a run, begin so. */
export const OWN_NAMES = '_igarape_';

/** The name of a column that the file gives none: `column_1` for the first. */
export function generatedName(index: number): string {
  return `column_${index + 1}`;
}

/** @throws IgarapeError TABLE_UNREADABLE a column without a name, one with a name that another or igarape has. */
export function checkColumnNames(file: string, names: readonly string[]): void {
  const indexes = new Map<string, number>();
  for (const [index, name] of names.entries()) {
    if (name.trim() === '') {
      throw unreadable(file, `the column ${index + 1} has no name`, 'Give every column a name.');
    }
    if (name.includes('\0')) {
      throw unreadable(
        file,
        `the column ${index + 1} has a NUL character in its name, ${JSON.stringify(name)}`,
        'Rename it; if the file is no text, check "format" of the table.',
      );
    }
    if (name.toLowerCase().startsWith(OWN_NAMES)) {
      throw unreadable(
        file,
        `the column ${name} has a name of igarape's own`,
        `Rename it: names do not begin with ${OWN_NAMES}.`,
      );
    }
    const first = indexes.get(name.toLowerCase());
    indexes.set(name.toLowerCase(), index);
    if (first !== undefined) {
      throw unreadable(
        file,
        `the columns ${first + 1} and ${index + 1} are named ${JSON.stringify(names[first])} and ${JSON.stringify(name)}`,
        'Column names must differ, also without regard to case: Spark and Athena know no difference.',
      );
    }
  }
}
