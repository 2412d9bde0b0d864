import { execFile } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { changeWays, differenceWays, keyWays, queryWays, tableWays } from '../../web/tools.ts';
import { duckdbDeltaPython } from '../delta/interop/peers.ts';
import { describeWith } from '../support/external.ts';
import { framesPython } from '../support/python.ts';
import { runTasks } from '../support/run-python.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();
const BIN = join(import.meta.dirname, '..', '..', 'bin', 'igarape.js');

/** A table whose name SQL and shells have to quote, in a folder whose name is a pattern and has a quote. */
const TABLE = "it's sold";
const COLUMNS = ['id', 'nome', 'pontos'];
const OLD = ["-1|a 'quoted' name|1", '2|b|2', '3|c|3'];
const NEW = ["-1|a 'quoted' name|10", '2|b|2', '4|d|4'];
const CHANGED = ["-1|a 'quoted' name|10", '3|c|3', '4|d|4'];

async function makeLake(): Promise<{ lake: Scenario; folder: string }> {
  const folder = join(dir(), "um lago d'água [1]");
  await mkdir(folder);
  const config = {
    layers: ['bronze'],
    tables: [{ name: TABLE, file: 'sold.csv', pk: 'id', max_delete_ratio: 1, max_update_ratio: 1 }],
  };
  const lake = openScenario(folder, config);
  const csv = (rows: readonly string[]): string =>
    `id,nome,pontos\n${rows.map((row) => row.replaceAll('|', ',')).join('\n')}\n`;
  for (const rows of [OLD, NEW]) {
    await lake.write('sold.csv', csv(rows));
    await lake.run();
  }
  const written = { source: { type: 'files', path: './source' }, lake: './lake', ...config };
  await writeFile(join(folder, 'igarape.json'), JSON.stringify(written));
  return { lake, folder };
}

/** What run 1 has published. */
async function changeFile(lake: Scenario): Promise<string> {
  return (await lake.ledger()).find(({ run }) => run === 1)?.report[TABLE]?.file ?? '';
}

/** A command as it is copied, in a shell in which there is the program. */
async function inShell(command: string, folder: string): Promise<unknown> {
  const bin = join(dir(), 'bin');
  await mkdir(bin, { recursive: true });
  await writeFile(join(bin, 'igarape'), `#!/bin/sh\nexec "${process.execPath}" "${BIN}" --json "$@"\n`);
  await chmod(join(bin, 'igarape'), 0o755);
  const env = { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}`, LANG: 'C' };
  const { stdout } = await promisify(execFile)('sh', ['-c', command], { cwd: folder, env });
  return JSON.parse(stdout);
}

const text = (cells: readonly unknown[]): string => cells.slice(0, 3).map(String).join('|');

test('what the page gives for igarape runs as it is copied, and gives the rows of the view', async () => {
  const { lake, folder } = await makeLake();
  const uri = lake.storage.uri;
  const change = await changeFile(lake);
  const query = z.object({ rows: z.array(z.record(z.string(), z.unknown())) });
  const rowsOf = async (command = ''): Promise<string[]> =>
    query
      .parse(await inShell(command, folder))
      .rows.map((row) => text(Object.values(row)))
      .toSorted();
  for (const table of [TABLE, `bronze.${TABLE}`]) {
    const from = (at?: number): Promise<string[]> => rowsOf(tableWays(uri, table, at)['igarapé']);
    expect([table, await from(), await from(0)]).toEqual([table, NEW, OLD]);
  }
  expect(await rowsOf(queryWays(`SELECT count(*), 'it''s' FROM "${TABLE}"`)['igarapé'])).toEqual(["3|it's"]);
  const changed = z.object({ rows: z.array(z.object({ cells: z.array(z.unknown()) })) });
  for (const ways of [changeWays(uri, change, TABLE, 1), differenceWays(TABLE, '0', '1')]) {
    const { rows } = changed.parse(await inShell(ways['igarapé'] ?? '', folder));
    expect(rows.map(({ cells }) => text(cells)).toSorted()).toEqual(CHANGED);
  }
  const { key } = z
    .object({ key: z.unknown() })
    .parse(await inShell(keyWays(TABLE, [['id', '-1']])['igarapé'] ?? '', folder));
  expect(key).toEqual({ id: '-1' });
});

/** What the page gives for a tool, run as it is copied, beside the rows of the view. */
async function readBy(
  python: string,
  tool: 'DuckDB' | 'pandas',
): Promise<{ readonly found: object; readonly wanted: object }> {
  const { lake } = await makeLake();
  const uri = lake.storage.uri;
  const change = await changeFile(lake);
  const views = [
    { code: changeWays(uri, change, TABLE, 1)[tool], rows: CHANGED },
    { code: tableWays(uri, `bronze.${TABLE}`, undefined)[tool], rows: NEW },
    { code: tableWays(uri, `bronze.${TABLE}`, 0)[tool], rows: OLD },
  ].filter(({ code }) => code !== undefined);
  const tasks = views.map(({ code, rows }) => [code, { tool, code, rows, columns: COLUMNS }] as const);
  return {
    found: await runTasks(python, 'snippets.py', dir(), Object.fromEntries(tasks)),
    wanted: Object.fromEntries(tasks.map(([code, { rows }]) => [code, rows])),
  };
}

describeWith(await duckdbDeltaPython(), 'what the page gives for DuckDB', (python) => {
  test('runs as it is copied, and gives the rows of the view', async () => {
    const { found, wanted } = await readBy(python, 'DuckDB');
    expect(found).toEqual(wanted);
  });
});

describeWith(await framesPython(), 'what the page gives for pandas', (python) => {
  test('runs as it is copied, and gives the rows of the view', async () => {
    const { found, wanted } = await readBy(python, 'pandas');
    expect(found).toEqual(wanted);
  });
});
