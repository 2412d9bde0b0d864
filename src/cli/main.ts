import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { IgarapeError } from '../core/errors.ts';
import { type Stage, STAGES } from '../pipeline/context.ts';
import { type GlobalOptions, LOG_LEVELS } from './options.ts';
import { printError } from './print-error.ts';
import { Session } from './session.ts';
import { version } from './version.ts';

/** What a command's module exports: it loads only when its command is given. */
interface CommandModule {
  command(args: readonly string[], options: object, globals: GlobalOptions): Promise<number>;
}

/** The command line: parses `argv` (without node and script), runs one command, and resolves the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const session = new Session();
  const json = argv.includes('--json');
  if (argv.includes('--no-color')) withoutColours();
  endOnBrokenPipe();
  withoutSdkWarning();
  // Whatever nobody waits for is a defect, and is told as one.
  process.on('uncaughtException', (error) => process.exit(printError(error, { json, session })));
  let exitCode = 0;
  const program = describeProgram();
  // The commands on Delta tables have a --version of their own.
  if (!argv.includes('delta')) program.version(version(), '--version', 'print the version');
  describeCommands(program, (load) => async (...call: unknown[]) => {
    const command = call.at(-1);
    if (!(command instanceof Command)) throw new RangeError('An action is called with its command last.');
    const module = await load();
    exitCode = await module.command(command.args, command.opts(), {
      ...program.opts<GlobalOptions>(),
      session,
    });
  });
  try {
    if (argv.length === 0) program.outputHelp();
    else await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    return printError(error instanceof CommanderError ? usageError(error, argv) : error, { json, session });
  }
}

function describeProgram(): Command {
  return new Command('igarape')
    .description(
      'Turns data sets that are published as whole snapshots into a change-data-capture stream and a lakehouse.',
    )
    .helpOption('--help', 'show help')
    .option('--config <file>', 'the configuration (default: igarape.json, then config.json)')
    .option('--json', 'print one JSON document on stdout; logs go to stderr')
    .addOption(new Option('--log-level <level>', 'how much to log').choices(LOG_LEVELS).default('info'))
    .option('--no-color', 'print without colours')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeErr: () => undefined })
    .exitOverride();
}

type Action = (load: () => Promise<CommandModule>) => (...call: unknown[]) => Promise<void>;

/** Every command, in the order of the help. */
function describeCommands(program: Command, action: Action): void {
  program
    .command('demo')
    .description('the whole stream on three generated days of a loyalty system: no network, no credentials')
    .option('--lake <dir>', 'the folder to make; an earlier demo in it is replaced', 'lake-demo')
    .action(action(() => import('./commands/demo.ts')));

  program
    .command('init')
    .description('ask a few questions and write igarape.json and .env.example')
    .option('--yes', 'take the defaults')
    .option('--lakehouse', 'feed bronze, silver and gold too, with models to begin with')
    .action(action(() => import('./commands/init.ts')));

  program
    .command('run')
    .description('one cycle: find what changed, publish it, commit it')
    .option('--schedule', 'repeat by the timer of the configuration')
    .option('--skip-download', 'use what an earlier run has downloaded')
    .option('--tables <tables>', 'only these tables, by comma', list)
    .option('--approve <tables>', 'tables, by comma, whose guards are approved this once', list)
    .option('--reload <tables>', 'tables, by comma, that get a new full-load', list)
    .addOption(
      new Option('--only <stages>', 'only these stages, by comma: raw, bronze, silver, gold').argParser(
        stages,
      ),
    )
    .option(
      '--models <models>',
      'only these models, by comma: silver.clientes; silver.clientes+ with what reads it, +gold.daily with what it reads',
      list,
    )
    .option('--full-refresh', 'make the tables of the layers anew as a whole')
    .option('--adopt-prefix', 'begin a lake where files of others are under full-load/ and cdc/')
    .action(action(() => import('./commands/run.ts')));

  program
    .command('plan')
    .description('what a run would do; writes nothing')
    .option('--skip-download', 'use what an earlier run has downloaded')
    .option('--tables <tables>', 'only these tables, by comma', list)
    .option('--approve <tables>', 'plan as if the guards of these tables, by comma, were approved', list)
    .option('--reload <tables>', 'plan a new full-load of these tables, by comma', list)
    .action(action(() => import('./commands/plan.ts')));

  program
    .command('check')
    .description('check the configuration and the models against the columns of what they read; reads no row')
    .action(action(() => import('./commands/check.ts')));

  program
    .command('verify')
    .description('prove that full-load and change files give the last snapshot, and that no file was touched')
    .option(
      '--since [run]',
      'go on from what this machine has verified before, up to a run (default: the last time)',
      wholeNumber,
    )
    .option('--sample', 'of the layers only some dates, or the rows of some keys')
    .action(action(() => import('./commands/verify.ts')));

  program
    .command('status')
    .description("the lake's tables, its last runs, what was held, the next run")
    .action(action(() => import('./commands/status.ts')));

  program
    .command('history')
    .description('the committed runs, newest first')
    .option('--table <table>', 'only runs that published or held this table')
    .option('--limit <n>', 'how many runs', positive, 20)
    .action(action(() => import('./commands/history.ts')));

  program
    .command('graph')
    .description('what is made of what: the tables of the source, of bronze, silver and gold')
    .addOption(
      new Option('--format <format>', 'how to print it').choices(['text', 'mermaid', 'json']).default('text'),
    )
    .action(action(() => import('./commands/graph.ts')));

  program
    .command('query')
    .description('SQL over the lake: clientes, run_3.clientes, cdc.clientes, bronze.clientes, gold.daily')
    .argument('<sql>', 'one SELECT statement')
    .addOption(new Option('--format <format>', 'how to print the rows').choices(['table', 'csv', 'jsonl']))
    .option('--out <file>', 'write the rows to a file: .parquet, .csv or .jsonl')
    .option('--limit <n>', 'at most so many rows', positive)
    .option('--allow-files <paths>', 'files or folders, by comma, that read_csv and the like may read', list)
    .addHelpText('after', QUERY_HELP)
    .action(action(() => import('./commands/query.ts')));

  program
    .command('compact')
    .description(
      'publish the state of tables as new full-loads, so that replay starts there; older files stay',
    )
    .option('--tables <tables>', 'only these tables of the lake, by comma', list)
    .action(action(() => import('./commands/compact.ts')));

  program
    .command('drop')
    .description('remove a table of the layers that nothing makes any more, with all of its versions')
    .argument('<table>', 'its name, e.g. silver.clientes')
    .action(action(() => import('./commands/drop.ts')));

  program
    .command('doctor')
    .description('check configuration, credentials, source, lake rights, conditional writes, clock and disk')
    .action(action(() => import('./commands/doctor.ts')));

  program
    .command('backfill')
    .description("fill an empty lake from the source's past versions, or compute dates of a gold table anew")
    .argument('[table]', 'a gold table, e.g. gold.daily: --from and --to are dates then')
    .requiredOption('--from <version>', 'the version, or the date such as 2024-02-01, to begin with')
    .option('--to <version>', 'the one to end with, which is included (default: the newest version)')
    .option('--adopt-prefix', 'begin a lake where files of others are under full-load/ and cdc/')
    .action(action(() => import('./commands/backfill.ts')));

  describeDelta(
    program.command('delta').description('read and keep up Delta tables, by folder, s3:// address or name'),
    action,
  );
}

function describeDelta(delta: Command, action: Action): void {
  const format = new Option('--format <format>', 'how to print the rows').choices(['table', 'csv', 'jsonl']);
  const out = new Option('--out <file>', 'write the rows to a file: .parquet, .csv or .jsonl');
  const limit = new Option('--limit <n>', 'at most so many').argParser(positive);
  const atVersion = new Option('--version <n>', 'as it was at this version').argParser(wholeNumber);
  const atTime = new Option('--timestamp <time>', 'as it was at this time, e.g. 2024-01-31T12:00:00Z');

  delta
    .command('describe')
    .description('its version, columns, size, properties and what it demands of readers and writers')
    .argument(
      '<path>',
      'the folder that holds _delta_log, its s3:// address, or a table of the lake: silver.clientes',
    )
    .addOption(atVersion)
    .addOption(atTime)
    .action(action(async () => (await import('./commands/delta.ts')).describe));

  delta
    .command('history')
    .description('its commits, newest first')
    .argument(
      '<path>',
      'the folder that holds _delta_log, its s3:// address, or a table of the lake: silver.clientes',
    )
    .addOption(limit)
    .action(action(async () => (await import('./commands/delta.ts')).history));

  delta
    .command('read')
    .description('its rows')
    .argument(
      '<path>',
      'the folder that holds _delta_log, its s3:// address, or a table of the lake: silver.clientes',
    )
    .addOption(atVersion)
    .addOption(atTime)
    .option('--columns <columns>', 'only these columns, by comma', list)
    .option('--where <condition>', 'only rows for which this SQL condition holds')
    .addOption(format)
    .addOption(out)
    .addOption(limit)
    .action(action(async () => (await import('./commands/delta.ts')).read));

  delta
    .command('changes')
    .description('its change data feed: every changed row, and how, when and by which version it changed')
    .argument(
      '<path>',
      'the folder that holds _delta_log, its s3:// address, or a table of the lake: silver.clientes',
    )
    .requiredOption('--from <version>', 'the first version, by number or time')
    .option('--to <version>', 'the last version, by number or time (default: the newest)')
    .addOption(format)
    .addOption(out)
    .addOption(limit)
    .action(action(async () => (await import('./commands/delta.ts')).changes));

  delta
    .command('optimize')
    .description('put small files together, and take deleted rows out of files')
    .argument(
      '<path>',
      'the folder that holds _delta_log, its s3:// address, or a table of the lake: silver.clientes',
    )
    .option('--where <condition>', 'only files that may hold rows for this SQL condition')
    .addOption(
      new Option('--target-size <megabytes>', 'as large as files are to become (default: 256)').argParser(
        positive,
      ),
    )
    .action(action(async () => (await import('./commands/delta-upkeep.ts')).optimize));

  delta
    .command('vacuum')
    .description('remove files that no version of the last days needs')
    .argument(
      '<path>',
      'the folder that holds _delta_log, its s3:// address, or a table of the lake: silver.clientes',
    )
    .option('--dry-run', 'tell what would be removed, and remove nothing')
    .addOption(
      new Option(
        '--retention-hours <n>',
        'how long removed files stay (default: as the table says, else 168)',
      ).argParser(wholeNumber),
    )
    .option(
      '--allow-short-retention',
      'take less than the table says, which fails readers and writers that still run',
    )
    .action(action(async () => (await import('./commands/delta-upkeep.ts')).vacuum));

  delta
    .command('restore')
    .description('make it what it was at an older version, by a new version')
    .argument(
      '<path>',
      'the folder that holds _delta_log, its s3:// address, or a table of the lake: silver.clientes',
    )
    .addOption(atVersion)
    .addOption(atTime)
    .action(action(async () => (await import('./commands/delta-upkeep.ts')).restore));
}

function wholeNumber(value: string): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && Number.isSafeInteger(number)) return number;
  throw new InvalidArgumentError('It must be a whole number.');
}

function stages(value: string, earlier: readonly Stage[] = []): Stage[] {
  const named = list(value).map((name) => {
    const stage = STAGES.find((each) => each === name);
    if (stage === undefined) throw new InvalidArgumentError(`It must be of ${STAGES.join(', ')}.`);
    return stage;
  });
  return [...earlier, ...named];
}

/** A comma-separated list; given twice, both count. */
function list(value: string, earlier: readonly string[] = []): string[] {
  return [
    ...earlier,
    ...value
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  ];
}

const QUERY_HELP = `
Tables, by the example of clientes:
  clientes            its latest state
  run_3.clientes      its state after run 3
  cdc.clientes        all its changes, with the run of each as _run
  full_load.clientes  what its newest full-load published
  bronze.clientes     a table of a layer: bronze, silver or gold; as it was with
                      FROM silver.clientes AT (VERSION => 3) or AT (TIMESTAMP => '2025-10-04 12:00:00')

A query only reads, and only the tables that it names. For other files say which: --allow-files data/extra.csv`;

function positive(value: string): number {
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value);
  throw new InvalidArgumentError('It must be a whole number above 0.');
}

function usageError(error: CommanderError, argv: readonly string[]): IgarapeError {
  const [message = '', ...rest] = error.message.replace(/^error: /, '').split('\n');
  const suggestion = rest.join(' ').replace(/^\((.*)\)$/, '$1');
  const command = argv.find((argument) => !argument.startsWith('-'));
  const help =
    error.code === 'commander.unknownCommand' || command === undefined
      ? 'igarape --help'
      : `igarape ${command} --help`;
  const hint = [suggestion, `See: ${help}`].filter((part) => part !== '').join(' ');
  return new IgarapeError(
    'USAGE',
    `${message.charAt(0).toUpperCase()}${message.slice(1)}.`.replace(/\.\.$/, '.'),
    { hint },
  );
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
