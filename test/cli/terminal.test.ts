import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { onTerminal } from '../support/cli.ts';
import { useTempDir } from '../support/tmp.ts';
import { documentOf, runReport } from './report-shapes.ts';
import { openShop, publish } from './shop.ts';

const dir = useTempDir();
// Built from text, for a control character in a pattern looks like a mistake.
const COLOUR = new RegExp(String.raw`\u001B\[[\d;]*m`);

async function openSmallShop(config: object = {}): Promise<void> {
  await openShop(dir(), config);
  await publish(dir(), 'clients', [{ id: 1, name: 'Ana' }]);
}

describe('on a terminal', () => {
  test('a run shows readable lines and a table, and ends with the cursor below them', async () => {
    await openSmallShop();
    const { exitCode, text } = await onTerminal(['run'], { cwd: dir() }).ended;
    expect(exitCode).toBe(0);
    expect(text).toMatch(/table +operation +inserted/);
    expect(text).toMatch(/clients +full-load +1/);
    expect(text).toContain('committed as run 0');
    expect(text).not.toContain('{"level"');
    expect(text.endsWith('\n')).toBe(true);
  });

  test('what is under way stands on the last line, and is gone at the end', async () => {
    await openSmallShop();
    const { raw } = await onTerminal(['run'], { cwd: dir() }).ended;
    const shown = raw.lastIndexOf('publishing clients');
    expect(shown).toBeGreaterThan(-1);
    expect(raw.indexOf('\r\u001B[2K', shown)).toBeGreaterThan(shown);
  });

  test('whoever makes a configuration sees at once that something is done, and nothing of that beside a question', async () => {
    await writeFile(join(dir(), 't.csv'), 'id\n1\n');
    const signs = /[⠋⠙⠹⠸] …/;
    const { raw } = await onTerminal(['init', '.', '--yes'], { cwd: dir() }).ended;
    expect(raw.search(signs)).toBeGreaterThan(-1);
    expect(raw.search(signs)).toBeLessThan(raw.indexOf('igarape.json'));
    const asked = onTerminal(['init'], { cwd: dir() });
    await asked.until((text) => text.includes('exists already'));
    asked.write('\r');
    expect((await asked.ended).text).not.toMatch(signs);
  });

  test('--json prints the document alone where logs are silent', async () => {
    await openSmallShop();
    const { text } = await onTerminal(['run', '--json', '--log-level', 'silent'], { cwd: dir() }).ended;
    const lines = text.split('\n').filter((line) => line.startsWith('{'));
    expect(lines).toHaveLength(1);
    expect(documentOf(lines[0] ?? '', runReport).run).toBe(0);
  });

  test('an error is a sentence and a hint, without its causes', async () => {
    await writeFile(join(dir(), 'igarape.json'), '{ "tables": 3 }');
    const { exitCode, text, raw } = await onTerminal(['run'], { cwd: dir() }).ended;
    expect(exitCode).toBe(2);
    expect(text).toMatch(/^error\[CONFIG_INVALID\] igarape\.json has /);
    expect(text).not.toContain('    at ');
    expect(raw).toMatch(COLOUR);
  });

  test('what changed in a row is marked in a plan', async () => {
    await openSmallShop();
    await onTerminal(['run'], { cwd: dir() }).ended;
    await publish(dir(), 'clients', [{ id: 1, name: 'Bia' }]);
    const { raw, text } = await onTerminal(['plan', '--log-level', 'silent'], { cwd: dir() }).ended;
    expect(raw).toContain('\u001B[1mname: Ana → Bia');
    expect(text).toContain('nothing was written');
  });

  test.each([
    ['--no-color', ['--no-color'], {}],
    ['NO_COLOR', [], { NO_COLOR: '1' }],
  ])('%s leaves no colour anywhere', async (_what, args, env) => {
    await openSmallShop();
    const run = await onTerminal(['run', ...args], { cwd: dir(), env }).ended;
    const failed = await onTerminal(['run', '--tables', 'none', ...args], { cwd: dir(), env }).ended;
    expect(run.text).toContain('committed');
    expect(failed.exitCode).toBe(2);
    expect(run.raw).not.toMatch(COLOUR);
    expect(failed.raw).not.toMatch(COLOUR);
  });

  test('a schedule shows its next time, and Ctrl-C ends it with 0', async () => {
    await openSmallShop({ timer: { unit: 'hours', value: 6 } });
    const terminal = onTerminal(['run', '--schedule'], { cwd: dir() });
    await terminal.until((raw) => raw.includes('Ctrl-C ends'));
    terminal.write('\u0003');
    const { exitCode, text, raw } = await terminal.ended;
    expect(exitCode).toBe(0);
    expect(raw).toMatch(/next run at [-\d]{10} [:\d]{8} UTC\S*; Ctrl-C ends/);
    expect(text).toContain('committed as run 0');
  });
});
