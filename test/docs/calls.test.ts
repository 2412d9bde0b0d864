import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { describe, expect, test } from 'vitest';
import { describeCommands } from '../../src/cli/describe/commands.ts';
import { describeProgram } from '../../src/cli/describe/program.ts';
import { fencesOf } from './fences.ts';

const ROOT = join(import.meta.dirname, '../..');
const PAGES = [
  'README.md',
  'README.pt-BR.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

interface Call {
  readonly call: string;
  /** It is to be given as it stands; in a sentence a command may be named without all that it takes. */
  readonly isWhole: boolean;
}

const NAMED_ALONE: ReadonlySet<string> = new Set([
  'commander.missingArgument',
  'commander.missingMandatoryOptionValue',
  'commander.optionMissingArgument',
  'commander.help',
]);

/** Calls that a shell would make: what follows `igarape` in a fence or in a code span, up to the end of the command. */
function callsIn(page: string): Call[] {
  const markdown = readFileSync(join(ROOT, page), 'utf8');
  const shells = fencesOf(markdown).filter(({ info }) => /^(?:sh|bash|powershell)\b/.test(info));
  const lines = shells.flatMap(({ text }) => text.replaceAll(/[\\`]\n\s*/g, ' ').split('\n'));
  const spans = [...markdown.replaceAll(/^```[^]*?^```$/gm, '').matchAll(/`((?:npx )?igarape [^`]+)`/g)];
  const named = spans.map(([, span = '']) => span.replaceAll('\n', ' '));
  return [
    ...lines.map((line) => ({ line, isWhole: true })),
    ...named.map((line) => ({ line, isWhole: false })),
  ].flatMap(({ line, isWhole }) => {
    const call = /^(?:\$ |npx |source <\()?igarape(?:\.cmd)? +(.*)$/.exec(line.trim())?.[1];
    return call === undefined ? [] : [{ call, isWhole }];
  });
}

/** The words of a simple command, without what comes after a pipe, a redirection or a comment. */
function wordsOf(call: string): string[] {
  const words = [...call.matchAll(/"([^"]*)"?|'([^']*)'?|([^\s"']+)/g)].map(
    ([plain, double, single]) => double ?? single ?? plain,
  );
  const end = words.findIndex((word) => /^(?:\||\|\||&&|&|>|>>|<|2>.*|#.*|\)|…|\.\.\.)$/.test(word));
  return end < 0 ? words : words.slice(0, end);
}

async function refusalOf({ call, isWhole }: Call): Promise<string | undefined> {
  const words = wordsOf(call);
  const program = describeProgram();
  if (!words.includes('delta')) program.version('0', '-v, --version');
  program.configureOutput({ writeOut: () => undefined });
  describeCommands(program, () => async () => Promise.resolve());
  try {
    await program.parseAsync(words, { from: 'user' });
    return undefined;
  } catch (error) {
    if (
      error instanceof CommanderError &&
      (error.exitCode === 0 || (!isWhole && NAMED_ALONE.has(error.code)))
    )
      return undefined;
    return String(error);
  }
}

describe.each(PAGES)('%s', (page) => {
  test('shows no call that the program would not take', async () => {
    const refused: string[] = [];
    for (const call of callsIn(page)) {
      const refusal = await refusalOf(call);
      if (refusal !== undefined) refused.push(`igarape ${call.call}: ${refusal}`);
    }
    expect(refused).toEqual([]);
  });
});

test('the pages show many calls', () => {
  expect(PAGES.flatMap(callsIn).length).toBeGreaterThan(200);
});
