import type { ARGUMENTS, COMMANDS } from './pt-br/commands.ts';
import type { DELTA } from './pt-br/delta.ts';
import type { DELTA_REASONS } from './pt-br/delta-reasons.ts';
import type { INIT, PROPOSED } from './pt-br/init.ts';
import type { LAKE } from './pt-br/lake.ts';
import type { MODELS } from './pt-br/models.ts';
import type { PAGE } from './pt-br/page.ts';
import type { PROGRAM } from './pt-br/program.ts';
import type { SCREENS } from './pt-br/screens.ts';
import type { SOURCE } from './pt-br/source.ts';
import type { SPARK } from './pt-br/spark.ts';
import type { STORAGE } from './pt-br/storage.ts';
import type { TABLES } from './pt-br/tables.ts';
import type { STATES, WORDS } from './pt-br/words.ts';

/**
 * A sentence, a heading or a word of the command line that its catalogue has in Portuguese, too: what it lacks does not
 * compile. English is the source. In a catalogue `{}` is a value that stays as it is, `{n}` a number and `{s}` what is a
 * sentence itself.
 */
export type Sentence = Word | Pattern<keyof typeof SCREENS | keyof typeof COMMANDS | keyof typeof INIT>;

/** The same of the page. */
export type PageText = Word | Pattern<keyof typeof PAGE>;

/** What both say. */
export type Word = Pattern<keyof typeof WORDS>;

/** A word for what became of a table, or how something is. */
export type State = keyof typeof STATES;

/** The same of errors, hints and reasons. */
export type Told = Pattern<
  | keyof typeof ARGUMENTS
  | keyof typeof PROGRAM
  | keyof typeof PROPOSED
  | keyof typeof TABLES
  | keyof typeof SOURCE
  | keyof typeof STORAGE
  | keyof typeof LAKE
  | keyof typeof MODELS
  | keyof typeof DELTA
  | keyof typeof DELTA_REASONS
  | keyof typeof SPARK
>;

/** A sentence of ours, or what is not ours or put together of such: that is translated as far as it is known. */
export type Said = Told | { readonly quoted: string };

type Pattern<Written extends string> = Written extends `${infer Before}{}${infer After}`
  ? `${Pattern<Before>}${string}${Pattern<After>}`
  : Written extends `${infer Before}{s}${infer After}`
    ? `${Pattern<Before>}${string}${Pattern<After>}`
    : Written extends `${infer Before}{n}${infer After}`
      ? `${Before}${string}${Pattern<After>}`
      : Written;
