import { told } from '../language.ts';

/** A usage with the words in its brackets in the language that is spoken: `[opções]`, `--out <arquivo>`. */
export function inTerms(usage: string): string {
  return usage.replaceAll(
    /([<[])([a-z=]+)((?:\.{3})?[>\]])/g,
    (_, open: string, word: string, close: string) => `${open}${term(word)}${close}`,
  );
}

/** The name of an argument. */
export function term(word: string): string {
  return told(`<${word}>`).slice(1, -1);
}
