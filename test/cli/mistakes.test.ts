import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { speak, told as inLanguage } from '../../src/cli/language.ts';
import { callCli } from '../support/call-cli.ts';
import { runCli } from '../support/cli.ts';
import { useTempDir } from '../support/tmp.ts';
import { writeFileAt } from '../support/write-file.ts';
import { openMistakes } from './mistakes-project.ts';
import { MISTAKES } from './mistakes.table.ts';
import { documentOf, errorReport, runReport } from './report-shapes.ts';
import { openShop, publish } from './shop.ts';

const dir = useTempDir();

test('every mistake is told by its exit code, its code and a sentence, with what to do, in both languages', async () => {
  await openMistakes(dir());
  onTestFinished(async () => speak('en'));
  const told = [];
  for (const [args] of MISTAKES) {
    const { exitCode, stdout } = await callCli([...args, '--json', '--log-level', 'silent'], dir());
    const { code, message, hint } = documentOf(stdout, errorReport).error;
    expect({ args, hint }).toEqual({ args, hint: expect.stringMatching(/\S/) });
    await speak('pt-BR');
    told.push([args, exitCode, code, lastLine(message), lastLine(inLanguage(message))]);
    expect(inLanguage(hint ?? '')).not.toBe(hint);
    await speak('en');
  }
  expect(told).toEqual(MISTAKES);
});

function lastLine(message: string): string {
  return (message.split('\n').at(-1) ?? '').trim().replaceAll(dir(), '<dir>');
}

test.each([
  [['query', 'SELECT * FROM client'], 'Did you mean clients? Its tables are: clients.'],
  [['query', 'SELECT * FROM silver.client'], 'Did you mean silver.clients? Its layers have: '],
  [['changes', 'cleints'], 'Did you mean clients? '],
  [['run', '--tables', 'client'], 'Did you mean clients? '],
  [['preview', 'silver.client'], 'Did you mean silver.clients? '],
  [['delta', 'describe', 'silver.client'], 'Did you mean silver.clients? '],
])('a name that is nearly one is told the one: %j', async (args, hint) => {
  await openMistakes(dir());
  const { stdout } = await callCli([...args, '--json', '--log-level', 'silent'], dir());
  expect(documentOf(stdout, errorReport).error.hint).toContain(hint);
});

test('the help that an error names is of the command that was called, and its words are those of that help', async () => {
  const env = { LANG: 'pt_BR.UTF-8' };
  const read = await runCli(['delta', 'read'], { cwd: dir(), env });
  expect(read.stderr).toContain("Falta o argumento 'caminho'.\n  Veja: igarape delta read --help");
  const limit = await runCli(['delta', 'history', 'x', '--limit', '0'], { cwd: dir(), env });
  expect(limit.stderr).toContain("O valor '0' da opção '--limit <n>' não serve.");
  const report = await runCli(['report'], { cwd: dir(), env });
  expect(report.stderr).toContain("Falta a opção obrigatória '--out <arquivo>'.");
  const json = await runCli(['report', '--json'], { cwd: dir(), env });
  expect(documentOf(json.stdout, errorReport).error.message).toContain("'--out <file>'");
});

test('SQL that begins with a comment is SQL', async () => {
  await openShop(dir());
  const { exitCode, stdout } = await runCli(['query', '-- one\nSELECT 1 AS one', '--format', 'csv'], {
    cwd: dir(),
  });
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'one\n1\n' });
});

test('off a terminal an error is told once, and a call that was wrong is no cycle', async () => {
  await openShop(dir());
  const { stdout, stderr } = await runCli(['run', '--tables', 'nix'], { cwd: dir() });
  expect(stdout).toBe('');
  expect(stderr.split('There is no table "nix"')).toHaveLength(2);
  expect((await runCli(['status'], { cwd: dir() })).stdout).not.toContain('last cycle');
});

test('a table that is held and one that failed have their codes in the report', async () => {
  await openShop(dir(), { tables: ['clients', 'orders', 'gone'].map((name) => ({ name, pk: 'id' })) });
  await publish(dir(), 'clients', [{ id: 1 }, { id: 1 }]);
  await publish(dir(), 'orders', [{ code: 1 }]);
  const { stdout } = await runCli(['run', '--json'], { cwd: dir() });
  const { tables } = documentOf(stdout, runReport);
  expect(Object.entries(tables).map(([name, { operation, code }]) => [name, operation, code])).toEqual([
    ['clients', 'held', 'TABLE_KEY'],
    ['orders', 'failed', 'TABLE_UNREADABLE'],
    ['gone', 'held', 'TABLE_MISSING'],
  ]);
});

test('explain tells of every code what it means and what to do, without marks', async () => {
  const { stdout } = await runCli(['explain', 'source-not-found', '--json'], { cwd: dir() });
  expect(JSON.parse(stdout)).toMatchObject({ code: 'SOURCE_NOT_FOUND', exitCode: 3 });
  const env = { LANG: 'pt_BR.UTF-8' };
  const translated = await runCli(['explain', 'CONFIG_NOT_FOUND'], { cwd: dir(), env });
  expect(translated.stdout).toContain('Não há `igarape.json`'.replaceAll('`', ''));
  const all = await runCli(['explain'], { cwd: dir() });
  for (const code of ['DEFECT', 'NODE_TOO_OLD', 'GUARD', 'STOPPED']) expect(all.stdout).toContain(code);
  expect(all.stdout).not.toMatch(/`|\]\(/);
});

test('-h and --help, -v, -V and --version are the same', async () => {
  const out = async (...args: string[]): Promise<string> => (await runCli(args, { cwd: dir() })).stdout;
  const [h, help, v, V, version] = await Promise.all(
    ['-h', '--help', '-v', '-V', '--version'].map(async (option) => out(option)),
  );
  expect(h).toBe(help);
  expect(h).toContain('Exit codes:');
  expect([v, V]).toEqual([version, version]);
});

test.each([
  ['{“source”: 1}', 'straight double quotes'],
  ["{'source': 1}", 'straight double quotes'],
  [String.raw`{"source": {"path": "C:\dados"}}`, 'A backslash is written twice'],
  ['{"max_delete_ratio": 0,3}', 'a decimal point: 0.3'],
  ['{"source": }', 'Correct that place'],
])('of a usual slip in a configuration it is said what to do: %s', async (written, hint) => {
  await writeFileAt(join(dir(), 'igarape.json'), written);
  const { stdout } = await callCli(['status', '--json', '--log-level', 'silent'], dir());
  expect(documentOf(stdout, errorReport).error).toMatchObject({
    code: 'CONFIG_INVALID',
    hint: expect.stringContaining(hint),
  });
});

test.each([
  ['SELECT “id” FROM clients', 'straight single ones'],
  ['SELECT id FROM clients WHERE name = ‘Ana’', 'straight single ones'],
  ['SELECT id FROM clients WHERE id = 1,5', 'a decimal point: 1.5'],
])('of a usual slip in a query it is said what to do: %s', async (sql, hint) => {
  await openMistakes(dir());
  const { stdout } = await callCli(['query', sql, '--json', '--log-level', 'silent'], dir());
  expect(documentOf(stdout, errorReport).error.hint).toContain(hint);
});
