import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli } from '../support/cli.ts';
import { useTempDir } from '../support/tmp.ts';
import { documentOf, errorReport } from './report-shapes.ts';
import { openShop, publish } from './shop.ts';

const dir = useTempDir();
const igarape = async (...args: string[]): ReturnType<typeof runCli> => runCli(args, { cwd: dir() });

describe('usage', () => {
  test('without a command, the help is shown', async () => {
    const bare = await igarape();
    const asked = await igarape('--help');
    expect(bare).toEqual(asked);
    expect(bare.exitCode).toBe(0);
    for (const command of ['init', 'run', 'plan', 'verify', 'backfill'])
      expect(bare.stdout).toContain(`  ${command}`);
  });

  test("a command's help shows its own options and those of every command", async () => {
    const { stdout, exitCode } = await igarape('run', '--help');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('--approve <tables>');
    expect(stdout).toContain('--json');
  });

  test('--version prints the version alone', async () => {
    const { stdout, stderr, exitCode } = await igarape('--version');
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test.each([
    ['a command that does not exist', ['rum'], "Unknown command 'rum'", 'Did you mean run?'],
    [
      'an option that does not exist',
      ['run', '--aprove', 'x'],
      "Unknown option '--aprove'",
      'Did you mean --approve?',
    ],
    ['an argument too many', ['verify', 'clients'], 'Too many arguments', 'igarape verify --help'],
    [
      'an option without its value',
      ['run', '--tables'],
      "'--tables <tables>' argument missing",
      'igarape run --help',
    ],
    ['an option that is needed', ['backfill'], "'--from <version>' not specified", 'igarape backfill --help'],
    ['a level that is none', ['run', '--log-level', 'loud'], "'loud' is invalid", 'igarape run --help'],
  ])('%s is refused with exit code 2 and a hint', async (_what, args, message, hint) => {
    const plain = await igarape(...args);
    expect(plain.exitCode).toBe(2);
    expect(plain.stdout).toBe('');
    expect(plain.stderr).toContain(message);
    expect(plain.stderr).toContain(hint);

    const json = await igarape(...args, '--json');
    expect(json.exitCode).toBe(2);
    const { error } = documentOf(json.stdout, errorReport);
    expect(error.code).toBe('USAGE');
    expect(error.message).toContain(message);
    expect(error.hint).toContain(hint);
  });

  test('a table that the configuration does not name is refused with the names that it has', async () => {
    await openShop(dir());
    await publish(dir(), 'clients', [{ id: 1 }]);
    const { stderr, exitCode } = await igarape('run', '--tables', 'clientes', '--log-level', 'silent');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('There is no table "clientes"');
    expect(stderr).toContain('clients');
  });

  test('options of every command stand before the command or after it', async () => {
    await openShop(dir());
    await publish(dir(), 'clients', [{ id: 1 }]);
    await writeFile(join(dir(), 'other.json'), '{');
    const before = await igarape('--config', 'other.json', '--json', 'run');
    const after = await igarape('run', '--json', '--config', 'other.json');
    expect(before.exitCode).toBe(2);
    expect(before.stdout).toBe(after.stdout);
    expect(JSON.parse(before.stdout)).toMatchObject({ error: { code: 'CONFIG_INVALID' } });
  });

  test('no configuration is said with the ways to get one', async () => {
    const { stderr, exitCode } = await igarape('run');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('There is no igarape.json nor config.json');
    expect(stderr).toContain('igarape init');
  });
});
