import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { runCli } from '../support/cli.ts';
import { describeWith, type Peer } from '../support/external.ts';
import { useTempDir } from '../support/tmp.ts';
import { openShop, publish } from './shop.ts';

const BIN = fileURLToPath(new URL('../../bin/igarape.js', import.meta.url));
const dir = useTempDir();

/** Debian's shells, as `.ci/run` installs them. */
function shell(name: string): Peer<string> {
  const found = [`/usr/bin/${name}`, `/bin/${name}`].find((path) => existsSync(path));
  return found === undefined
    ? { here: false, reason: `what completes commands is tried in ${name}: apt-get install ${name}` }
    : { here: true, value: found };
}

/** What is typed, and what the word under the cursor may become; in a shell that gives words as they are typed. */
const TYPED: readonly (readonly [line: string, found: readonly string[]])[] = [
  ['igarape pl', ['plan']],
  ['igarape run --app', ['--approve']],
  ['igarape run --tables clients,o', ['clients,orders']],
  ['igarape run --tables=o', ['--tables=orders']],
  ['igarape run --engine ', ['duckdb', 'spark']],
  ['igarape explain LAKE_NE', ['LAKE_NEWER']],
  ['igarape delta va', ['vacuum']],
  ['igarape delta history cli', []],
  ['igarape tables ', ['clients', 'orders']],
  ['igarape query --file que', ['queries.sql']],
  ['igarape query --file=que', ['--file=queries.sql']],
  ['igarape query --file=none', []],
];

const wordsOf = (line: string): readonly string[] => line.split(' ');
const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(' ');

/** What the lines of a script print, run by the shell in a project, where `igarape` is on the path. */
async function printedBy(
  program: string,
  args: readonly string[],
  lines: readonly string[],
): Promise<string[]> {
  await openShop(dir(), { tables: ['clients', 'orders'].map((name) => ({ name, pk: 'id' })) });
  await publish(dir(), 'clients', [{ id: 1, name: 'Ana' }]);
  await writeFile(join(dir(), 'queries.sql'), 'SELECT 1');
  const bin = join(dir(), 'bin');
  await mkdir(bin);
  await symlink(BIN, join(bin, 'igarape'));
  const env = { ...process.env, HOME: dir(), PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` };
  const script = lines.join('\n');
  const { stdout } = await promisify(execFile)(program, [...args, '-c', script], { cwd: dir(), env });
  return stdout.trim().split('\n');
}

const FOUND = TYPED.map(([line, found]) => `${line}: ${found.join(' ')}`);

describeWith(shell('bash'), 'in a real bash', (bash) => {
  test('Tab knows commands, options, values, tables, codes and files', async () => {
    // It takes a sign of equality for a word, and completes what comes after it.
    const split = (line: string): readonly string[] => wordsOf(line.replace('=', ' = '));
    const lines = TYPED.map(
      ([line]) =>
        `COMP_WORDS=(${quoted(split(line))}); COMP_CWORD=$((\${#COMP_WORDS[@]}-1)); _igarape; ` +
        `[ -n "$COMPREPLY" ] || COMPREPLY=($(compgen -f -- "\${COMP_WORDS[-1]}")); echo "${line}: \${COMPREPLY[*]}"`,
    );
    const found = await printedBy(bash, [], ['source <(igarape completion bash)', ...lines]);
    expect(found.map((line) => line.trimEnd())).toEqual(
      FOUND.map((line) => line.replace(/: --[a-z]+=/, ': ').trimEnd()),
    );
  });
});

describeWith(shell('zsh'), 'in a real zsh', (zsh) => {
  const typed = TYPED.map(
    ([line]) => `words=(${quoted(wordsOf(line))}); CURRENT=$#words; printf '%s: ' '${line}'; _igarape; echo`,
  );
  const answers = [
    'compadd() { print -nr -- ${(P)@[-1]} }',
    'compset() { before=${words[CURRENT]%%=*}=; words[CURRENT]=${words[CURRENT]#*=} }',
    '_files() { local -a found=(${words[CURRENT]}*(N)); print -nr -- $before$^found; before= }',
    'compdef() { registered=$2 }',
  ];

  test('Tab knows commands, options, values, tables, codes and files', async () => {
    const lines = ['source <(igarape completion zsh)', '[[ $registered == igarape ]] || exit 1', ...typed];
    const found = await printedBy(zsh, ['-f'], [...answers, ...lines]);
    expect(found.map((line) => line.trimEnd())).toEqual(FOUND.map((line) => line.trimEnd()));
  });

  test('so does one that finds the script on its path, from the first time on', async () => {
    const lines = [
      'mkdir fpath',
      'igarape completion zsh > fpath/_igarape',
      'fpath=(fpath)',
      'autoload _igarape',
    ];
    const found = await printedBy(zsh, ['-f'], [...answers, ...lines, ...typed]);
    expect(found.map((line) => line.trimEnd())).toEqual(FOUND.map((line) => line.trimEnd()));
  });
});

describeWith(shell('fish'), 'in a real fish', (fish) => {
  test('Tab knows commands, options, values, tables, codes and files', async () => {
    const lines = TYPED.map(([line]) => `echo '${line}:' (complete -C '${line}')`);
    const found = await printedBy(fish, ['-N'], ['igarape completion fish | source', ...lines]);
    expect(found.map((line) => line.trimEnd())).toEqual(FOUND.map((line) => line.trimEnd()));
  });
});

test('PowerShell gets a script that asks the program, with two quotes for a word that is not begun', async () => {
  const { exitCode, stdout } = await runCli(['completion', 'powershell'], { cwd: dir() });
  expect(exitCode).toBe(0);
  expect(stdout).toContain('igarape __complete');
  const { stdout: found } = await runCli(['__complete', 'run', '--engine', '""'], { cwd: dir() });
  expect(found).toBe('duckdb\nspark\n');
});
