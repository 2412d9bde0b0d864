import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type CDPSession, chromium as driver, type Page } from 'playwright-core';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { Engine } from '../../src/engine/engine.ts';
import { quoteText } from '../../src/engine/quote.ts';
import { chromium } from '../support/browser.ts';
import { describeWith } from '../support/external.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { usePage } from './demo-page.ts';

const ROWS = Number(process.env['IGARAPE_PAGE_ROWS'] ?? 1_000_000);
/** The file is looked at in so many places, from its beginning to its end. */
const PLACES = 80;
/** From there on as many pages are kept as ever are. */
const FULL = 24;
const HEAP_BYTES = 15_000_000;
const MORE_BYTES = 500_000;
const NODES = 1500;

/** A lake of one table, in which the second run has updated every row. */
async function makeLake(folder: string): Promise<Scenario> {
  const lake = openScenario(folder, {
    tables: [{ name: 't', pk: 'id', format: 'parquet', file: 't.parquet', max_update_ratio: 1 }],
  });
  await mkdir(join(folder, 'source'));
  const engine = Engine.open({ memoryLimit: '1GB', spillDir: join(folder, 'spill') });
  try {
    for (const run of [0, 1]) {
      await engine.run(
        `COPY (SELECT i AS id, 'name ' || i AS name, i * 2 + ${run} AS points,
          repeat('x', 300) || i AS note FROM range(${ROWS}) r(i))
          TO ${quoteText(join(folder, 'source', 't.parquet'))} (FORMAT parquet)`,
      );
      await lake.run();
    }
  } finally {
    engine.close();
  }
  return lake;
}

describeWith(chromium(), 'a change file of a million rows in a browser', (executablePath) => {
  const served = usePage({ make: makeLake });

  test('is paged to its end, each row what it is and was, in bounded heap and nodes', async () => {
    const browser = await driver.launch({ executablePath, args: ['--no-sandbox'] });
    try {
      const page = await browser.newPage({ locale: 'en', viewport: { width: 1280, height: 800 } });
      page.setDefaultTimeout(60_000);
      await page.goto(`${served().origin}/#token=${served().token}`);
      await page.waitForSelector('.tiles');
      const session = await page.context().newCDPSession(page);
      await session.send('HeapProfiler.enable');
      await page.evaluate(`location.hash = '#/runs/1?table=t'`);
      await page.locator('.grid').waitFor();
      let [last, full] = [0, { heap: 0, nodes: 0 }];
      for (let place = 0; place <= PLACES; place += 1) {
        await page.evaluate(
          `(() => {
            const grid = document.querySelector('.grid');
            grid.scrollTop = ${place / PLACES} * (grid.scrollHeight - grid.clientHeight);
          })()`,
        );
        last = await shownWell(page, (place / PLACES) * ROWS);
        if (place === FULL) full = await taken(session);
      }
      const end = await taken(session);
      expect(last).toBe(ROWS - 1);
      expect(end.nodes).toBeLessThan(NODES);
      expect(end.heap).toBeLessThan(Math.min(HEAP_BYTES, full.heap + MORE_BYTES));
    } finally {
      await browser.close();
    }
  }, 600_000);
});

const READ = `[...document.querySelectorAll('.grid .body .row')].map((row) => [
  Number(row.getAttribute('aria-rowindex')) - 2,
  ...['.cell:nth-child(2)', '.cell:nth-child(3) del', '.cell:nth-child(3) ins', '.cell:nth-child(4)'].map(
    (cell) => row.querySelector(cell)?.textContent ?? null),
])`;
const SHOWN = z.array(z.tuple([z.number(), z.string(), z.string(), z.string(), z.string()]));

/** Waits until the rows in sight are those around a place, each what it is and was; resolves the last one's place. */
async function shownWell(page: Page, place: number): Promise<number> {
  return vi.waitFor(
    async () => {
      const rows = SHOWN.parse(await page.evaluate(READ));
      const first = rows[0]?.[0] ?? -1;
      const expected = rows.map((_, index) => {
        const id = first + index;
        return [id, String(id), String(2 * id), String(2 * id + 1), `name ${id}`];
      });
      expect(rows.length).toBeGreaterThan(10);
      expect(Math.abs(first - place)).toBeLessThan(20);
      expect(rows).toEqual(expected);
      return first + rows.length - 1;
    },
    { timeout: 60_000, interval: 20 },
  );
}

/** What the page holds once what it has let go is collected. */
async function taken(session: CDPSession): Promise<{ heap: number; nodes: number }> {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize: heap } = await session.send('Runtime.getHeapUsage');
  const { nodes } = await session.send('Memory.getDOMCounters');
  return { heap, nodes };
}
