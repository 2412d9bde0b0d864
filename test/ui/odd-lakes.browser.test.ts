import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, chromium as driver, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { IgarapeError } from '../../src/core/errors.ts';
import type { Storage } from '../../src/storage/port.ts';
import { chromium } from '../support/browser.ts';
import { describeWith } from '../support/external.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';
import { writeFileAt } from '../support/write-file.ts';
import { goesSideways, makeLake, runCycle, type ServedPage, withPage } from './demo-page.ts';

const dir = useTempDir();

const SCREENS = ['#/', '#/runs', '#/held', '#/tables', '#/lineage', '#/runs/1', '#/tables/vendas'];

describeWith(chromium(), 'the page of an odd lake', (executablePath) => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await driver.launch({ executablePath, args: ['--no-sandbox'] });
  });
  afterAll(async () => browser.close());

  async function open(
    { origin, token }: ServedPage,
    { width = 1280, language = 'en' }: { width?: number; language?: string } = {},
  ): Promise<Page> {
    const context = await browser.newContext({ locale: language, viewport: { width, height: 800 } });
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    await page.goto(`${origin}/#token=${token}`);
    await page.locator('main').waitFor();
    return page;
  }

  const visit = async (page: Page, screen: string): Promise<void> => {
    await page.evaluate(`location.hash = ${JSON.stringify(screen)}`);
  };

  test('whose store is away: the page stays, says so, and goes on by itself once it is back', async () => {
    const lake = await makeLake(dir());
    let isAway = false;
    const storage = sometimesAway(lake.storage, () => isAway);
    await withPage({ ...lake, storage }, {}, async (served) => {
      const page = await open(served);
      await visit(page, '#/runs/1?table=vendas');
      await page.locator('.grid .was').first().waitFor();
      isAway = true;
      await visit(page, '#/runs/0?table=vendas');
      await page.locator('.problem', { hasText: 'the request failed' }).first().waitFor();
      await page.locator('.problem', { hasText: 'The page tries again by itself.' }).first().waitFor();
      await visit(page, '#/');
      await page.locator('.problem', { hasText: 'the request failed' }).first().waitFor();
      isAway = false;
      await page.locator('.tiles').waitFor();
      await page.locator('.problem').first().waitFor({ state: 'detached' });
      expect(await page.locator('.problem').count()).toBe(0);
    });
  });

  test('that is not there yet: every screen opens, and the first says what to run', async () => {
    const lake = openScenario(dir(), { tables: [{ name: 'clientes', pk: 'id' }] });
    await withPage(lake, {}, async (served) => {
      const page = await open(served);
      await page.locator('main', { hasText: 'igarape run' }).waitFor();
      for (const screen of SCREENS.slice(0, 5)) {
        await visit(page, screen);
        await page.locator('.waiting', { hasText: 'Loading' }).first().waitFor({ state: 'detached' });
        expect([screen, await page.locator('main .problem').allInnerTexts()]).toEqual([screen, []]);
      }
    });
  });

  test('that a newer igarapé has written: every screen says so, and what to do', async () => {
    const lake = await makeLake(dir());
    await newerEntry(lake);
    await withPage(lake, {}, async (served) => {
      const page = await open(served);
      for (const screen of SCREENS) {
        await visit(page, screen);
        const problem = page.locator('main .problem', {
          hasText: 'was written by a newer igarape (igarape 9.0.0)',
        });
        await problem.first().waitFor();
        expect(await problem.first().innerText()).toContain('Update igarape');
      }
    });
  });

  test('whose models cannot be read: it says so and nothing that it does not know, and goes on once they can', async () => {
    const lake = await makeLake(dir());
    const model = join(dir(), 'models', 'silver', 'vendas.sql');
    const sql = await readFile(model, 'utf8');
    await writeFile(model, '-- key: id\nSELECT FROM');
    await withPage(lake, {}, async (served) => {
      const page = await open(served);
      await page.locator('.tiles').waitFor();
      await page.locator('main .problem', { hasText: 'vendas.sql' }).waitFor();
      await visit(page, '#/runs');
      await page.locator('.card', { hasText: 'Last cycles' }).locator('td').first().waitFor();
      await visit(page, '#/lineage');
      await page.locator('main .problem', { hasText: 'vendas.sql' }).waitFor();
      expect(await page.locator('main', { hasText: 'up to date' }).count()).toBe(0);
      await writeFile(model, sql);
      await page.locator('.node.silver').waitFor();
      expect(await page.locator('main .problem').count()).toBe(0);
    });
  });

  test('of which a table is removed while it is shown: it says so, the rest goes on, and once it is there again so is its view', async () => {
    const lake = await makeLake(dir());
    await withPage(lake, {}, async (served) => {
      const page = await open(served);
      const problems: string[] = [];
      page.on('pageerror', (error) => problems.push(error.message));
      await visit(page, '#/tables/silver.vendas?tab=rows');
      await page.locator('.grid .row', { hasText: '2025-03' }).first().waitFor();
      const folder = join(lake.config.lake.uri, 'silver', 'vendas');
      await rename(folder, `${folder}.gone`);
      await page.locator('main .problem', { hasText: 'silver.vendas' }).first().waitFor();
      expect(await page.locator('h1').innerText()).toBe('silver.vendas');
      await visit(page, '#/lineage/silver.vendas');
      await page.locator('.facts').waitFor();
      await visit(page, '#/tables/bronze.vendas?tab=rows');
      await page.locator('.grid .row', { hasText: '2025-03' }).first().waitFor();
      await visit(page, '#/tables/silver.vendas?tab=rows');
      await page.locator('main .problem', { hasText: 'silver.vendas' }).first().waitFor();
      await rename(`${folder}.gone`, folder);
      await page.locator('.grid .row', { hasText: '2025-03' }).first().waitFor();
      expect(await page.locator('main .problem').count()).toBe(0);
      expect(problems).toEqual([]);
    });
  });

  test('with names and values of any length: on a phone no view goes sideways', async () => {
    const long = `a_table_${'whose_name_goes_on_'.repeat(4)}`;
    const lake = openScenario(dir(), {
      layers: ['bronze'],
      tables: [{ name: long, pk: ['the first key', 'k2'], max_update_ratio: 1 }],
    });
    const value = 'w'.repeat(120);
    const columns = Array.from({ length: 40 }, (_, index) => `${'c'.repeat(50)}${index}`);
    const rows = (text: string): string =>
      `the first key,k2,${columns.join(',')}\n1,${value},${columns.map(() => text).join(',')}\n2,b,${columns.map(() => 'x').join(',')}\n`;
    await lake.write(`${long}.csv`, rows(value));
    await runCycle(lake);
    await lake.write(`${long}.csv`, rows(`${value}2`));
    await runCycle(lake);
    await lake.write(`${long}.csv`, `the first key,k2,${columns.join(',')}\n`);
    await runCycle(lake);
    await withPage(lake, { allowRun: true }, async (served) => {
      const page = await open(served, { width: 390, language: 'pt-BR' });
      const screens = [
        ['#/', '.banner.held'],
        ['#/runs', '.card td'],
        ['#/plan', '.guards'],
        [`#/runs/1?table=${long}`, '.grid .was'],
        [`#/key/${long}?k.the+first+key=1&k.k2=${value}`, '.time-line .was'],
        ['#/held', '.guards'],
        ['#/tables', '.card td'],
        [`#/tables/${long}`, '.profile td'],
        [`#/tables/bronze.${long}?tab=rows`, '.grid .row .cell'],
        [`#/tables/bronze.${long}?tab=versions`, '.facts'],
        [`#/lineage/bronze.${long}`, '.facts'],
        ['#/sql', '.editor'],
      ] as const;
      const wide: string[] = [];
      for (const [screen, shows] of screens) {
        await visit(page, screen);
        await page.locator(shows).first().waitFor();
        for (const details of await page.locator('main summary').all()) await details.click();
        if (await goesSideways(page)) wide.push(screen);
      }
      expect(wide).toEqual([]);
    });
  });

  test('whose values and names hide or turn round what stands beside them: every view shows them as they are', async () => {
    const hidden = '\u0000\u001b\u202e\u2066\u200b\ufeff';
    await writeFileAt(join(dir(), 'models', 'silver', 'sales.sql'), '-- key: id\nSELECT * FROM bronze.sales');
    await writeFileAt(
      join(dir(), 'models', 'gold', 'days.sql'),
      '-- key: dt_ref, place\n-- dt_ref: sales.day\nSELECT $dt_ref AS dt_ref, place, count(*) AS n FROM silver.sales WHERE day = $dt_ref GROUP BY place',
    );
    const lake = openScenario(dir(), {
      layers: ['bronze', 'silver', 'gold'],
      models: './models',
      tables: [{ name: 'sales', pk: 'id', max_update_ratio: 1 }],
    });
    const rows = (ids: readonly string[], note: string): string =>
      `id,day,place,"no\u202ete"\n${ids.map((id) => `"${id}",2025-03-01,"p${hidden}q"," ${note}${hidden}\n<i>\t"`).join('\n')}\n`;
    const ids = [`k${hidden}1`, 'k2', 'k3'];
    await lake.write('sales.csv', rows(ids, 'a'));
    await runCycle(lake);
    await lake.write('sales.csv', rows(ids, 'b'));
    await runCycle(lake);
    await lake.write('sales.csv', rows(ids.slice(2), 'b'));
    await runCycle(lake);
    await withPage(lake, { allowRun: true }, async (served) => {
      const page = await open(served);
      const key = new URLSearchParams({ 'k.id': ids[0] ?? '' }).toString();
      const screens = [
        ['#/', '.banner.held'],
        ['#/plan', '.guards'],
        ['#/runs/1?table=sales', '.grid .was'],
        [`#/key/sales?${key}`, '.time-line .was'],
        ['#/held', '.guards'],
        ['#/tables/sales', '.profile td'],
        ['#/tables/bronze.sales?tab=rows', '.grid .row .cell'],
        ['#/cubes/gold.days?by=place', '.chart'],
        ['#/sql?q=SELECT+*+FROM+sales', '.editor'],
      ] as const;
      const found: unknown[] = [];
      for (const [screen, shows] of screens) {
        await visit(page, screen);
        await page.locator(shows).first().waitFor();
        if (screen.startsWith('#/sql')) {
          await page.locator('button', { hasText: 'Ask' }).click();
          await page.locator('.grid .row .cell').first().waitFor();
        }
        await page.locator('main', { hasText: String.raw`\u202e` }).waitFor();
        const shown = await page.locator('body').textContent();
        // oxlint-disable-next-line no-control-regex
        const bad = shown?.match(/.{0,20}[\u0000-\u0008\u000b-\u001f\u200b\u202a-\u202e\u2066-\u2069\ufeff]/);
        if (bad != null) found.push([screen, JSON.stringify(bad[0])]);
      }
      expect(found).toEqual([]);
      await page.locator('.grid .cell', { hasText: '␣b' }).first().waitFor();
    });
  });

  test('opened by an address of another start says what to do', async () => {
    const lake = openScenario(dir(), { tables: [{ name: 'clientes', pk: 'id' }] });
    await withPage(lake, {}, async (served) => {
      const page = await open({ ...served, token: 'x'.repeat(43) });
      await page.locator('main', { hasText: 'needs the address that igarape ui has printed' }).waitFor();
      expect(await page.locator('main').count()).toBe(1);
    });
  });
});

/** The lake's newest entry, as a version to come might write it. */
async function newerEntry({ config }: Scenario): Promise<void> {
  const path = join(config.lake.uri, '_igarape', 'ledger', `${'2'.padStart(20, '0')}.json`);
  await writeFile(path, JSON.stringify({ format: 99, writer: 'igarape 9.0.0' }));
}

/** A store that answers as one does that is not reached. */
function sometimesAway(storage: Storage, isAway: () => boolean): Storage {
  return new Proxy(storage, {
    get(target, name: keyof Storage) {
      const value = target[name];
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        if (isAway()) {
          throw new IgarapeError(
            'LAKE_UNREACHABLE',
            { quoted: `${storage.uri}: the request failed` },
            { retryable: true },
          );
        }
        return Reflect.apply(value, target, args);
      };
    },
  });
}
