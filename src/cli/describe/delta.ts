import { type Command, Option } from 'commander';
import { say } from '../language.ts';
import type { Action } from './action.ts';
import { list, positive, wholeNumber } from './parsers.ts';

/** The commands on Delta tables. */
export function describeDelta(delta: Command, action: Action): void {
  const path = say(
    'the folder that holds _delta_log, its s3:// address, or a table of the lake: silver.clientes',
  );
  const vertical = new Option('--vertical', say('show each row as a block, a column a line'));
  const format = new Option('--format <format>', say('how to print the rows')).choices([
    'table',
    'csv',
    'jsonl',
  ]);
  const out = new Option('--out <file>', say('write the rows to a file: .parquet, .csv or .jsonl'));
  const limit = new Option('--limit <n>', say('at most so many')).argParser(positive);
  const atVersion = new Option('--version <n>', say('as it was at this version')).argParser(wholeNumber);
  const atTime = new Option('--timestamp <time>', say('as it was at this time, e.g. 2024-01-31T12:00:00Z'));

  delta
    .command('describe')
    .description(say('its version, columns, size, properties and what it demands of readers and writers'))
    .argument('<path>', path)
    .addOption(atVersion)
    .addOption(atTime)
    .action(action(async () => (await import('../commands/delta.ts')).describe));

  delta
    .command('history')
    .description(say('its commits, newest first'))
    .argument('<path>', path)
    .addOption(limit)
    .action(action(async () => (await import('../commands/delta.ts')).history));

  delta
    .command('read')
    .description(say('its rows'))
    .argument('<path>', path)
    .addOption(atVersion)
    .addOption(atTime)
    .option('--columns <columns>', say('only these columns, by comma'), list)
    .option('--where <condition>', say('only rows for which this SQL condition holds'))
    .addOption(format)
    .addOption(vertical)
    .addOption(out)
    .addOption(limit)
    .action(action(async () => (await import('../commands/delta.ts')).read));

  delta
    .command('changes')
    .description(
      say('its change data feed: every changed row, and how, when and by which version it changed'),
    )
    .argument('<path>', path)
    .requiredOption('--from <version>', say('the first version, by number or time'))
    .option('--to <version>', say('the last version, by number or time (default: the newest)'))
    .addOption(format)
    .addOption(vertical)
    .addOption(out)
    .addOption(limit)
    .action(action(async () => (await import('../commands/delta.ts')).changes));

  delta
    .command('convert')
    .description(say('make a folder of Parquet files a table of these very files'))
    .argument('<path>', say('the folder, or its s3:// address'))
    .option('--partition <columns>', say('what its folders tell, with types: day:date,city:string'), list)
    .action(action(async () => (await import('../commands/delta-convert.ts')).convert));

  delta
    .command('optimize')
    .description(say('put small files together, and take deleted rows out of files'))
    .argument('<path>', path)
    .option('--where <condition>', say('only files that may hold rows for this SQL condition'))
    .addOption(
      new Option(
        '--target-size <megabytes>',
        say('as large as files are to become (default: 256)'),
      ).argParser(positive),
    )
    .action(action(async () => (await import('../commands/delta-upkeep.ts')).optimize));

  delta
    .command('vacuum')
    .description(say('remove files that no version of the last days needs'))
    .argument('<path>', path)
    .option('--dry-run', say('tell what would be removed, and remove nothing'))
    .addOption(
      new Option(
        '--retention-hours <n>',
        say('how long removed files stay (default: as the table says, else 168)'),
      ).argParser(wholeNumber),
    )
    .option(
      '--allow-short-retention',
      say('take less than the table says, which fails readers and writers that still run'),
    )
    .action(action(async () => (await import('../commands/delta-upkeep.ts')).vacuum));

  delta
    .command('restore')
    .description(say('make it what it was at an older version, by a new version'))
    .argument('<path>', path)
    .addOption(atVersion)
    .addOption(atTime)
    .action(action(async () => (await import('../commands/delta-upkeep.ts')).restore));
}
