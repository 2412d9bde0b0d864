import type { GlobalOptions } from './options.ts';

/**
 * Prints a result on stdout: as one line of JSON, or as `render` shows it to a person. 64-bit integers are text in
 * JSON. Known secrets are hidden.
 */
export function print<T>(
  result: T,
  { json, session }: Pick<GlobalOptions, 'json' | 'session'>,
  render: (result: T) => string,
): void {
  const { redactor, screen } = session;
  const text =
    json === true
      ? JSON.stringify(result, (_key, value: unknown) => plainValue(value, redactor.known))
      : redactor.known(render(result));
  screen.status();
  process.stdout.write(`${text}\n`);
}

function plainValue(value: unknown, hide: (text: string) => string): unknown {
  if (typeof value === 'bigint') return String(value);
  return typeof value === 'string' ? hide(value) : value;
}

/** Prints what is data, as it is: a row may hold what is a secret elsewhere. */
export function printData(text: string, { session }: Pick<GlobalOptions, 'session'>): void {
  session.screen.status();
  process.stdout.write(`${text}\n`);
}
