// Makes the pictures of the documents from a fresh demonstration, in Debian's Chromium: npm run build && npm run pictures
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
  const terminal = await browser.newPage({ viewport: { width: 1280, height: 760 }, colorScheme: 'light' });
  await terminal.setContent(stillOf(`$ igarape plan\n${planOfNextDay(join(folder, 'lake-demo'))}`));
  await terminal.locator('pre').screenshot({ path: join(root, 'docs', 'images', 'plan.png') });
  await browser.close();
  server.kill();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** What a run would do once a few clients have other points, and half of the products of transactions are gone. */
function planOfNextDay(lake) {
  const edit = (name, change) => {
    const path = join(lake, 'source', `${name}.csv`);
    writeFileSync(path, change(readFileSync(path, 'utf8').trimEnd().split('\n')).join('\n') + '\n');
  };
  edit('clientes', ([head, ...rows]) => {
    const points = head.split(';').indexOf('qtdePontos');
    const more = (row) => row.split(';').map((cell, index) => (index === points ? Number(cell) + 15 : cell));
    return [head, ...rows.map((row, index) => (index % 200 === 7 ? more(row).join(';') : row)).slice(3)];
  });
  edit('transacao_produto', (rows) => rows.slice(0, rows.length / 2));
  const { stdout } = spawnSync(process.execPath, [program, 'plan'], {
    cwd: lake,
    encoding: 'utf8',
    env: { ...process.env, LANG: 'en_US.UTF-8', NO_COLOR: '1' },
  });
  return stdout.trimEnd();
}

function stillOf(text) {
  const lines = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<style>
    body { margin: 0; }
    pre {
      display: inline-block; box-sizing: border-box; width: 1280px; margin: 0; padding: 18px 22px; overflow: hidden;
      background: #101815; color: #dbe6e0; font: 13.5px/1.5 'DejaVu Sans Mono', monospace;
    }
  </style><pre>${lines}</pre>`;
}
