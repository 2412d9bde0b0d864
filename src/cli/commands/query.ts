import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { IgarapeError, systemReason } from '../../core/errors.ts';
import { withQuery } from '../../pipeline/query.ts';
import type { GlobalOptions } from '../options.ts';
import { printError } from '../print-error.ts';
import { openProject, type Project } from '../project.ts';
import { type OutputOptions, rowsOutput } from '../rows-output.ts';
import { endProcess, untilStopped } from '../stop.ts';

export interface QueryOptions extends OutputOptions {
  readonly file?: string;
  readonly allowFiles?: readonly string[];
  /** In seconds. */
  readonly timeout?: number;
}

export async function command(
  args: readonly string[],
  { file, ...options }: QueryOptions,
  globals: GlobalOptions,
): Promise<number> {
  const sql = await writtenSql(args[0], file);
  rowsOutput(options, globals);
  return printQuery(await openProject(globals), sql, options, globals);
}

/** Prints the rows of one query. `SHOW TABLES` is one, too. */
export async function printQuery(
  project: Project,
  sql: string,
  { allowFiles = [], timeout, ...options }: QueryOptions,
  globals: GlobalOptions,
): Promise<number> {
  if (/^\s*SHOW\s+(?:ALL\s+)?TABLES\s*;?\s*$/i.test(sql)) {
    const { command: tables } = await import('./tables.ts');
    return tables([], {}, globals);
  }
  const output = rowsOutput(options, globals);
  const bounds = {
    ...(timeout === undefined ? {} : { timeoutMs: timeout * 1000 }),
    onStuck: (error: IgarapeError): void => endProcess(printError(error, globals)),
  };
  await untilStopped((signal) =>
    withQuery({ ...project, ...bounds, allowFiles }, sql, project.edge(signal), (query, folder) =>
      output.write(query, folder),
    ),
  );
  return 0;
}

async function writtenSql(argument: string | undefined, file: string | undefined): Promise<string> {
  if (argument !== undefined && file !== undefined) {
    throw new IgarapeError('USAGE', 'The SQL is given twice: as an argument, and by --file.', {
      hint: 'Give one of them.',
    });
  }
  if (argument === '-' || file === '-') return text(process.stdin);
  if (argument !== undefined) return argument;
  if (file === undefined) {
    throw new IgarapeError('USAGE', 'There is no SQL to run.', {
      hint: 'igarape query "SELECT …", --file FILE, or - for what is piped in. A shell for many queries: igarape sql',
    });
  }
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new IgarapeError('USAGE', `${file} cannot be read: ${systemReason(cause)}.`, {
      hint: 'Name a file that holds one query.',
      cause,
    });
  }
}
