import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { resolveConfig } from '../../src/config/resolve.ts';
import type { Config } from '../../src/config/config.ts';
import { silentLogger } from '../../src/core/log.ts';
import { Engine } from '../../src/engine/engine.ts';
import type { Row } from '../../src/engine/result-rows.ts';
import { parquetFile } from '../../src/engine/quote.ts';
import { lakeHistory } from '../../src/lake/history.ts';
import { readLedger } from '../../src/lake/ledger.ts';
import type { LedgerEntry, TableReport } from '../../src/lake/ledger-entry.ts';
import type { QueryValue } from '../../src/lake/query/query.ts';
import { verifyLake, type VerifyReport } from '../../src/lake/verify.ts';
import { backfill } from '../../src/pipeline/backfill.ts';
import type { Edge, RunRequest } from '../../src/pipeline/context.ts';
import { plan, type PlanReport } from '../../src/pipeline/plan.ts';
import { withQuery } from '../../src/pipeline/query.ts';
import { runOnce, type RunResult } from '../../src/pipeline/run.ts';
import { openFilesSource } from '../../src/source/files.ts';
import { openLocalStorage } from '../../src/storage/local.ts';
import type { Storage } from '../../src/storage/port.ts';
import { readingEngine } from './reading-engine.ts';
import { writeFileAt } from './write-file.ts';

/** A folder source, a lake and a configuration in one folder, for tests of whole runs. */
export interface Scenario {
  readonly config: Config;
  readonly storage: Storage;
  /** Writes a file of the source. */
  write(name: string, content: string | Uint8Array): Promise<void>;
  /** Removes a file of the source. */
  remove(name: string): Promise<void>;
  run(request?: Partial<RunRequest>): Promise<RunResult>;
  /** A run of one table: its report. */
  runTable(name: string, request?: Partial<RunRequest>): Promise<TableReport>;
  backfill(range: { from: string; to?: string }): ReturnType<typeof backfill>;
  plan(request?: Partial<RunRequest>): Promise<PlanReport>;
  verify(): Promise<VerifyReport>;
  ledger(): Promise<LedgerEntry[]>;
  /** The rows of a published file, in its order; values as text. */
  rows(key: string): Promise<Row[]>;
  /** The first thousand rows of a query over the lake. */
  query(sql: string): Promise<Record<string, QueryValue>[]>;
  /** Names and types of a published file's columns. */
  columns(key: string): Promise<Record<string, string>>;
}

export interface ScenarioOptions {
  readonly storage?: Storage;
  readonly edge?: Partial<Edge>;
}

/**
 * `written` is what a user writes; its source is the folder `source`, unless it says `source: undefined`, its lake the
 * folder `lake` below `folder`.
 */
export function openScenario(folder: string, written: object, options: ScenarioOptions = {}): Scenario {
  const resolved = resolveConfig(
    { source: { type: 'files', path: './source' }, lake: './lake', ...written },
    folder,
  );
  if (resolved.kind === 'invalid') throw new Error(JSON.stringify(resolved.problems));
  const { config } = resolved;
  if (config.source !== undefined && config.source.type !== 'files')
    throw new Error('A scenario has a folder source, or none.');
  const storage = options.storage ?? openLocalStorage(config.lake.uri);
  const source = config.source === undefined ? undefined : openFilesSource(config.source);
  const edge = testEdge(options.edge);
  const request = { config, storage, source };

  async function scratch(): Promise<string> {
    const dir = join(folder, 'scratch', randomUUID());
    await mkdir(dir, { recursive: true });
    return dir;
  }
  /** SQL of a published file's rows, as FROM takes it. */
  async function stored(key: string): Promise<string> {
    const dir = await scratch();
    const parts: string[] = [];
    for await (const part of storage.list(`${key}/`)) parts.push(part.key);
    const keys = parts.length === 0 ? [key] : parts;
    const files = keys.map((one, index) => storage.localFile(one, join(dir, `${index}.parquet`)));
    return parquetFile(...(await Promise.all(files)));
  }

  return {
    config,
    storage,
    async write(name, content) {
      await writeFileAt(join(folder, 'source', name), content);
    },
    remove: (name) => rm(join(folder, 'source', name)),
    query: (sql) =>
      withQuery({ config, storage }, sql, edge, async (opened) => {
        const { columns, rows } = await opened.rows(1000);
        return rows.map((row) =>
          Object.fromEntries(columns.map(({ name }, index) => [name, row[index] ?? null])),
        );
      }),
    run: (more) => runOnce({ ...request, ...more }, edge, 'igarape test'),
    async runTable(name, more) {
      const { report } = await runOnce({ ...request, ...more }, edge, 'igarape test');
      const table = report.tables[name];
      if (table === undefined) throw new Error(`The run says nothing of ${name}.`);
      return table;
    },
    backfill: (range) => backfill({ ...request, ...range }, edge, 'igarape test'),
    plan: async (more) => (await plan({ ...request, ...more }, edge)).report,
    async verify() {
      const dir = await scratch();
      const engine = Engine.open({ memoryLimit: '1GB', spillDir: dir });
      try {
        const history = await lakeHistory(readLedger(storage));
        return await verifyLake(engine, storage, history, dir, { signal: edge.signal });
      } finally {
        engine.close();
      }
    },
    ledger: async () => {
      const entries: LedgerEntry[] = [];
      for await (const entry of readLedger(storage)) entries.push(entry);
      return entries;
    },
    rows: async (key) =>
      readingEngine().rows(`SELECT CAST(COLUMNS(*) AS VARCHAR) FROM (SELECT * FROM ${await stored(key)})`),
    async columns(key) {
      const described = await readingEngine().rows(`DESCRIBE SELECT * FROM ${await stored(key)}`);
      return Object.fromEntries(
        described.map((row) => [String(row['column_name']), String(row['column_type'])]),
      );
    },
  };
}

export function testEdge(edge: Partial<Edge> = {}): Edge {
  return {
    clock: Date.now,
    newId: randomUUID,
    log: silentLogger,
    onProgress: () => undefined,
    signal: new AbortController().signal,
    ...edge,
  };
}
