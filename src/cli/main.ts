import { Command, CommanderError, Option } from 'commander';
import { asIgarapeError, type ExitCode, IgarapeError } from '../core/errors.ts';
import type { GlobalOptions } from './options.ts';
import { printError } from './print-error.ts';
import { version } from './version.ts';

/** What a command's module exports: it loads only when its command is given. */
interface CommandModule {
  command(args: readonly string[], options: object, globals: GlobalOptions): Promise<ExitCode>;
}

type Loader = () => Promise<CommandModule>;

/** The command line: parses `argv` (without node and script), runs one command, and resolves the exit code. */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const program = describeCommands((load) => async (...call: unknown[]) => {
    const command = call.at(-1) as Command;
    const module = await load();
    exitCode = await module.command(command.args, command.opts(), program.opts<GlobalOptions>());
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      const hint = `See: igarape ${argv[0] ?? ''} --help`.replace('  ', ' ');
      return printError(new IgarapeError('USAGE', error.message.replace(/^error: /, ''), { hint }), { json: argv.includes('--json') });
    }
    return printError(asIgarapeError(error), { json: argv.includes('--json') });
  }
}

type Action = (load: Loader) => (...call: unknown[]) => Promise<void>;

function describeCommands(action: Action): Command {
  const program = new Command('igarape')
    .description('Turns data sets that are published as whole snapshots into a change-data-capture stream and a lakehouse.')
    .version(version(), '--version', 'print the version')
    .helpOption('--help', 'show help')
    .option('--config <file>', 'the configuration (default: igarape.json, then config.json)')
    .option('--json', 'print one JSON document on stdout; logs go to stderr')
    .addOption(
      new Option('--log-level <level>', 'how much to log').choices(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
    )
    .option('--no-color', 'print without colours')
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  return program
    .addCommand(
      runOptions(new Command('run'))
        .description('one cycle: find what changed, publish it, commit it')
        .option('--schedule', 'repeat by the timer of the configuration')
        .option('--skip-download', 'use what an earlier run has downloaded')
        .option('--reload <tables>', 'tables, by comma, that get a new full-load', list)
        .action(action(() => import('./commands/run.ts'))),
    )
    .addCommand(
      new Command('verify')
        .description('prove that full-load and change files give the last snapshot, and that no file was touched')
        .action(action(() => import('./commands/verify.ts'))),
    );
}

function runOptions(command: Command): Command {
  return command
    .option('--tables <tables>', 'only these tables, by comma', list)
    .option('--approve <tables>', 'tables, by comma, whose guards are approved this once', list);
}

function list(value: string): string[] {
  return value.split(',').map((item) => item.trim()).filter((item) => item !== '');
}
