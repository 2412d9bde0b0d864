import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DemoDay, type DemoSize, demoTables, writeDemoDay } from '../../../src/cli/demo/data.ts';
import { Engine } from '../../../src/engine/engine.ts';
import type { Row } from '../../../src/engine/result-rows.ts';
import { quoteText } from '../../../src/engine/quote.ts';
import { useTempDir } from '../../support/tmp.ts';

const dir = useTempDir();
const SMALL: DemoSize = { clients: 500, transactions: 2000 };
const DAYS: readonly DemoDay[] = [1, 2, 3];

let engine: Engine;
beforeAll(async () => {
  engine = Engine.open({ memoryLimit: '256MB', spillDir: join(tmpdir(), 'igarape-test-spill') });
});
afterAll(() => engine.close());

const folder = (day: DemoDay): string => join(dir(), String(day));

async function writeDays(size?: DemoSize): Promise<void> {
  for (const day of DAYS) await writeDemoDay(engine, day, folder(day), size);
}

/** A table of a day, in SQL after FROM. */
function table(name: string, day: DemoDay): string {
  return `read_csv(${quoteText(join(folder(day), `${name}.csv`))}, delim = ';', header = true)`;
}

async function count(sql: string): Promise<number> {
  const [row] = await engine.rows(`SELECT count(*) AS n FROM ${sql}`);
  return Number(row?.['n']);
}

/** How many rows come, go and change from the day before. */
async function changes(name: string, key: string, day: 2 | 3): Promise<Row | undefined> {
  const [before, after] = [table(name, day === 2 ? 1 : 2), table(name, day)];
  const [row] = await engine.rows(`
    SELECT count(*) FILTER (b.${key} IS NULL)::INTEGER AS inserted, count(*) FILTER (a.${key} IS NULL)::INTEGER AS deleted,
      count(*) FILTER (a.${key} = b.${key} AND a IS DISTINCT FROM b)::INTEGER AS updated
    FROM ${after} AS a FULL JOIN ${before} AS b ON a.${key} = b.${key}`);
  return row;
}

async function sha256(name: string, day: DemoDay): Promise<string> {
  const bytes = await readFile(join(folder(day), `${name}.csv`));
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}

describe('the demo data', () => {
  it('is the same in every byte each time, on every machine', async () => {
    await writeDays(SMALL);
    const hashes: Record<string, string[]> = {};
    for (const { name } of demoTables) {
      hashes[name] = await Promise.all(DAYS.map((day) => sha256(name, day)));
    }
    expect(hashes).toMatchInlineSnapshot(`
      {
        "clientes": [
          "203b7006f2779fd7",
          "fc089dd269a2d58c",
          "81f9a63a9bc33232",
        ],
        "produtos": [
          "80c743f813987b9d",
          "80c743f813987b9d",
          "aa7727e9abedf1a0",
        ],
        "transacao_produto": [
          "94e4f72f5c8f6b06",
          "d4b0fc2ffaddeb89",
          "320ff1a1fa65baa9",
        ],
        "transacoes": [
          "2e4612384146f7be",
          "9df6a6fc9f93dd45",
          "dd4ff9d0cbbc4fbf",
        ],
      }
    `);
  });

  it('does not depend on the number of threads', async () => {
    await writeDemoDay(engine, 2, folder(2), SMALL);
    const names = demoTables.map(({ name }) => name);
    const before = await Promise.all(names.map((name) => sha256(name, 2)));
    await engine.run('SET threads = 1');
    await writeDemoDay(engine, 2, folder(2), SMALL);
    await engine.run('RESET threads');
    expect(await Promise.all(names.map((name) => sha256(name, 2)))).toEqual(before);
  });

  it('has four thousand clients and fifty thousand transactions unless asked otherwise', async () => {
    await writeDemoDay(engine, 1, folder(1));
    expect(await count(table('clientes', 1))).toBe(4000);
    expect(await count(table('transacoes', 1))).toBe(50_000);
    expect(await count(table('transacao_produto', 1))).toBeGreaterThan(50_000);
  });

  it('has unique keys', async () => {
    await writeDays(SMALL);
    for (const { name, key } of demoTables) {
      for (const day of DAYS) {
        expect(await count(`(SELECT ${key} FROM ${table(name, day)} GROUP BY 1 HAVING count(*) > 1)`)).toBe(
          0,
        );
      }
    }
  });

  it('changes some percent of clients and transactions each day, and products on the third only', async () => {
    await writeDays();
    for (const day of [2, 3] as const) {
      for (const [name, key] of [
        ['clientes', 'idCliente'],
        ['transacoes', 'IdTransacao'],
      ] as const) {
        const rows = await count(table(name, day));
        const { inserted, updated, deleted } = (await changes(name, key, day)) ?? {};
        for (const changed of [inserted, updated, deleted].map(Number)) {
          expect(changed / rows).toBeGreaterThan(0.005);
          expect(changed / rows).toBeLessThan(0.1);
        }
      }
    }
    expect(await changes('produtos', 'IdProduto', 2)).toEqual({ inserted: 0, updated: 0, deleted: 0 });
    expect(await changes('produtos', 'IdProduto', 3)).toEqual({ inserted: 1, updated: 1, deleted: 0 });
  });

  it('holds together: each transaction has its client, items and sum of points', async () => {
    await writeDays(SMALL);
    for (const day of DAYS) {
      const [clients, sales, items] = ['clientes', 'transacoes', 'transacao_produto'].map((name) =>
        table(name, day),
      );
      expect(await count(`${sales} ANTI JOIN ${clients} USING (idCliente)`)).toBe(0);
      expect(await count(`${items} ANTI JOIN ${table('produtos', day)} USING (IdProduto)`)).toBe(0);
      const sums = `(SELECT IdTransacao, sum(QtdeProduto * vlProduto) AS QtdePontos FROM ${items} GROUP BY 1)`;
      expect(await count(`${sales} ANTI JOIN ${sums} USING (IdTransacao, QtdePontos)`)).toBe(0);
      expect(await count(`${sums} ANTI JOIN ${sales} USING (IdTransacao)`)).toBe(0);
      expect(await count(`${clients} WHERE DtAtualizacao < DtCriacao OR qtdePontos < 0`)).toBe(0);
    }
  });

  it('moves the update time of every client that changes', async () => {
    await writeDays(SMALL);
    const changed = `${table('clientes', 2)} AS a JOIN ${table('clientes', 1)} AS b USING (idCliente)
      WHERE a IS DISTINCT FROM b`;
    expect(await count(changed)).toBeGreaterThan(0);
    expect(await count(`${changed} AND a.DtAtualizacao <= b.DtAtualizacao`)).toBe(0);
  });

  it('can be as small as a hundred clients', async () => {
    await writeDays({ clients: 100, transactions: 50 });
    expect(await count(table('clientes', 1))).toBe(100);
    expect(await count(table('transacoes', 3))).toBeGreaterThan(0);
  });
});
