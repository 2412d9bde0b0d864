import { Argument, type Command, Option } from 'commander';
import type { Sentence } from '../../core/language/sentence.ts';
import { ENGINES } from '../../pipeline/context.ts';
import { SHELLS } from '../commands/completion.ts';
import { say } from '../language.ts';
import { HELP, wrapped } from '../render/layout.ts';
import type { Action } from './action.ts';
import { describeDelta } from './delta.ts';
import { addExamples } from './examples.ts';
import { describeExplore } from './explore.ts';
import { list, positive, stages, wholeNumber } from './parsers.ts';

/** Every command, in the order of the help. */
export function describeCommands(program: Command, action: Action): void {
  program
    .command('demo')
    .description(
      say('the whole stream on three generated days of a loyalty system: no network, no credentials'),
    )
    .option('--lake <dir>', say('the folder to make; an earlier demo in it is replaced'), 'lake-demo')
    .action(action(() => import('../commands/demo.ts')));

  program
    .command('init')
    .description(say('ask a few questions and write igarape.json and .env.example'))
    .argument('[folder]', say('the folder with the tables (default: ./data, ./dados or this one)'))
    .option('--yes', say('take the defaults'))
    .option('--example', say('take a public data set of Kaggle as the source'))
    .option('--lakehouse', say('feed bronze, silver and gold too, with models to begin with'))
    .action(action(() => import('../commands/init.ts')));

  program
    .command('run')
    .description(say('one cycle: find what changed, publish it, commit it'))
    .option('--schedule', say('repeat by the timer of the configuration'))
    .option('--skip-download', say('use what an earlier run has downloaded'))
    .option('--tables <tables>', say('only these tables, by comma'), list)
    .option('--approve <tables>', say('tables, by comma, whose guards are approved this once'), list)
    .option('--reload <tables>', say('tables, by comma, that get a new full-load'), list)
    .addOption(
      new Option('--only <stages>', say('only these stages, by comma: raw, bronze, silver, gold')).argParser(
        stages,
      ),
    )
    .option('--models <models>', say(`only these models, by comma: ${say(SELECTION)}`), list)
    .option('--full-refresh', say('make the tables of the layers anew as a whole'))
    .addOption(
      new Option('--engine <engine>', say('what computes the layers, instead of the configured one')).choices(
        ENGINES,
      ),
    )
    .option('--adopt-prefix', say('begin a lake where files of others are under full-load/ and cdc/'))
    .option('--source-moved', say('go on from the configured source: the same data has moved there'))
    .action(action(() => import('../commands/run.ts')));

  program
    .command('plan')
    .description(say('what a run would do; changes nothing'))
    .option('--skip-download', say('use what an earlier run has downloaded'))
    .option('--tables <tables>', say('only these tables, by comma'), list)
    .option('--approve <tables>', say('plan as if the guards of these tables, by comma, were approved'), list)
    .option('--reload <tables>', say('plan a new full-load of these tables, by comma'), list)
    .addOption(
      new Option('--only <stages>', say('only these stages, by comma: raw, bronze, silver, gold')).argParser(
        stages,
      ),
    )
    .option('--models <models>', say(`only these models, by comma: ${say(SELECTION)}`), list)
    .option('--full-refresh', say('plan to make the tables of the layers anew as a whole'))
    .addOption(
      new Option('--engine <engine>', say('plan for this engine instead of the configured one')).choices(
        ENGINES,
      ),
    )
    .action(action(() => import('../commands/plan.ts')));

  program
    .command('check')
    .description(
      say('check the configuration and the models against the columns of what they read; reads no row'),
    )
    .option('--models <models>', say(`tell of these models alone: ${say(SELECTION)}`), list)
    .addOption(
      new Option('--engine <engine>', say('tell which models could run there; no cluster is asked')).choices(
        ENGINES,
      ),
    )
    .action(action(() => import('../commands/check.ts')));

  program
    .command('preview')
    .description(
      say("a model's rows as a run would leave them, or what it would change, row by row; writes nothing"),
    )
    .argument('<model>', say('its name, e.g. silver.clientes'))
    .option('--diff', say('what would change instead: inserts, deletes, and updates with old and new values'))
    .addOption(
      new Option(
        '--only <stages>',
        say('only these stages, by comma: silver,gold leaves the source alone'),
      ).argParser(stages),
    )
    .option('--full-refresh', say('as if the tables were made anew as a whole'))
    .addOption(
      new Option('--format <format>', say('how to print the rows')).choices(['table', 'csv', 'jsonl']),
    )
    .option('--out <file>', say('write the rows to a file: .parquet, .csv or .jsonl'))
    .option('--limit <n>', say('at most so many rows'), positive)
    .action(action(() => import('../commands/preview.ts')));

  program
    .command('test')
    .description(say("run the models' tests: given rows, and those that a model is to make of them"))
    .option('--models <models>', say(`only tests of these models: ${say(SELECTION)}`), list)
    .action(action(() => import('../commands/test.ts')));

  program
    .command('verify')
    .description(
      say('prove that full-load and change files give the last snapshot, and that no file was touched'),
    )
    .option(
      '--since [run]',
      say('go on from what this machine has verified before, up to a run (default: the last time)'),
      wholeNumber,
    )
    .option('--sample', say('of the layers only some dates, or the rows of some keys'))
    .option('--models <models>', say(`only these tables of the layers: ${say(SELECTION)}`), list)
    .action(action(() => import('../commands/verify.ts')));

  program
    .command('status')
    .description(say("the lake's tables, its last runs, what was held, the next run"))
    .action(action(() => import('../commands/status.ts')));

  program
    .command('history')
    .description(say('the committed runs, newest first'))
    .option('--table <table>', say('only runs that published or held this table'))
    .option('--limit <n>', say('how many runs'), positive, 20)
    .action(action(() => import('../commands/history.ts')));

  describeExplore(program, action);

  program
    .command('graph')
    .description(say('what is made of what: the tables of the source, of bronze, silver and gold'))
    .option('--models <models>', say(`only these tables: ${say(SELECTION)}`), list)
    .addOption(
      new Option('--format <format>', say('how to print it'))
        .choices(['text', 'mermaid', 'svg', 'json'])
        .default('text'),
    )
    .action(action(() => import('../commands/graph.ts')));

  program
    .command('query')
    .description(
      say('SQL over the lake: clientes, run_3.clientes, cdc.clientes, bronze.clientes, gold.daily'),
    )
    .argument(
      '[sql]',
      say('one SELECT, DESCRIBE, SUMMARIZE or SHOW TABLES; - reads it from the standard input'),
    )
    .option('-f, --file <file>', say('read the SQL from a file'))
    .addOption(
      new Option('--format <format>', say('how to print the rows')).choices(['table', 'csv', 'jsonl']),
    )
    .option('--out <file>', say('write the rows to a file: .parquet, .csv or .jsonl'))
    .option('--vertical', say('show each row as a block, a column a line'))
    .option('--limit <n>', say('at most so many rows'), positive)
    .option('--timeout <seconds>', say('how long it may take (default: query_timeout, 600)'), positive)
    .option(
      '--allow-files <paths>',
      say('files or folders, by comma, that read_csv and the like may read'),
      list,
    )
    .addHelpText('after', queryHelp())
    .action(action(() => import('../commands/query.ts')));

  program
    .command('sql')
    .description(say('a shell for queries, with history and completion'))
    .action(action(() => import('../commands/sql.ts')));

  program
    .command('tables')
    .description(say('the tables that a query may name, with their columns and rows'))
    .argument('[table]', say('only this one, with the types of its columns'))
    .action(action(() => import('../commands/tables.ts')));

  program
    .command('compact')
    .description(
      say('publish the state of tables as new full-loads, so that replay starts there; older files stay'),
    )
    .option('--tables <tables>', say('only these tables of the lake, by comma'), list)
    .action(action(() => import('../commands/compact.ts')));

  program
    .command('drop')
    .description(say('remove a table of the layers that nothing makes any more, with all of its versions'))
    .argument('<table>', say('its name, e.g. silver.clientes'))
    .action(action(() => import('../commands/drop.ts')));

  program
    .command('doctor')
    .description(
      say('check configuration, credentials, source, lake rights, conditional writes, clock and disk'),
    )
    .action(action(() => import('../commands/doctor.ts')));

  program
    .command('completion')
    .description(say('print what makes a shell complete commands, options and tables'))
    .addArgument(new Argument('<shell>', say('which one')).choices(SHELLS))
    .action(action(() => import('../commands/completion.ts')));

  program
    .command('explain')
    .description(say('what an error code means, and what to do'))
    .argument('[code]', say('for example SOURCE_NOT_FOUND (default: all of them)'))
    .action(action(() => import('../commands/explain.ts')));

  program
    .command('backfill')
    .description(
      say("fill an empty lake from the source's past versions, or compute dates of a gold table anew"),
    )
    .argument('[table]', say('a gold table, e.g. gold.daily: --from and --to are dates then'))
    .requiredOption('--from <version>', say('the version, or the date such as 2024-02-01, to begin with'))
    .option(
      '--to <version>',
      say('the one to end with, which is included (default: the newest version; dates need one)'),
    )
    .option('--adopt-prefix', say('begin a lake where files of others are under full-load/ and cdc/'))
    .action(action(() => import('../commands/backfill.ts')));

  program
    .command('engine')
    .description(say('what computes the layers, beside DuckDB'))
    .command('register')
    .description(
      say('print the statements that register the tables of the layers in Unity Catalog, Glue or Hive'),
    )
    .option('--catalog <name>', say('the catalog that gets them (default: the current one of Spark)'))
    .option('--run', say('let the engine of the configuration, or SPARK_REMOTE, execute them'))
    .action(action(() => import('../commands/engine-register.ts')));

  describeDelta(
    program
      .command('delta')
      .description(say('read and keep up Delta tables, by folder, s3:// address or name')),
    action,
  );
  addExamples(program);
}

const SELECTION: Sentence =
  'silver.clientes; silver.clientes+ with what reads it, +gold.daily with what it reads; gold, a layer; tag:daily; finance/ or gold/finance/, a folder';

/** What a query may name, in columns. */
function queryHelp(): string {
  const rows = [
    ['clientes', say('its latest state')],
    ['run_3.clientes', say('its state after run 3')],
    ['cdc.clientes', say('all its changes, with the run of each as _run')],
    ['full_load.clientes', say('what its newest full-load published')],
    [
      'bronze.clientes',
      say(
        "a table of a layer: bronze, silver or gold; as it was with FROM silver.clientes AT (VERSION => 3), or AT (TIMESTAMP => '2025-10-04 12:00:00')",
      ),
    ],
  ].map(([name = '', what = '']) => `  ${name.padEnd(18)}  ${what}`);
  const files = say(
    'A query only reads, and only the tables that it names. For other files say which: --allow-files data/extra.csv',
  );
  return [
    '',
    say('Tables, by the example of clientes:'),
    ...rows.map((row) => wrapped(row, HELP, ' '.repeat(22))),
    '',
    wrapped(files, HELP),
  ].join('\n');
}
