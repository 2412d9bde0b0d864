import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { speak } from '../../src/cli/language.ts';
import { widthOf } from '../../src/cli/render/layout.ts';
import { quietLine } from '../../src/cli/render/run.ts';
import { onTerminal, runCli, type TerminalEnd } from '../support/cli.ts';
import { useTempDir } from '../support/tmp.ts';
import { openShop, publish, type Row } from './shop.ts';

const dir = useTempDir();
const LONG = 'a_table_whose_name_is_rather_long_for_a_terminal';
const RED = '\u001B[31m';
const GREEN = '\u001B[32m';

async function openWideShop(): Promise<void> {
  await openShop(dir(), {
    layers: ['bronze', 'silver'],
    timer: { unit: 'hours', value: 6 },
    tables: ['clients', LONG, 'twice', 'gone'].map((name) => ({ name, pk: 'id' })),
  });
  await mkdir(join(dir(), 'models', 'silver'), { recursive: true });
  await writeFile(
    join(dir(), 'models', 'silver', 'clients.sql'),
    '-- key: id\n-- description: the clients of the shop with all that is known of each of them, as it is now\nSELECT * FROM bronze.clients',
  );
  await publish(dir(), 'clients', manyColumns(1));
  await publish(dir(), LONG, [{ id: 1, name: 'Ana' }]);
  await publish(dir(), 'twice', [{ id: 1 }, { id: 1 }]);
}

function manyColumns(version: number): Row[] {
  const row = (id: number): Row => ({
    id,
    ...Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`column_${at}`, `value ${at} of ${id}`])),
    points: id * version,
  });
  return [1, 2, 3, 4, 5, 6].map(row);
}

const TABLE = 'bronze.clients';
const SCREENS: readonly (readonly string[])[] = [
  ['plan'],
  ['run'],
  ['status'],
  ['history'],
  ['verify'],
  ['doctor'],
  ['check'],
  ['graph'],
  ['query', 'SELECT * FROM clients'],
  ['query', 'SELECT * FROM clients', '--vertical'],
  ['query', 'SELECT nix FROM clients'],
  ['delta', 'describe', TABLE],
  ['delta', 'history', TABLE],
  ['delta', 'read', TABLE],
  ['delta', 'read', TABLE, '--limit', '1'],
  ['report', '--out', 'a_folder_whose_name_is_rather_long/and_a_report_in_it.html'],
  ['changes', 'clients'],
  ['key', 'clients', '1'],
  ['explain'],
];

async function screen(args: readonly string[], columns: number): Promise<TerminalEnd> {
  return onTerminal(args, { cwd: dir(), columns }).ended;
}

/** Lines that are wider than the terminal, of everything that it got. */
function widerThan(columns: number, { raw }: TerminalEnd): string[] {
  const lines = stripVTControlCharacters(raw).split(/\r?\n|\r/);
  return lines.filter((line) => widthOf(line) > columns);
}

test.each(['en', 'pt-BR'])(
  'no line of any screen is wider than a terminal of 80 columns: %s',
  async (lang) => {
    await openWideShop();
    await runCli(['run'], { cwd: dir() });
    await publish(dir(), 'clients', manyColumns(2));
    for (const args of SCREENS) {
      const end = await screen([...args, '--lang', lang], 80);
      expect({ args, wider: widerThan(80, end) }).toEqual({ args, wider: [] });
      expect(end.text.length).toBeGreaterThan(20);
    }
  },
);

test('what is held or wrong is red, what is well is green, and --wide hides nothing', async () => {
  await openWideShop();
  const plan = await screen(['plan'], 80);
  expect(plan.raw).toContain(`${RED}held`);
  expect(plan.text).toContain('not shown: file (--wide shows all)');
  const run = await screen(['run', '--wide'], 80);
  expect(run.raw).toContain(`${RED}held`);
  expect(run.text).toContain(`full-load/${LONG}.parquet`);
  expect((await screen(['status'], 80)).raw).toContain(`${RED}HELD`);
  expect((await screen(['verify'], 80)).raw).toContain(`${GREEN}ok`);
});

test('a plan shows of a changed row its key and what changed, and how many changes there are', async () => {
  await openShop(dir());
  await publish(dir(), 'clients', manyColumns(1));
  await runCli(['run'], { cwd: dir() });
  await publish(dir(), 'clients', manyColumns(2));
  const { stdout } = await runCli(['plan'], { cwd: dir() });
  expect(stdout.split('\n').filter((line) => line.startsWith('  '))).toEqual([
    '  U  id: 1  points: 1 → 2',
    '  U  id: 2  points: 2 → 4',
    '  U  id: 3  points: 3 → 6',
    '  3 of 6 changes',
  ]);
});

test.each(['en', 'pt-BR'] as const)('a quiet cycle of a large lake is one line: %s', async (lang) => {
  await speak(lang);
  onTestFinished(async () => speak('en'));
  const of = <Report>(count: number, report: Report): Record<string, Report> =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`t${index}`, report]));
  const nothing = { inserted: 0, updated: 0, deleted: 0 };
  const table = { ...nothing, operation: 'unchanged', unchanged: 12_345_678, file: null, bytes: 0 } as const;
  const layer = { ...nothing, operation: 'unchanged', version: 0 } as const;
  const report = { run: null, source: null, tables: of(9999, table), layers: of(9999, layer) };
  expect(widthOf(quietLine(report, new Date()))).toBeLessThanOrEqual(80);
});

test('--quiet prints nothing where nothing is wrong, and everything where something is', async () => {
  await openShop(dir());
  await publish(dir(), 'clients', [{ id: 1 }]);
  for (const args of [['run'], ['run'], ['verify'], ['doctor'], ['check'], ['test']]) {
    const end = await runCli([...args, '--quiet'], { cwd: dir() });
    expect({ args, ...end }).toEqual({ args, exitCode: 0, stdout: '', stderr: '' });
  }
  await publish(dir(), 'clients', [{ id: 1 }, { id: 1 }]);
  const held = await runCli(['run', '--quiet'], { cwd: dir() });
  expect(held.exitCode).toBe(4);
  expect(held.stdout).toContain('clients held: ');
});
