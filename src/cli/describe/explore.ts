import { type Command, Option } from 'commander';
import { say } from '../language.ts';
import type { Action } from './action.ts';
import { list, operations, port, positive, wholeNumber } from './parsers.ts';

/** The commands that look into what a lake holds, and how it came to be. */
export function describeExplore(program: Command, action: Action): void {
  program
    .command('ui')
    .description(say('a page of the lake in the browser: changes, keys, lineage, cubes, SQL'))
    .option('--port <n>', say('the first port that is tried'), port, 4280)
    .option(
      '--host <names>',
      say('names, by comma, by which the page is reached through a forwarded port'),
      list,
    )
    .option('--allow-run', say('let the page approve, start and stop runs; else it only reads'))
    .option('--demo', say('the lake of igarape demo, in ./lake-demo; made first where it is not there'))
    .option('--no-open', say('open no browser'))
    .action(action(() => import('../commands/ui.ts')));

  program
    .command('report')
    .description(say('the same page as one file that opens without a server'))
    .requiredOption('--out <file>', say('report.html; or a folder, for a static host: then without rows'))
    .option('--runs <n>', say('the newest so many runs'), positive, 60)
    .option('--rows', say('put rows of tables into it, also for a folder'))
    .option('--no-rows', say('only counts, columns and lineage'))
    .option('--max-size <megabytes>', say('leave out rows of the oldest runs above this'), positive, 5)
    .action(action(() => import('../commands/report.ts')));

  program
    .command('changes')
    .description(say('the rows that a run has changed in a table, old values beside the new'))
    .argument('<table>', say('a table of the source'))
    .option('--run <n>', say('the run (default: the newest that changed the table)'), wholeNumber)
    .addOption(
      new Option('--operations <letters>', say('only these, by comma: I, U, D')).argParser(operations),
    )
    .option('--changed <column>', say('only updates that changed this column'))
    .option('--search <text>', say('only rows with this text in some column'))
    .option('--limit <n>', say('at most so many rows'), positive, 100)
    .option('--offset <n>', say('leave out so many rows before'), wholeNumber, 0)
    .action(action(() => import('../commands/changes.ts')));

  program
    .command('key')
    .description(say('what has happened to one row, over all runs'))
    .argument('<table>', say('a table of the source'))
    .argument(
      '<key...>',
      say('the value of its key; of a key of several columns, each with its column: id=7 loja=A'),
    )
    .action(action(() => import('../commands/key.ts')));

  program
    .command('diff')
    .description(say('how a table differs between two runs, or a table of a layer between two versions'))
    .argument('<table>', say('a table of the source, or of a layer: silver.clientes'))
    .requiredOption('--from <n>', say('the older run or version'), wholeNumber)
    .requiredOption('--to <n>', say('the newer run or version'), wholeNumber)
    .option('--limit <n>', say('at most so many rows'), positive, 100)
    .action(action(() => import('../commands/diff.ts')));
}
