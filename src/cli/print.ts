import type { GlobalOptions } from './options.ts';
import { type Layout, layoutOf, wrapped } from './render/layout.ts';

/**
 * Prints a result on stdout: as one line of JSON, or as `render` shows it to a person. 64-bit integers are text in
 * JSON. Known secrets are hidden.
 */
export function print<T>(
  result: T,
  { json, wide, session }: Pick<GlobalOptions, 'json' | 'wide' | 'session'>,
  render: (result: T, layout: Layout) => string,
): void {
  const { redactor, screen } = session;
  const layout = layoutOf(process.stdout, wide);
  const text =
    json === true
      ? JSON.stringify(result, (_key, value: unknown) => plainValue(value, redactor.known))
      : wrapped(redactor.known(render(result, layout)), layout, '  ');
  screen.status();
  process.stdout.write(`${text}\n`);
}

/** As {@link print}, of what ends with an exit code; with --quiet only where that is not 0. */
export function printOutcome<T>(
  { result, exitCode }: { readonly result: T; readonly exitCode: number },
  globals: Pick<GlobalOptions, 'json' | 'wide' | 'quiet' | 'session'>,
  render: (result: T, layout: Layout) => string,
): void {
  if (exitCode !== 0 || globals.quiet !== true) print(result, globals, render);
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
