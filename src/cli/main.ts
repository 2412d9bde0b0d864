import { Command, CommanderError } from 'commander';
import { IgarapeError } from '../core/errors.ts';
import { describeCommands } from './describe/commands.ts';
import { describeProgram } from './describe/program.ts';
import { inTerms, term } from './describe/terms.ts';
import { languageOf, say, speak } from './language.ts';
import type { GlobalOptions } from './options.ts';
import { printError } from './print-error.ts';
import { Session } from './session.ts';
import { version } from './version.ts';

/** The command line: parses `argv` (without node and script), runs one command, and resolves the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const session = new Session();
  const json = argv.includes('--json');
  await speak(languageOf(languageIn(argv), process.env));
  if (argv.includes('--no-color')) withoutColours();
  endOnBrokenPipe();
  withoutSdkWarning();
  // Whatever nobody waits for is a defect, and is told as one.
  process.on('uncaughtException', (error) => process.exit(printError(error, { json, session })));
  let exitCode = 0;
  const program = describeProgram();
  // The commands on Delta tables have a --version of their own.
  if (!argv.includes('delta')) program.version(version(), '-v, --version', say('print the version'));
  describeCommands(program, (load) => async (...call: unknown[]) => {
    const command = call.at(-1);
    if (!(command instanceof Command)) throw new RangeError('An action is called with its command last.');
    if (!json && !STILL.has(command.name())) session.screen.status('…', { isBusy: true });
    const module = await load();
    exitCode = await module.command(command.args, command.opts(), {
      ...program.opts<GlobalOptions>(),
      session,
    });
  });
  try {
    if (argv[0] === '__complete') {
      const { completions } = await import('./complete.ts');
      const found = await completions(program, argv.slice(1));
      process.stdout.write(found.map((each) => `${each}\n`).join(''));
      return 0;
    }
    if (argv.length === 0) program.outputHelp();
    else await program.parseAsync(argv.map(asWritten), { from: 'user' });
    session.screen.status();
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    return printError(error instanceof CommanderError ? usageError(error, argv, program) : error, {
      json,
      session,
    });
  }
}

/** Commands that are done at once. */
const STILL: ReadonlySet<string> = new Set(['explain', 'completion']);

/** SQL may begin with a comment, which is no option; and some programs write -V for -v. */
function asWritten(argument: string, index: number): string {
  if (argument === '-V' && index === 0) return '-v';
  return /^--(?:\s|.*\n)/.test(argument) ? `\n${argument}` : argument;
}

/** The language that is asked for: it counts before anything is described. */
function languageIn(argv: readonly string[]): string | undefined {
  const at = argv.findIndex((each) => each === '--lang' || each.startsWith('--lang='));
  return argv[at]?.split('=')[1] ?? (at < 0 ? undefined : argv[at + 1]);
}

function usageError(error: CommanderError, argv: readonly string[], program: Command): IgarapeError {
  const [message = '', ...rest] = error.message.replace(/^error: /, '').split('\n');
  const suggestion = rest.join(' ').replace(/^\((.*)\)$/, '$1');
  const called = commandsIn(argv, program);
  const help = ['igarape', ...called, '--help'].join(' ');
  if (error.code === 'commander.help')
    return new IgarapeError('USAGE', 'A command is missing.', { hint: `See: ${help}` });
  const isUnquoted = error.code === 'commander.excessArguments' && called[0] === 'query';
  const quote = isUnquoted ? 'Put the SQL in quotes: igarape query "SELECT …".' : '';
  const hint = [suggestion, quote, `See: ${help}`].filter((part) => part !== '').join(' ');
  const said = `${message.charAt(0).toUpperCase()}${message.slice(1)}.`.replace(/\.\.$/, '.');
  return new IgarapeError(
    'USAGE',
    // Programs read the words of the help as they are.
    { quoted: argv.includes('--json') ? said : inTerms(said.replace(NAMED_ARGUMENT, term)) },
    { hint: { quoted: hint } },
  );
}

const NAMED_ARGUMENT = /(?<=(?:required|for) argument ')\w+/;

/** The names of the command that is called, and of those within it: `delta`, `read`. */
function commandsIn(argv: readonly string[], program: Command): string[] {
  const at = argv.findIndex((word) => program.commands.some((each) => each.name() === word));
  const found = program.commands.find((each) => each.name() === argv[at]);
  return found === undefined ? [] : [found.name(), ...commandsIn(argv.slice(at + 1), found)];
}

/** Node.js and every library that colours text heed this. */
function withoutColours(): void {
  process.env['NO_COLOR'] = '1';
  delete process.env['FORCE_COLOR'];
}

/** AWS's SDK would say at every run that it is to need Node.js 22; `igarape doctor` says so. */
function withoutSdkWarning(): void {
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
}

/** A reader that has seen enough (`igarape history | head`) is no error. */
function endOnBrokenPipe(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    throw error;
  });
}
