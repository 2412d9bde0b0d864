import { Command, Option } from 'commander';
import { LANGUAGES, say, told } from '../language.ts';
import { LOG_LEVELS } from '../options.ts';
import { variable } from './parsers.ts';
import { inTerms, term } from './terms.ts';

/** The program without its commands. */
export function describeProgram(): Command {
  return new Command('igarape')
    .description(
      say(
        'Turns data sets that are published as whole snapshots into a change-data-capture stream and a lakehouse.',
      ),
    )
    .helpOption('-h, --help', say('show help'))
    .option('--config <file>', say('the configuration (default: igarape.json, then config.json)'))
    .option('--json', say('print one JSON document on stdout; logs go to stderr'))
    .addOption(new Option('--log-level <level>', say('how much to log')).choices(LOG_LEVELS).default('info'))
    .addOption(
      new Option(
        '--lang <language>',
        say('the language of screens and errors; by default that of LANG'),
      ).choices(LANGUAGES),
    )
    .option('--wide', say('hide and cut nothing where a table is wider than the terminal'))
    .option('--quiet', say('print nothing where nothing is wrong: for cron'))
    .option('--no-color', say('print without colours'))
    .addOption(
      new Option('--var <name=value>', say("a value of the models' variables; may be given again")).argParser(
        variable,
      ),
    )
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: told,
      styleUsage: inTerms,
      styleOptionTerm: inTerms,
      styleSubcommandTerm: inTerms,
      styleArgumentTerm: term,
      // What commander says itself: of an option its choices and default, of its own command all.
      styleOptionDescription: told,
      styleArgumentDescription: told,
      styleSubcommandDescription: told,
    })
    .configureOutput({ writeErr: () => undefined })
    .exitOverride();
}
