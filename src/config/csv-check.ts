import { separatorOf } from './csv-schema.ts';
import { contradictingFormats, dateFormatsIn } from './date-format.ts';
import type { KeyPath, Problem } from './problem.ts';
import type { WrittenCsv } from './written.ts';

/** The marks of a CSV file, as far as they are written. */
interface Marks {
  readonly sep?: string | undefined;
  readonly quote?: string | undefined;
  readonly escape?: string | undefined;
  readonly comment?: string | undefined;
  readonly decimal?: string | undefined;
  readonly thousands?: string | undefined;
  readonly columns: readonly string[];
  readonly date_format: WrittenCsv['date_format'];
  readonly booleans: WrittenCsv['booleans'];
}

/** Marks of which one cannot be told from another. */
export function checkCsvMarks(marks: Marks, at: KeyPath): Problem[] {
  const { quote = '"', escape = '', comment = '', decimal = '.', thousands = '' } = marks;
  const separator = separatorOf(marks.sep ?? ',');
  const problems: Problem[] = [];
  const report = (key: string, message: string): void => void problems.push({ path: [...at, key], message });
  if (quote !== '' && separator.includes(quote))
    report('quote', 'is the separator, or in it; allowed: another character');
  if (escape !== '' && separator.includes(escape))
    report('escape', 'is the separator, or in it; allowed: another character');
  if (comment !== '' && (separator.startsWith(comment) || comment === quote || comment === escape))
    report('comment', 'is sep, quote or escape too; allowed: another character');
  if (thousands !== '' && thousands === decimal)
    report('thousands', 'is the decimal mark too; allowed: another mark');
  for (const { column, formats } of dateFormatsIn(marks.date_format)) {
    const [one, other] = contradictingFormats(formats) ?? [];
    if (one === undefined) continue;
    const what = `by ${one} and ${other} one text is two dates`;
    report(
      'date_format',
      column === undefined ? `${what}; allowed: formats by column` : `${what}; allowed: one of them`,
    );
  }
  const truths = marks.booleans?.true.map((spelling) => spelling.toLowerCase()) ?? [];
  const both = marks.booleans?.false.find((spelling) => truths.includes(spelling.toLowerCase()));
  if (both !== undefined)
    report('booleans', `has ${JSON.stringify(both)} for true and for false; allowed: each spelling once`);
  const names = marks.columns.map((name) => name.toLowerCase());
  if (new Set(names).size < names.length)
    report('columns', 'names a column twice, also without regard to case; allowed: names that differ');
  return problems;
}
