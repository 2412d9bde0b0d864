import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { type Logger, silentLogger } from '../../src/core/log.ts';
import { withReader } from '../../src/explore/reader.ts';
import { toldCycle } from '../../src/pipeline/cycle.ts';
import { runOnce } from '../../src/pipeline/run.ts';
import { openFilesSource } from '../../src/source/files.ts';
import { type RunningServer, serve } from '../../src/ui/server.ts';
import { openScenario, type Scenario, testEdge } from '../support/scenario.ts';
import { writeFileAt } from '../support/write-file.ts';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';

/** A served page of a small lake of all layers, in which a table of the source is held. */
export interface ServedPage {
  readonly lake: Scenario;
  readonly server: RunningServer;
  readonly origin: string;
  readonly token: string;
}

export const ASSETS: string = join(import.meta.dirname, '..', '..', 'dist', 'web');

const SILVER = `-- key: id
-- description: What clients did
SELECT id, cliente, dia, pontos FROM bronze.vendas
`;
const GOLD = `-- key: dt_ref, nivel, cliente
-- dt_ref: vendas.dia
SELECT $dt_ref AS dt_ref, GROUPING(cliente) AS nivel, cliente, count(*) AS nrVendas, count(DISTINCT id) AS nrIds
FROM silver.vendas WHERE dia = $dt_ref GROUP BY ROLLUP (cliente) HAVING count(*) > 0
`;

const JSON_TYPE = { 'content-type': 'application/json' };

/** Hostile text, as data may have it. */
export const HOSTILE = '<img src=x onerror=alert(1)>';

export interface PageOptions {
  readonly allowRun?: boolean;
  /** Makes the lake in an empty folder. */
  readonly make?: (folder: string) => Promise<Scenario>;
}

/** Serves the page of a lake for as long as `use` takes. */
export async function withPage<T>(
  lake: Scenario,
  {
    allowRun = false,
    port = 0,
    log = silentLogger,
  }: { readonly allowRun?: boolean; readonly port?: number; readonly log?: Logger },
  use: (page: ServedPage) => Promise<T>,
): Promise<T> {
  return withReader(lake, testEdge(), async (reader) => {
    const { config, storage } = lake;
    const source = config.source?.type === 'files' ? openFilesSource(config.source) : undefined;
    const server = await serve({
      reader,
      version: '0.0.0',
      allowRun,
      nextRun: undefined,
      project: {
        request: async () => ({ config, storage, source }),
        edge: (signal) => testEdge({ signal }),
        run: (request, edge) =>
          toldCycle({ config, storage, env: {}, writer: 'igarape test' }, edge, (told) =>
            runOnce(request, told, 'igarape test'),
          ),
        redact: (text) => text.replaceAll('geheim', '[redacted]'),
      },
      assets: ASSETS,
      port,
      hosts: ['codespace.example'],
      edge: testEdge({ log }),
    });
    const token = server.address.split('token=')[1] ?? '';
    try {
      return await use({ lake, server, origin: `http://127.0.0.1:${server.port}`, token });
    } finally {
      await server.close();
    }
  });
}

export function usePage({ allowRun = false, make = makeLake }: PageOptions = {}): () => ServedPage {
  let page: ServedPage | undefined;
  let folder: string | undefined;
  let end: (() => void) | undefined;
  let ended: Promise<void> | undefined;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'igarape-page-'));
    const lake = await make(folder);
    page = await new Promise<ServedPage>((resolve, reject) => {
      ended = withPage(lake, { allowRun }, async (served) => {
        resolve(served);
        await new Promise<void>((stop) => {
          end = stop;
        });
      }).catch(reject);
    });
  });
  afterAll(async () => {
    end?.();
    await ended;
    if (folder !== undefined) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  });
  return () => {
    if (page === undefined) throw new Error('The page is there while tests run.');
    return page;
  };
}

/** What a page gets that has shown the token: an answer, by its address. */
export async function openSession({
  origin,
  token,
}: ServedPage): Promise<(path: string, request?: RequestInit) => Promise<Response>> {
  const session = await fetch(`${origin}/api/session`, {
    method: 'POST',
    headers: JSON_TYPE,
    body: JSON.stringify({ token }),
  });
  const cookie = session.headers.get('set-cookie')?.split(';')[0] ?? '';
  return (path, request = {}) => fetch(`${origin}${path}`, { ...request, headers: { ...JSON_TYPE, cookie } });
}

/** A small lake of all layers, in which a table of the source is held. */
export async function makeLake(folder: string): Promise<Scenario> {
  for (const layer of ['silver', 'gold']) await mkdir(join(folder, 'models', layer), { recursive: true });
  await writeFile(join(folder, 'models', 'silver', 'vendas.sql'), SILVER);
  await writeFile(join(folder, 'models', 'gold', 'diario.sql'), GOLD);
  await writeFileAt(join(folder, 'models', 'seeds', 'lojas.csv'), 'id,nome\n1,Centro\n');
  const lake = openScenario(folder, {
    layers: ['bronze', 'silver', 'gold'],
    models: './models',
    tables: [
      { name: 'clientes', pk: 'id' },
      { name: 'vendas', pk: 'id', max_update_ratio: 1 },
    ],
  });
  const clients = (names: readonly string[]): string =>
    `id,nome\n${names.map((name, index) => `${index + 1},"${name}"`).join('\n')}\n`;
  const sales = (run: number): string =>
    `id,cliente,dia,pontos\n${Array.from({ length: 130 }, (_, id) => `${id},c${id % 3},2025-03-${String(1 + (id % 9)).padStart(2, '0')},${id * (id % 2 === 0 ? 1 : run)}`).join('\n')}\n`;
  await lake.write('clientes.csv', clients(['Ana', 'Bia', HOSTILE, 'Davi']));
  await lake.write('vendas.csv', sales(1));
  await lake.run();
  await lake.write('clientes.csv', clients(['Ana Maria', 'Bia', HOSTILE, 'Davi']));
  await lake.write('vendas.csv', sales(2));
  await lake.run();
  await lake.write('clientes.csv', 'id,nome\n1,Ana Maria\n');
  await runCycle(lake);
  return lake;
}

/** Whether the page, or what it shows beside its sides, is wider than there is room for. */
export async function goesSideways(page: Page): Promise<boolean> {
  const widest = `Math.max(...[document.documentElement, document.querySelector('main')]
    .map(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth))`;
  return Number(await page.evaluate(widest)) > 0;
}

/** A run that the lake's journal keeps. */
export async function runCycle({ config, storage }: Scenario): Promise<void> {
  const told = { config, storage, env: {}, writer: 'igarape test' };
  await toldCycle(told, testEdge(), (edge) => {
    const source = config.source?.type === 'files' ? openFilesSource(config.source) : undefined;
    return runOnce({ config, storage, source }, edge, 'igarape test');
  });
}
