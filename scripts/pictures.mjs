// Makes the pictures of the documents from a fresh demonstration, in Debian's Chromium: npm run build && npm run pictures
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const root = join(import.meta.dirname, '..');
const program = join(root, 'bin', 'igarape.js');
const folder = mkdtempSync(join(tmpdir(), 'igarape-pictures-'));

const PICTURES = [
  { name: 'run', view: '#/runs/2?table=clientes', theme: 'light' },
  { name: 'lineage', view: '#/lineage/silver.transacoes', theme: 'light' },
  { name: 'cube', view: '#/cubes/gold.daily?by=descProduto', theme: 'light' },
];

try {
  execFileSync(process.execPath, [program, 'demo', '--lake', join(folder, 'lake-demo')], { stdio: 'ignore' });
  const server = spawn(process.execPath, [program, 'ui', '--no-open', '--port', '0', '--json'], {
    cwd: join(folder, 'lake-demo'),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const { address } = JSON.parse(String(await new Promise((resolve) => server.stdout.once('data', resolve))));
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  for (const { name, view, theme } of PICTURES) {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 760 },
      colorScheme: theme,
      locale: 'en',
    });
    const page = await context.newPage();
    await page.goto(address);
    await page.waitForSelector('.tiles');
    await page.evaluate(`location.hash = ${JSON.stringify(view)}`);
    await page.waitForLoadState('networkidle');
    await page.waitForTimeout(1500);
    await page.screenshot({ path: join(root, 'docs', 'images', `${name}.png`) });
    await context.close();
  }
  await browser.close();
  server.kill();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
