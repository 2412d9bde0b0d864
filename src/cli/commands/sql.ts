import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline/promises';
import { listTables, type ListedTable } from '../../pipeline/tables.ts';
import { say } from '../language.ts';
import type { GlobalOptions } from '../options.ts';
import { printError } from '../print-error.ts';
import { openProject, type Project } from '../project.ts';
import { layoutOf, wrapped } from '../render/layout.ts';
import { untilStopped } from '../stop.ts';
import { printQuery } from './query.ts';

const PROMPT = 'igarape> ';
const MORE = '    ...> ';
const MOST_REMEMBERED = 500;

/**
 * A shell for queries: each ends with a semicolon, and is sealed and on its own as one of `igarape query` is. What fails
 * is told, and the shell goes on; piped in, the first failure ends it with its exit code.
 */
export async function command(
  _args: readonly string[],
  _options: object,
  globals: GlobalOptions,
): Promise<number> {
  const project = await openProject(globals);
  const tables = await untilStopped((signal) => listTables(project, project.edge(signal)));
  globals.session.screen.status();
  const isAsked = process.stdin.isTTY;
  const history = join(project.config.workDir, 'sql-history');
  const lines = createInterface({
    input: process.stdin,
    output: isAsked ? process.stdout : undefined,
    history: isAsked ? await remembered(history) : [],
    completer: (line: string) => completed(line, tables),
    prompt: PROMPT,
  });
  const shell: Shell = { project, globals, isVertical: false, exitCode: 0 };
  if (isAsked) {
    const names = tables.map(({ name }) => name).join(', ');
    tell(names === '' ? say('There are no tables yet.') : say(`Tables: ${names}`));
    tellCommands();
    lines.on(
      'history',
      (kept: string[]) => void writeFile(history, kept.slice(0, MOST_REMEMBERED).join('\n')),
    );
  }
  await readStatements(lines, isAsked, shell);
  return shell.exitCode;
}

function tell(text: string): void {
  process.stdout.write(`${wrapped(text, layoutOf(process.stdout), '  ')}\n`);
}

function tellCommands(): void {
  tell(say('A query ends with ; and .tables, .vertical and .quit are commands. Tab completes.'));
}

interface Shell {
  readonly project: Project;
  readonly globals: GlobalOptions;
  isVertical: boolean;
  exitCode: number;
}

/** What ends shells of databases. */
const ENDS: ReadonlySet<string> = new Set(['.quit', '.exit', 'exit', 'quit', String.raw`\q`]);

async function readStatements(lines: Interface, isAsked: boolean, shell: Shell): Promise<void> {
  let statement = '';
  const ask = (): void => {
    if (!isAsked) return;
    lines.setPrompt(statement === '' ? PROMPT : MORE);
    lines.prompt();
  };
  // Ctrl-C gives up what is half written.
  lines.on('SIGINT', () => {
    statement = '';
    process.stdout.write('\n');
    ask();
  });
  ask();
  for await (const line of lines) {
    const word = line.trim().toLowerCase();
    if (statement === '' && ENDS.has(word.replace(/;$/, ''))) break;
    if (statement === '' && word === '.vertical') shell.isVertical = !shell.isVertical;
    else if (statement === '' && word === '.tables') await runStatement('SHOW TABLES', shell);
    else if (statement === '' && isAsked && word.startsWith('.')) tellCommands();
    else {
      statement += `${line}\n`;
      if (/;\s*$/.test(line) || statement.trim() === '') {
        await runStatement(statement.trim(), shell);
        statement = '';
      }
    }
    if (!isAsked && shell.exitCode !== 0) break;
    ask();
  }
  lines.close();
  if (!isAsked && statement.trim() !== '' && shell.exitCode === 0)
    await runStatement(statement.trim(), shell);
}

async function runStatement(sql: string, shell: Shell): Promise<void> {
  if (sql === '') return;
  const { project, globals, isVertical } = shell;
  try {
    await printQuery(project, sql.replace(/;\s*$/, ''), isVertical ? { vertical: true } : {}, globals);
  } catch (error) {
    const code = printError(error, globals);
    if (!process.stdin.isTTY) shell.exitCode = code;
  }
}

const WORDS = ['SELECT', 'FROM', 'WHERE', 'GROUP BY', 'ORDER BY', 'LIMIT', 'JOIN', 'DESCRIBE', 'SUMMARIZE'];

/** What the last word may become: a table, a column, or a word of SQL. */
function completed(line: string, tables: readonly ListedTable[]): [string[], string] {
  const word = /[\w.]*$/.exec(line)?.[0] ?? '';
  const columns = new Set(tables.flatMap((table) => table.columns.map(({ name }) => name)));
  const names = [...tables.map(({ name }) => name), ...columns];
  const found = names.filter((each) => each.toLowerCase().startsWith(word.toLowerCase()));
  return [[...found, ...WORDS.filter((each) => each.startsWith(word))], word];
}

async function remembered(path: string): Promise<string[]> {
  try {
    return (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
  } catch {
    return [];
  }
}
