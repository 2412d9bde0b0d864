import { styleText } from 'node:util';
import { asIgarapeError, type IgarapeError } from '../core/errors.ts';
import { say, told } from './language.ts';
import type { GlobalOptions } from './options.ts';
import { indented, layoutOf, wrapped } from './render/layout.ts';
import { Stopped } from './stop.ts';

/** An error as a program reads it. */
interface ErrorDocument {
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
  logError(error, document, session, json === true);
  session.screen.status();
  if (json === true) {
    process.stdout.write(`${JSON.stringify(document)}\n`);
  } else {
    const { code, message, hint } = document.error;
    const mark = styleText('red', say(`error[${code}]`), { stream: process.stderr });
    const layout = layoutOf(process.stderr);
    session.screen.write(`${wrapped(`${mark} ${told(message)}`, layout, '  ')}\n`);
    if (hint !== null) session.screen.write(`${indented(told(hint), layout)}\n`);
  }
  return error instanceof Stopped ? error.processExitCode : error.exitCode;
}

function errorDocument(error: IgarapeError, { session }: Pick<GlobalOptions, 'session'>): ErrorDocument {
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

/** Told once on a screen: where the sentences say it, only the log's file has the log's line. */
function logError(
  error: IgarapeError,
  { error: { code, message, hint } }: ErrorDocument,
  session: GlobalOptions['session'],
  json: boolean,
): void {
  const logger = session.logger ?? session.log?.correlated('none');
  if (logger === undefined) return;
  if (json && !session.screen.isTerminal) logger.error({ code, hint }, message);
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
