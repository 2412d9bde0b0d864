import type { Sentence, State } from '../core/language/sentence.ts';
import { type Translate, translation, withComma } from '../core/language/translation.ts';

export const LANGUAGES = ['en', 'pt-BR'] as const;
export type Language = (typeof LANGUAGES)[number];

interface Speech {
  readonly own: Translate;
  readonly state: Translate;
  readonly told: Translate;
}

/** Undefined where the language is that of the sources, English. */
let speech: Speech | undefined;

/** Sets in which language this process speaks to people. What programs read (JSON, logs) stays as it is. */
export async function speak(language: Language): Promise<void> {
  if (language === 'en') speech = undefined;
  else {
    const { PT_BR } = await import('../core/language/pt-br/all.ts');
    speech = {
      own: translation(PT_BR.own),
      state: translation(PT_BR.states),
      told: translation(PT_BR.told),
    };
  }
}

/** The language that is asked for, else that of the environment. */
export function languageOf(
  asked: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Language {
  const { LC_ALL: all = '', LC_MESSAGES: messages = '', LANG: lang = '' } = env;
  const wanted = asked ?? [all, messages, lang].find((each) => each !== '') ?? '';
  return /^pt\b|^pt_/i.test(wanted) ? 'pt-BR' : 'en';
}

export function spoken(): Language {
  return speech === undefined ? 'en' : 'pt-BR';
}

/** A sentence of the command line in the language that it speaks. */
export function say(english: Sentence): string {
  return speech === undefined ? english : speech.own(english);
}

export function sayState(english: State): string {
  return speech === undefined ? english : speech.state(english);
}

/** What an error, a report or a ledger says, in the language that is spoken. What is not known stays as it is. */
export function told(english: string): string {
  return speech === undefined ? english : speech.told(english);
}

/** A number in English digits, `1,234.5`, as the language writes it. */
export function inDigits(english: string): string {
  return speech === undefined ? english : withComma(english);
}
