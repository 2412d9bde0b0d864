import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { copyModels } from '../../src/cli/init/models.ts';
import type { EngineConfig } from '../../src/config/config.ts';
import { DeltaTable } from '../../src/delta/table.ts';
import type { Storage } from '../../src/storage/port.ts';
import { storageWithin } from '../../src/storage/within.ts';
import { DrawnTable, KINDS } from '../lakehouse/drawn-tables.ts';
import { writeMoreModels } from '../lakehouse/loyalty.ts';
import { shownTables } from '../lakehouse/shop.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { type Write, type WriteListeners, wrapStorage } from '../support/wrapped-storage.ts';

const SOURCES = KINDS.map(({ name }) => name);
const TABLES: readonly string[] = [
  ...SOURCES.map((name) => `bronze.${name}`),
  ...[...SOURCES, 'pessoas', 'saldos'].map((name) => `silver.${name}`),
  ...['daily', 'monthly', 'churn'].map((name) => `gold.${name}`),
];
const MOST_STATEMENTS = { bronze: 1, silver: 15, gold: 20 };
const EACH_COMMIT = process.env['IGARAPE_FAULTS'] === 'all';

/** All of them, or as many as show it. */
export function days(most: number): number {
  return EACH_COMMIT ? 5 : most;
}

export interface FiveDays {
  /** An empty folder. */
  readonly folder: string;
  /** The lake that Spark computes, as far as it is its turn. */
  readonly storage: Storage;
  readonly spark: EngineConfig;
  /** How many. */
  readonly days: number;
}

/**
 * The loyalty system over days that are drawn: a lake that Spark and DuckDB compute by turns, and whose runs die at
 * tables' commits, before and after it, comes to be what DuckDB makes of the same days undisturbed.
 */
export async function checkFiveDays({ folder, storage, spark, days: last }: FiveDays): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.gen(), async (g) => {
      const pick = (count: number): number => (count <= 1 ? 0 : g(fc.nat, { max: count - 1 }));
      const drawn = KINDS.map((kind) => new DrawnTable(kind, pick));
      const open = await opened(folder, storage, drawn);
      const deaths = new Set<string>();
      for (let day = 1; day <= last; day += 1) {
        const calm = open('calm');
        await publish(calm, drawn);
        await publish(open('disturbed'), drawn);
        const { exitCode } = await calm.run({ approve: SOURCES });
        const disturbed = await runWithDeaths(open, day, spark, deaths);
        const what = `day ${day}`;
        expect(disturbed.exitCode, what).toBe(exitCode);
        expect(await shownTables(disturbed.storage, TABLES), what).toEqual(
          await shownTables(calm.storage, TABLES),
        );
        expect(await appliedVersions(disturbed.storage, TABLES), what).toEqual(
          await appliedVersions(calm.storage, TABLES),
        );
        for (const table of drawn) for (let count = pick(4); count > 0; count -= 1) table.change();
      }
      expect(deaths.size).toBeGreaterThan(TABLES.length / 5);
    }),
    { numRuns: 1, endOnFailure: true },
  );
}

type Open = (name: 'calm' | 'disturbed', listeners?: WriteListeners, signal?: AbortSignal) => Scenario;

async function opened(folder: string, storage: Storage, tables: readonly DrawnTable[]): Promise<Open> {
  const models = join(folder, 'models');
  await copyModels(models);
  await writeMoreModels(models);
  const config = {
    layers: ['bronze', 'silver', 'gold'],
    models,
    tables: tables.map((table) => ({ ...table.config(), max_delete_ratio: 1, max_update_ratio: 1 })),
  };
  for (const name of ['calm', 'disturbed']) await mkdir(join(folder, name), { recursive: true });
  return (name, listeners = {}, signal = new AbortController().signal) =>
    openScenario(
      join(folder, name),
      config,
      name === 'calm' ? {} : { storage: wrapStorage(storage, listeners), edge: { signal } },
    );
}

async function publish(scenario: Scenario, tables: readonly DrawnTable[]): Promise<void> {
  for (const table of tables) await scenario.write(`${table.kind.name}.csv`, table.csv());
}

/** Runs until one comes to its end, each on the other engine. @param deaths Those that were died, which nobody dies again. */
async function runWithDeaths(
  open: Open,
  day: number,
  spark: EngineConfig,
  deaths: Set<string>,
): Promise<{ readonly exitCode: number; readonly storage: Storage }> {
  for (let count = 0; ; count += 1) {
    // Who is dead does nothing more: no table is computed that follows from none.
    const life = new AbortController();
    const hear = (moment: 'before' | 'after') => (write: Write) => {
      const death = moment === (count % 2 === 0 ? 'before' : 'after') ? deathAt(moment, write) : undefined;
      if (!life.signal.aborted && death !== undefined && !deaths.has(death)) {
        deaths.add(death);
        life.abort(new Error('killed'));
      }
      life.signal.throwIfAborted();
    };
    const scenario = open('disturbed', { before: hear('before'), after: hear('after') }, life.signal);
    const isOfSpark = (day + count) % 2 === 1;
    const config = isOfSpark ? { ...scenario.config, engine: spark } : scenario.config;
    const result = await scenario.run({ config, approve: SOURCES }).catch((error: unknown) => {
      if (!life.signal.aborted) throw error;
      return undefined;
    });
    if (life.signal.aborted || result === undefined) continue;
    for (const [name, { statements = 0 }] of Object.entries(result.report.layers ?? {})) {
      const [layer] = name.split('.');
      if (layer === 'bronze' || layer === 'silver' || layer === 'gold')
        expect(statements, name).toBeLessThanOrEqual(MOST_STATEMENTS[layer]);
    }
    return { exitCode: result.exitCode, storage: scenario.storage };
  }
}

/** What a run that dies there is called: some tables' where they are made, others' where they change; undefined elsewhere. */
function deathAt(moment: string, { call, keys: [key = ''] }: Write): string | undefined {
  const [, table, version] = /^((?:bronze|silver|gold)\/\w+)\/_delta_log\/(\d+)\.json$/.exec(key) ?? [];
  if (call !== 'putIfAbsent' || table === undefined) return undefined;
  if (EACH_COMMIT) return `${table} ${version} ${moment}`;
  const isMade = Number(version) === 0;
  return TABLES.indexOf(table.replace('/', '.')) % 5 === (isMade ? 0 : 2) ? table : undefined;
}

/** The applications' versions that tables have noted. */
export async function appliedVersions(storage: Storage, names: readonly string[]): Promise<unknown> {
  const found: Record<string, unknown> = {};
  for (const name of names) {
    const opening = DeltaTable.open(storageWithin(storage, `${name.replace('.', '/')}/`));
    const table = await opening.catch(() => undefined);
    if (table === undefined) continue;
    const { state } = await table.snapshot();
    found[name] = Object.fromEntries([...state.transactions].map(([id, { version }]) => [id, version]));
    await table.close();
  }
  return found;
}

/** True where a table of the lake has deletion vectors. */
export async function hasDeletionVectors(storage: Storage): Promise<boolean> {
  for (const name of TABLES) {
    await using table = await DeltaTable.open(storageWithin(storage, `${name.replace('.', '/')}/`));
    const files = await (await table.snapshot()).files();
    if (files.some(({ deletionVector }) => deletionVector !== undefined)) return true;
  }
  return false;
}
