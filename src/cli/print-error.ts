import { styleText } from 'node:util';
import { asIgarapeError, type IgarapeError } from '../core/errors.ts';
import type { GlobalOptions } from './options.ts';
import { Stopped } from './stop.ts';

/** An error as a program reads it. */
export interface ErrorDocument {
  readonly error: { readonly code: string; readonly message: string; readonly hint: string | null };
}

/**
 * Tells the user of a fatal error: a JSON document on stdout, or sentences on stderr. What caused it goes to the log.
 * Returns the exit code.
 */
export function printError(thrown: unknown, globals: Pick<GlobalOptions, 'json' | 'session'>): number {
  const error = asIgarapeError(thrown);
  const { session, json } = globals;
  const document = errorDocument(error, globals);
  logError(error, document, globals);
  session.screen.status();
  if (json === true) {
    process.stdout.write(`${JSON.stringify(document)}\n`);
  } else {
    const { message, hint } = document.error;
    session.screen.write(`${styleText('red', 'error', { stream: process.stderr })} ${message}\n`);
    if (hint !== null) session.screen.write(`  ${hint}\n`);
  }
  return error instanceof Stopped ? error.processExitCode : error.exitCode;
}

export function errorDocument(
  error: IgarapeError,
  { session }: Pick<GlobalOptions, 'session'>,
): ErrorDocument {
  const { redactor, log } = session;
  const isDefect = error.code === 'DEFECT';
  const hint =
    isDefect && log !== undefined
      ? `This is a defect of igarape. Please report it with the log: ${log.path}`
      : error.hint;
  return {
    error: {
      code: error.code,
      message: redactor.text(error.message),
      hint: hint === undefined ? null : redactor.text(hint),
    },
  };
}

/** On a terminal the sentences say it; there only the file has the log's line. */
function logError(
  error: IgarapeError,
  { error: { code, message, hint } }: ErrorDocument,
  { session }: Pick<GlobalOptions, 'session'>,
): void {
  const logger = session.logger ?? session.log?.correlated('none');
  if (logger === undefined) return;
  if (!session.screen.isTerminal) logger.error({ code, hint }, message);
  logger.debug({ code, hint, stack: error.stack, causes: causesOf(error) }, message);
}

function causesOf(error: Error): object[] {
  const causes: object[] = [];
  let cause = error.cause;
  while (cause !== undefined && causes.length < MOST_CAUSES) {
    causes.push(describe(cause));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return causes;
}

const MOST_CAUSES = 10;

function describe(cause: unknown): object {
  if (!(cause instanceof Error)) return { message: String(cause) };
  const code = 'code' in cause ? { code: String(cause.code) } : {};
  return { name: cause.name, ...code, message: cause.message, stack: cause.stack };
}
