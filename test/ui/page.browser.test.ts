import axe from 'axe-core';
import { type Browser, chromium as driver, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { chromium } from '../support/browser.ts';
import { describeWith } from '../support/external.ts';
import { goesSideways, HOSTILE, usePage } from './demo-page.ts';

/** Every view, by its address. */
const SCREENS = [
  '#/',
  '#/runs',
  '#/plan',
  '#/runs/1?table=vendas',
  '#/runs/0?table=clientes',
  '#/key/vendas?k.id=1',
  '#/held',
  '#/tables',
  '#/tables/vendas',
  '#/tables/clientes?tab=rows',
  '#/tables/silver.vendas?tab=versions',
  '#/tables/vendas?tab=difference&from=0&to=1',
  '#/lineage/silver.vendas',
  '#/cubes/gold.diario?by=cliente',
  '#/sql',
];

describeWith(chromium(), 'the page in a browser', (executablePath) => {
  const served = usePage({ allowRun: true });
  let browser: Browser;
  beforeAll(async () => {
    browser = await driver.launch({ executablePath, args: ['--no-sandbox'] });
  });
  afterAll(async () => browser.close());

  async function open(
    look: { language?: string; theme?: 'light' | 'dark'; width?: number } = {},
  ): Promise<{ page: Page; problems: string[] }> {
    const { language = 'en', theme = 'light', width = 1280 } = look;
    const context = await browser.newContext({
      locale: language,
      colorScheme: theme,
      viewport: { width, height: 800 },
      reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    const problems: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(`${served().origin}/`)) problems.push(request.url());
    });
    await page.goto(`${served().origin}/#token=${served().token}`);
    await page.waitForSelector('.tiles');
    return { page, problems };
  }

  async function visit(page: Page, screen: string): Promise<void> {
    await page.evaluate(
      `new Promise((drawn) => {
        location.hash = ${JSON.stringify(screen)};
        requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(drawn, 50)));
      })`,
    );
    await vi.waitFor(
      async () => {
        const waiting = await page.locator('.waiting').allInnerTexts();
        expect(waiting.filter((text) => /Loading|Carregando/.test(text))).toEqual([]);
      },
      { timeout: 20_000, interval: 50 },
    );
    await page.locator('main h1, main h2').first().waitFor({ state: 'attached' });
  }

  test.each([
    { language: 'en', theme: 'light', width: 1280 },
    { language: 'pt-BR', theme: 'dark', width: 390 },
  ] as const)('every screen is whole and accessible: $language, $theme, $width pixels', async (look) => {
    const { page, problems } = await open(look);
    const found: unknown[] = [];
    for (const screen of SCREENS) {
      await visit(page, screen);
      await page.evaluate(axe.source);
      const violations = z
        .array(z.string())
        .parse(
          await page.evaluate(
            `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }).then(({ violations }) => violations.map(({ id, nodes }) => id + ' ' + nodes[0].html.slice(0, 200)))`,
          ),
        );
      const isWide = await goesSideways(page);
      const text = await page.locator('main').innerText();
      const isEmpty = text.trim() === '' || /undefined|NaN|\[object/.test(text);
      if (violations.length > 0 || isWide || isEmpty) found.push({ screen, violations, isWide, isEmpty });
    }
    expect(found).toEqual([]);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test('from the overview to a run, a row, its key and on to gold', async () => {
    const { page, problems } = await open();
    await page.locator('table a', { hasText: 'Run 1' }).last().click();
    await page.waitForSelector('.grid .was');
    expect(await page.locator('.bar-line').first().innerText()).toContain('pontos');
    const row = page.locator('.grid .body .row').first();
    expect(await row.locator('del').innerText()).toBe('1');
    expect(await row.locator('ins').innerText()).toBe('2');
    await row.locator('a').click();
    await page.waitForSelector('.time-line');
    expect(await page.locator('.time-line li').count()).toBe(2);
    await page.locator('.side a', { hasText: 'Lineage' }).click();
    await page.locator('.node.gold').click();
    await page.locator('.card a', { hasText: 'Cubes' }).click();
    await page.waitForSelector('.chart .line', { state: 'attached' });
    expect(await page.locator('h1').innerText()).toBe('gold.diario');
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test('by the keyboard alone: Ctrl+K finds a key, a table’s rows are walked to their end', async () => {
    const { page, problems } = await open();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('129');
    await page.locator('.jump li', { hasText: '129' }).filter({ hasText: 'vendas' }).first().waitFor();
    await page.keyboard.press('Enter');
    await page.waitForSelector('.time-line');
    expect(await page.locator('h1').innerText()).toBe('129');
    await visit(page, '#/tables/vendas?tab=rows');
    await page.locator('.grid').focus();
    await page.keyboard.press('End');
    await page.locator('.grid .row.at', { hasText: '2025-03' }).waitFor();
    expect(await page.locator('.foot').innerText()).toContain('130 / 130');
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test('nothing of one row or table is shown as another’s while that one’s answer is on its way', async () => {
    const { page } = await open();
    const views = [
      { path: '/api/key', from: '#/key/vendas?k.id=1', to: '#/key/vendas?k.id=2', shows: '.time-line li' },
      {
        path: '/api/changes',
        from: '#/runs/0?table=vendas',
        to: '#/runs/0?table=clientes',
        shows: '.grid .row .cell',
      },
      {
        path: '/api/rows',
        from: '#/tables/vendas?tab=rows',
        to: '#/tables/clientes?tab=rows',
        shows: '.grid .row .cell',
      },
      {
        path: '/api/profile',
        from: '#/tables/vendas?at=0',
        to: '#/tables/vendas?at=1',
        shows: '.profile td',
      },
    ];
    for (const { path, from, to, shows } of views) {
      await visit(page, from);
      await page.locator(shows).first().waitFor();
      let tell = (): void => undefined;
      const told = new Promise<void>((resolve) => {
        tell = resolve;
      });
      const asked = page.waitForRequest(`**${path}?*`);
      await page.route(`**${path}?*`, async (route) => {
        await told;
        await route.continue();
      });
      await page.evaluate(`location.hash = ${JSON.stringify(to)}`);
      await asked;
      await page.locator('.waiting', { hasText: 'Loading' }).first().waitFor();
      expect([to, await page.locator(shows).count()]).toEqual([to, 0]);
      tell();
      await page.locator(shows).first().waitFor();
      await page.unroute(`**${path}?*`);
    }
    await page.context().close();
  });

  test('what is picked in the list of Ctrl+K stays picked when more is found before it', async () => {
    const { page } = await open();
    let tell = (): void => undefined;
    const told = new Promise<void>((resolve) => {
      tell = resolve;
    });
    await page.route('**/api/status', async (route) => {
      await told;
      await route.continue();
    });
    await page.route('**/api/find?*', (route) =>
      route.fulfill({ json: { keys: [{ table: 'clientes', key: { id: 'of vendas' } }] } }),
    );
    await page.reload();
    await page.waitForSelector('.tiles');
    await page.keyboard.press('Control+k');
    await page.keyboard.type('vendas');
    await page.locator('.jump li', { hasText: 'of vendas' }).waitFor();
    await page.keyboard.press('ArrowDown');
    tell();
    await page.locator('.jump li', { hasText: 'silver.vendas' }).waitFor();
    expect(await page.locator('.jump li[aria-selected="true"]').innerText()).toContain('of vendas');
    await page.context().close();
  });

  test('what is typed right after Ctrl+K is typed into its field', async () => {
    const { page, problems } = await open();
    const focused = await page.evaluate(`new Promise((told) => {
      dispatchEvent(new KeyboardEvent('keydown', { key: 'k', ctrlKey: true }));
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => told(document.activeElement?.role ?? '');
      port2.postMessage('');
    })`);
    expect(focused).toBe('combobox');
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test('in Portuguese the first view is within 120 kB over the wire, and guards and errors are Portuguese too', async () => {
    const { page, problems } = await open({ language: 'pt-BR' });
    await page.locator('main', { hasText: 'linhas (75,0 %) sumiram, mais do que' }).waitFor();
    const sizes = z
      .array(z.number())
      .parse(
        await page.evaluate(
          `performance.getEntries().flatMap(({ transferSize }) => transferSize === undefined ? [] : [transferSize])`,
        ),
      );
    expect(sizes.reduce((a, b) => a + b)).toBeLessThan(120_000);
    await visit(page, '#/held');
    await page.locator('.guards', { hasText: 'linhas (75,0 %) sumiram, mais do que' }).waitFor();
    await page.evaluate(`location.hash = '#/runs/99'`);
    await page.locator('.problem', { hasText: 'O lake não tem execução 99.' }).waitFor();
    expect(problems.filter((each) => !each.includes('400 (Bad Request)'))).toEqual([]);
    await page.context().close();
  });

  test('tables of every layer are listed, seeds among them', async () => {
    const { page } = await open();
    await visit(page, '#/tables');
    expect(await page.locator('main h2').allInnerTexts()).toEqual([
      'Source',
      'seed',
      'bronze',
      'silver',
      'gold',
    ]);
    await page.context().close();
  });

  test('values of rows are text, whatever they say', async () => {
    const { page, problems } = await open();
    await visit(page, '#/tables/clientes?tab=rows');
    await page.locator('.grid', { hasText: HOSTILE }).waitFor();
    expect(await page.locator('main img').count()).toBe(0);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test('the console answers, and says what is wrong', async () => {
    const { page } = await open();
    await visit(page, '#/sql?q=SELECT+cliente,+count(*)+AS+n+FROM+vendas+GROUP+BY+ALL+ORDER+BY+ALL');
    await page.locator('.editor .cm-content').waitFor();
    await page.locator('button', { hasText: 'Ask' }).click();
    await page.locator('.grid', { hasText: 'c1' }).waitFor();
    await page.locator('.editor .cm-content').click();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('SELECT * FROM nothing');
    await page.keyboard.press('Control+Enter');
    await page.locator('.problem', { hasText: 'The lake has no table nothing.' }).waitFor();
    expect(await page.locator('.problem').count()).toBe(1);
    await page.context().close();
  });

  test('what is typed over a selection stands in its place, and in quotes where a quote is typed', async () => {
    const { page, problems } = await open();
    await visit(page, '#/sql');
    const text = page.locator('.editor .cm-content');
    const over = async (typed: string): Promise<void> => {
      await page.keyboard.press('Control+a');
      await page.keyboard.type(typed);
    };
    await text.click();
    await over(`SELECT 'some' AS text FROM clientes -- said`);
    await over('SELECT 2\nFROM vendas');
    await page.keyboard.press('Escape');
    expect(await text.innerText()).toBe('SELECT 2\nFROM vendas');
    await over(`'`);
    expect(await text.innerText()).toBe(`'SELECT 2\nFROM vendas'`);
    await over('ven');
    await page.locator('.cm-tooltip-autocomplete').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+z');
    expect(await text.innerText()).toBe(`'SELECT 2\nFROM vendas'`);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test('the console completes columns of the tables that are named, and of one by its other name', async () => {
    const { page, problems } = await open();
    const tables = page.waitForResponse('**/api/tables');
    await visit(page, '#/sql');
    await tables;
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
    const proposed = page.locator('.cm-tooltip-autocomplete li');
    await page.locator('.editor .cm-content').click();
    const typed = async (sql: string): Promise<void> => {
      await page.keyboard.press('Escape');
      await page.keyboard.press('Control+a');
      await page.keyboard.press('Delete');
      await page.keyboard.type(sql);
    };
    await typed('SELECT count(*) FROM bronze.vendas v WHERE pon');
    await proposed.filter({ hasText: 'pontos' }).filter({ hasText: 'bronze.vendas' }).first().waitFor();
    await typed('SELECT count(*) FROM bronze.vendas v WHERE v.cli');
    await proposed.filter({ hasText: 'cliente' }).first().waitFor();
    await typed('SELECT nom FROM clientes');
    await page.keyboard.press('Escape');
    for (let left = 0; left < ' FROM clientes'.length; left += 1) await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Control+Space');
    await proposed.filter({ hasText: 'nome' }).first().waitFor();
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test('a table’s versions are compared, row by row', async () => {
    const { page } = await open();
    await visit(page, '#/tables/clientes?tab=versions');
    await page.locator('a', { hasText: 'Difference' }).first().click();
    await page.locator('.grid ins', { hasText: 'Ana Maria' }).waitFor();
    expect(await page.locator('.grid .body .row').count()).toBe(1);
    expect(await page.locator('.grid del').allInnerTexts()).toEqual(['Ana']);
    await page.context().close();
  });

  test('tables that are told late leave what is written, and what is asked, as they are', async () => {
    const { page } = await open();
    let tell = (): void => undefined;
    const told = new Promise<void>((resolve) => {
      tell = resolve;
    });
    await page.route('**/api/status', async (route) => {
      await told;
      await route.continue();
    });
    await page.route('**/api/sql', async (route) => {
      const status = page.waitForResponse('**/api/status');
      tell();
      await status;
      await route.continue();
    });
    await visit(page, '#/sql');
    await page.locator('.editor .cm-content').click();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('SELECT 40 + 2 AS answer');
    await page.keyboard.press('Control+Enter');
    await page.locator('.grid', { hasText: '42' }).waitFor();
    expect(await page.locator('.editor .cm-content').innerText()).toBe('SELECT 40 + 2 AS answer');
    await page.keyboard.type(' FROM silver.v');
    await page.locator('.cm-tooltip-autocomplete', { hasText: 'vendas' }).waitFor();
    await page.context().close();
  });

  test('a held table is looked at, approved, and its run seen to its end', async () => {
    const { page, problems } = await open();
    await visit(page, '#/runs');
    await page.locator('button', { hasText: 'Run now' }).click();
    await page.locator('.banner', { hasText: 'The run has ended with exit code 4.' }).waitFor();
    await page.locator('.banner a', { hasText: 'clientes held' }).click();
    // What the last cycle has found is there without another look.
    await page.locator('.guards', { hasText: '3 of 4 rows (75.0 %) are gone' }).waitFor();
    await page.locator('button', { hasText: 'Look at it now' }).click();
    await page.locator('.guards', { hasText: 'mass-delete' }).waitFor();
    expect(await page.locator('main').innerText()).toContain('Davi');
    await page.locator('button', { hasText: 'Approve and run' }).click();
    await page.locator('.banner', { hasText: 'The run has ended well.' }).waitFor();
    await page.locator('.banner a', { hasText: 'Run 2' }).click();
    await page.locator('.small-card', { hasText: '−3' }).waitFor();
    await page.locator('.card', { hasText: 'gold.diario' }).waitFor();
    await visit(page, '#/runs');
    await page.locator('.card', { hasText: 'Last cycles' }).locator('a', { hasText: 'Run 2' }).waitFor();
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test('what a run would do with every table is looked at, and the lake is verified', async () => {
    const { page, problems } = await open();
    await visit(page, '#/runs');
    await page.locator('a', { hasText: 'What a run would do' }).click();
    await page.locator('td', { hasText: 'gold.diario' }).waitFor();
    expect(await page.locator('tbody tr').allInnerTexts()).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^clientes\b/),
        expect.stringMatching(/^silver.vendas\b/),
      ]),
    );
    await visit(page, '#/runs');
    await page.locator('button', { hasText: 'Verify' }).click();
    await page.locator('.banner', { hasText: /\d runs verified: replay gives the last snapshot/ }).waitFor();
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test('what is refused is told where it was asked for', async () => {
    const { page } = await open();
    await visit(page, '#/runs');
    await page.route('**/api/do/run', (route) =>
      route.fulfill({
        status: 500,
        json: { error: { code: 'CONFLICT', message: 'Another is under way.', hint: null, retryable: true } },
      }),
    );
    await page.locator('button', { hasText: 'Run now' }).click();
    await page.locator('.problem').waitFor();
    expect(await page.locator('.problem').innerText()).toContain('Another is under way.');
    await page.context().close();
  });

  test('without its token the page says what to do', async () => {
    const page = await (await browser.newContext({ locale: 'en' })).newPage();
    await page.goto(`${served().origin}/`);
    await page.locator('main', { hasText: 'needs the address that igarape ui has printed' }).waitFor();
    expect(await page.locator('.tiles').count()).toBe(0);
    await page.context().close();
  });
});
