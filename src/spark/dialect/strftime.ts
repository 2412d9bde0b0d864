import { sparkText } from './quote.ts';

const LETTERS: Readonly<Record<string, string>> = {
  Y: 'yyyy',
  m: 'MM',
  d: 'dd',
  H: 'HH',
  M: 'mm',
  S: 'ss',
  j: 'DDD',
};

/** Spark SQL of a date or time in a form; undefined where the form has what is not known to be written alike. */
export function strftime(time: string, form: string): string | undefined {
  let pattern = '';
  for (const [, letter, text = ''] of form.matchAll(/%(.)|([^%]+)|%/gsu)) {
    const known = letter === undefined ? `'${text.replaceAll("'", "''")}'` : LETTERS[letter];
    if (known === undefined) return undefined;
    pattern += known;
  }
  return `date_format(${time}, ${sparkText(pattern)})`;
}
