import type { Command } from 'commander';
import { expect, onTestFinished, test } from 'vitest';
import { describeCommands } from '../../src/cli/describe/commands.ts';
import { describeProgram } from '../../src/cli/describe/program.ts';
import { type Language, speak } from '../../src/cli/language.ts';

/** The help of every command, by its path, as its lines. */
async function helpIn(language: Language): Promise<Map<string, readonly string[]>> {
  await speak(language);
  onTestFinished(async () => speak('en'));
  const program = describeProgram();
  describeCommands(program, () => async () => undefined);
  const helps = new Map<string, readonly string[]>();
  const visit = (command: Command, path: readonly string[]): void => {
    let text = '';
    command.configureOutput({ writeOut: (part) => (text += part) });
    command.outputHelp();
    helps.set(path.join(' '), text.split('\n'));
    for (const inner of command.commands) visit(inner, [...path, inner.name()]);
  };
  visit(program, []);
  return helps;
}

/** What of a line is words, and no name of an option, a value or a line to be typed. */
function wordsOf(line: string): string {
  if (/^\s+igarape\b|^\s+source <\(igarape/.test(line)) return '';
  return line.replaceAll(/--?[\w-]+|<[^>]*>|\[[^\]]*\]|"[^"]*"|\S*[./:]\S+/g, '').trim();
}

/** What is the same word in both languages. */
const SAME = new Set(['<n>', '<shell>', '[sql]', '<megabytes>']);

test('the words in brackets are Portuguese, too', async () => {
  const brackets = [...(await helpIn('pt-BR')).values()]
    .flat()
    .flatMap((line) => line.match(/<[a-z=.]+>|\[[a-z=.]+\]/g) ?? []);
  const english = [...(await helpIn('en')).values()].flat().join('\n');
  expect([...new Set(brackets)].filter((each) => english.includes(each) && !SAME.has(each))).toEqual([]);
});

test('the help of each command ends with the exit codes, and that of each has an example', async () => {
  for (const [path, lines] of await helpIn('en')) {
    const text = lines.join('\n');
    expect({ path, hasCodes: text.includes('Exit codes:') }).toEqual({ path, hasCodes: true });
    const hasExample =
      path === '' || text.includes(`\n  igarape ${path}`) || text.includes(`(igarape ${path}`);
    expect({ path, hasExample }).toEqual({ path, hasExample: true });
  }
});

test('no line of the help of any command is English in Portuguese', async () => {
  const english = await helpIn('en');
  const portuguese = await helpIn('pt-BR');
  expect([...portuguese.keys()]).toEqual([...english.keys()]);
  expect(english.size).toBeGreaterThan(30);
  const same = [...portuguese].flatMap(([path, lines]) =>
    lines
      .filter((line) => /\p{L}{3}/u.test(wordsOf(line)) && english.get(path)?.includes(line) === true)
      .map((line) => `${path}: ${line}`),
  );
  expect(same).toEqual([]);
});
