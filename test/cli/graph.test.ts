import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SaxesParser } from 'saxes';
import { beforeEach, expect, test } from 'vitest';
import { init } from '../../src/cli/init/init.ts';
import { renderSvg } from '../../src/cli/render/graph-svg.ts';
import type { Lineage } from '../../src/medallion/models/lineage.ts';
import { callCli } from '../support/call-cli.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

beforeEach(async () => {
  await init({ yes: true, example: true, lakehouse: true, directory: dir() });
});

test('graph prints what is made of what, without a lake', async () => {
  const { exitCode, stdout } = await callCli(['graph'], dir());
  expect(exitCode).toBe(0);
  expect(stdout.split('\n').map((line) => line.trimEnd())).toEqual(
    expect.arrayContaining(['transacoes', '└── bronze.transacoes', '        └── gold.monthly']),
  );
});

test('graph gives Mermaid, and JSON in either way of asking for it', async () => {
  const mermaid = await callCli(['graph', '--format', 'mermaid'], dir());
  expect(mermaid.stdout).toMatch(/^flowchart LR\n/);
  const json = await callCli(['graph', '--format', 'json'], dir());
  expect(JSON.parse(json.stdout)).toMatchObject({
    tables: expect.arrayContaining([
      expect.objectContaining({
        name: 'gold.churn',
        layer: 'gold',
        description: expect.stringContaining('Of the clients'),
        sources: ['silver.transacoes', 'silver.clientes'],
      }),
    ]),
  });
  expect((await callCli(['graph', '--json'], dir())).stdout).toBe(json.stdout);
});

test('graph draws an SVG, of each table a box and of each source a line', async () => {
  const { stdout } = await callCli(['graph', '--format', 'svg'], dir());
  const found: Lineage = JSON.parse((await callCli(['graph', '--json'], dir())).stdout);
  expect(tagsOf(stdout, 'rect')).toBe(found.tables.length);
  expect(tagsOf(stdout, 'path')).toBe(found.tables.flatMap(({ sources }) => sources).length);
  expect(stdout).toContain('>churn<');
});

test('a name that is markup is text in the drawing, and one of control characters no broken document', () => {
  const drawn = renderSvg({
    tables: [{ name: '<script>&\u0007x', layer: 'raw', description: null, build: null, sources: [] }],
  });
  expect(tagsOf(drawn, 'script')).toBe(0);
  expect(tagsOf(drawn, 'rect')).toBe(1);
});

/** How many elements of a name a well-formed XML text has. */
function tagsOf(xml: string, name: string): number {
  let count = 0;
  const parser = new SaxesParser();
  parser.on('opentag', (tag) => {
    if (tag.name === name) count += 1;
  });
  parser.on('error', (error) => {
    throw error;
  });
  parser.write(xml).close();
  return count;
}

test('a model that cannot be read ends with 2, and its file and line', async () => {
  const path = join(dir(), 'models/silver/produtos.sql');
  await writeFile(path, (await readFile(path, 'utf8')).replace('bronze.produtos', 'bronze.produto'));
  const { exitCode, stderr } = await callCli(['graph'], dir());
  expect(exitCode).toBe(2);
  expect(stderr).toContain(
    'models/silver/produtos.sql:10: reads bronze.produto, which does not exist (did you mean "bronze.produtos"?)',
  );
});
