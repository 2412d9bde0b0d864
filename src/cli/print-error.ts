import { styleText } from 'node:util';
import type { ExitCode, IgarapeError } from '../core/errors.ts';

/** Tells the user of a fatal error: a JSON document on stdout, or sentences on stderr. Resolves the exit code. */
export function printError(error: IgarapeError, options: { readonly json?: boolean }): ExitCode {
  if (options.json === true) {
    const { code, message, hint } = error;
    process.stdout.write(`${JSON.stringify({ error: { code, message, hint: hint ?? null } })}\n`);
  } else {
    process.stderr.write(`${styleText('red', 'error', { stream: process.stderr })} ${error.message}\n`);
    if (error.hint !== undefined) process.stderr.write(`  ${error.hint}\n`);
  }
  return error.exitCode;
}
