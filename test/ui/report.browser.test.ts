import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { type Browser, chromium as driver } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { withReader } from '../../src/explore/reader.ts';
import { makeReport, type Report } from '../../src/ui/report.ts';
import { chromium } from '../support/browser.ts';
import { describeWith } from '../support/external.ts';
import { openScenario, type Scenario, testEdge } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';
import { writeFileAt } from '../support/write-file.ts';
import { ASSETS, HOSTILE, openSession, runCycle, usePage } from './demo-page.ts';

const served = usePage();
const dir = useTempDir();

async function report(
  more: { readonly rows?: boolean; readonly maxBytes?: number } = {},
  lake: Scenario = served().lake,
): Promise<Report> {
  const edge = testEdge();
  return withReader(lake, edge, async (reader) =>
    makeReport({
      reader,
      version: '0.0.0',
      allowRun: false,
      nextRun: undefined,
      assets: ASSETS,
      at: '2026-01-01T00:00:00Z',
      runs: 10,
      rows: true,
      maxBytes: 5_000_000,
      signal: edge.signal,
      ...more,
    }),
  );
}

/** Made once: it is the same for every test. */
let whole: Promise<Report> | undefined;
const wholeReport = async (): Promise<Report> => (whole ??= report());

function answersOf({ html }: Report): string {
  const packed = /id="answers"[^>]*>([^<]*)</.exec(html)?.[1] ?? '';
  return gunzipSync(Buffer.from(packed, 'base64')).toString();
}

/** What tells of machines and places is told otherwise in a report. */
const TOLD_OTHERWISE = /^\/api\/(?:overview|status|run|cycles|told)(?:\?|$)/;

test('what a report holds is what the server answers at the same addresses', async () => {
  const answers = z.record(z.string(), z.unknown()).parse(JSON.parse(answersOf(await wholeReport())));
  const same = Object.entries(answers).filter(([address]) => !TOLD_OTHERWISE.test(address));
  const get = await openSession(served());
  for (const [address, recorded] of same)
    expect([address, recorded]).toEqual([address, await (await get(address)).json()]);
  const paths = new Set(same.map(([address]) => address.split('?')[0]));
  expect([...paths].toSorted()).toEqual(
    ['changes', 'columns', 'cube', 'cubes', 'graph', 'profile', 'rows', 'versions'].map(
      (name) => `/api/${name}`,
    ),
  );
});

test('a report without rows has no value of any row', async () => {
  const [full, bare] = [answersOf(await wholeReport()), answersOf(await report({ rows: false }))];
  expect(full).toContain('Ana Maria');
  expect(full).toContain(JSON.stringify(HOSTILE));
  for (const value of ['Ana', 'Bia', 'Davi', HOSTILE.slice(0, 8), '"c1"']) expect(bare).not.toContain(value);
  expect(bare).toContain('"pontos"');
});

test('a report without rows tells what keeps a table back, and no value of it', async () => {
  const models = {
    twice: '-- key: one\nSELECT 1 AS one, nome FROM bronze.clientes',
    few: "-- key: id\n-- check: row_count >= 3\n-- check: accepted_values(nome, 'Ana')\nSELECT id, nome FROM bronze.clientes",
    number: '-- key: id\nSELECT id, CAST(nome AS INTEGER) AS nome FROM bronze.clientes',
    after: '-- key: nome\nSELECT nome FROM silver.twice',
  };
  for (const [name, sql] of Object.entries(models))
    await writeFileAt(join(dir(), 'models', 'silver', `${name}.sql`), sql);
  const lake = openScenario(dir(), {
    layers: ['bronze', 'silver'],
    models: './models',
    tables: [{ name: 'clientes', pk: 'id' }],
  });
  await lake.write('clientes.csv', 'id,nome,pontos\n1,Zuleica,10\n2,Quiteria,20\n');
  await runCycle(lake);
  await lake.write('clientes.csv', 'id,nome,pontos\n1,Zuleica,"dez, \\""quase\\"" treze"\n2,Quiteria,20\n');
  await runCycle(lake);
  const [full, bare] = [answersOf(await report({}, lake)), answersOf(await report({ rows: false }, lake))];
  for (const value of ['dez', 'treze', 'Zuleica']) {
    expect(full).toContain(value);
    expect(bare).not.toContain(value);
  }
  const told = z.looseObject({ reason: z.string() });
  const { '/api/status': status, '/api/cycles': cycles } = z
    .object({
      '/api/status': z.object({ layers: z.record(z.string(), z.object({ trouble: told.nullable() })) }),
      '/api/cycles': z.array(
        z.object({ layers: z.record(z.string(), z.looseObject({ reason: z.string().optional() })) }),
      ),
    })
    .parse(JSON.parse(bare));
  const reasons = {
    'silver.twice': '1 key has different rows by one, e.g. …',
    'silver.few': "row_count >= 3: 2 rows; accepted_values(nome, 'Ana'): 2 rows, e.g. …",
    'silver.number': 'Why is not told here, for the report has no values of rows: igarape status tells it.',
    'silver.after': 'silver.twice is held.',
  };
  for (const [table, reason] of Object.entries(reasons)) {
    expect([table, status.layers[table]?.trouble?.reason]).toEqual([table, reason]);
    expect([table, cycles.at(-1)?.layers[table]?.reason]).toEqual([table, reason]);
  }
});

test('a report that would be too large leaves out no more than it has to, the rows of the oldest runs first', async () => {
  const all = await wholeReport();
  const bytes = Buffer.byteLength(all.html);
  expect([all.runsWithoutRows, all.tablesWithoutRows]).toEqual([[], []]);
  const little = await report({ maxBytes: bytes - 1 });
  expect([little.runsWithoutRows, little.tablesWithoutRows]).toEqual([[0], []]);
  const less = Buffer.byteLength(little.html);
  expect(less).toBeLessThan(bytes);
  const more = await report({ maxBytes: less - 1 });
  expect([more.runsWithoutRows, more.tablesWithoutRows]).toEqual([[0, 1], []]);
  const most = await report({ maxBytes: Buffer.byteLength(more.html) - 1 });
  expect(most.runsWithoutRows).toEqual([0, 1]);
  expect(most.tablesWithoutRows).toHaveLength(1);
  const [table = ''] = most.tablesWithoutRows;
  expect(answersOf(more)).toContain(`/api/rows?limit=100&table=${table}"`);
  expect(answersOf(most)).not.toContain(`/api/rows?limit=100&table=${table}"`);
});

describeWith(chromium(), 'a report in a browser', (executablePath) => {
  let browser: Browser;
  let folder: string;
  beforeAll(async () => {
    browser = await driver.launch({ executablePath, args: ['--no-sandbox'] });
    folder = await mkdtemp(join(tmpdir(), 'igarape-report-'));
  });
  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('opens from disk, asks for nothing, and shows what the server shows', async () => {
    const path = join(folder, 'report.html');
    await writeFile(path, (await wholeReport()).html);
    const context = await browser.newContext({ locale: 'en', viewport: { width: 1280, height: 800 } });
    const problems: string[] = [];
    const page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith('file:')) problems.push(request.url());
    });
    await page.goto(pathToFileURL(path).href);
    await page.waitForSelector('.tiles');
    const screens = [
      '#/runs/1?table=vendas',
      '#/lineage/gold.diario',
      '#/cubes/gold.diario?by=cliente',
      '#/tables/vendas',
    ];
    const other = await context.newPage();
    await other.goto(`${served().origin}/#token=${served().token}`);
    await other.waitForSelector('.tiles');
    for (const screen of screens) {
      for (const each of [page, other]) await each.evaluate(`location.hash = ${JSON.stringify(screen)}`);
      await vi.waitFor(
        async () => {
          const [own, live] = await Promise.all(
            [page, other].map(async (each) =>
              each.locator('main .card h2, main dd, main td').allInnerTexts(),
            ),
          );
          expect(own?.length).toBeGreaterThan(0);
          expect([screen, own]).toEqual([screen, live]);
        },
        { timeout: 20_000, interval: 200 },
      );
    }
    await page.evaluate(`location.hash = '#/runs/1?table=vendas'`);
    await page.waitForSelector('.grid .was');
    // A row's history is not in it, nor is what a server has to be asked.
    expect(await page.locator('.grid .body a').count()).toBe(0);
    for (const screen of ['#/sql', '#/plan', '#/key/vendas?k.id=1']) {
      await page.evaluate(`location.hash = ${JSON.stringify(screen)}`);
      await page.locator('main', { hasText: 'The report does not hold this.' }).waitFor();
    }
    expect(problems).toEqual([]);
    await context.close();
  });

  test('without rows says so of cubes, too, as of rows', async () => {
    const path = join(folder, 'bare.html');
    await writeFile(path, (await report({ rows: false })).html);
    const context = await browser.newContext({ locale: 'en' });
    const page = await context.newPage();
    for (const screen of ['#/cubes', '#/tables/vendas?tab=rows']) {
      await page.goto(`${pathToFileURL(path).href}${screen}`);
      await page.locator('main .waiting').waitFor();
      expect(await page.locator('main .waiting').innerText()).toContain('The report does not hold this.');
    }
    await context.close();
  });

  test('says in Portuguese what holds a table', async () => {
    const path = join(folder, 'pt.html');
    await writeFile(path, (await wholeReport()).html);
    const context = await browser.newContext({ locale: 'pt-BR' });
    const page = await context.newPage();
    await page.goto(`${pathToFileURL(path).href}#/held`);
    const told = page.locator('.guards', { hasText: 'linhas (75,0 %) sumiram, mais do que' });
    await told.waitFor();
    expect(await told.count()).toBe(1);
    await context.close();
  });
});
