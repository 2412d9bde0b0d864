import type { GlobalOptions } from './options.ts';

/** Prints a result on stdout: as one line of JSON, or as `render` shows it to a person. */
export function print<T>(result: T, globals: Pick<GlobalOptions, 'json'>, render: (result: T) => string): void {
  const text = globals.json === true ? JSON.stringify(result, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value)) : render(result);
  process.stdout.write(`${text}\n`);
}
