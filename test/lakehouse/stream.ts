import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import type { GeneratorValue } from 'fast-check';
import { Engine } from '../../src/engine/engine.ts';
import type { LayerReport } from '../../src/medallion/report.ts';
import type { RunRequest } from '../../src/pipeline/context.ts';
import type { RunResult } from '../../src/pipeline/run.ts';
import { openLocalStorage } from '../../src/storage/local.ts';
import type { Pick } from '../properties/write-source.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { wrapStorage } from '../support/wrapped-storage.ts';
import { drawGold, type DrawnModel, drawSilver, templateModels } from './drawn-models.ts';
import { DrawnTable, KINDS, type SourceRow } from './drawn-tables.ts';
import { Reference, type Stored } from './reference.ts';

export interface StreamOptions {
  readonly folder: string;
  /** The most runs of a history. */
  readonly steps: number;
}

/** Draws tables, models and a history; after every run the lake is held against what follows from them. */
export async function checkLakehouse(g: GeneratorValue, options: StreamOptions): Promise<void> {
  const lakehouse = new Lakehouse(g, options);
  try {
    await lakehouse.run();
  } catch (error) {
    const at = error instanceof Error ? (error.stack ?? '') : '';
    throw new Error(`${String(error)}\n\n${lakehouse.story.join('\n')}\n${at}`, { cause: error });
  }
}

/** A state of a table that a run of the ledger has published. */
interface Published {
  readonly run: number;
  readonly isFullLoad: boolean;
  readonly columns: readonly string[];
  readonly rows: ReadonlyMap<string, SourceRow>;
}

const OUTCOMES_AS_ASKED: ReadonlySet<LayerReport['operation']> = new Set([
  'created',
  'updated',
  'rebuilt',
  'unchanged',
]);

class Lakehouse {
  readonly story: string[] = [];
  readonly #g: GeneratorValue;
  readonly #options: StreamOptions;
  readonly #tables: readonly DrawnTable[];
  readonly #published = new Map<string, Published[]>();
  /** By full name; a name that was taken away may come back. */
  readonly #models = new Map<string, DrawnModel>();
  readonly #held = new Set<string>();
  #maxFiles: number | undefined;
  #ledgerRuns = 0;

  constructor(g: GeneratorValue, options: StreamOptions) {
    this.#g = g;
    this.#options = options;
    this.#tables = KINDS.map((kind) => new DrawnTable(kind, this.#pick));
    for (const model of templateModels()) this.#models.set(model.name, model);
    for (const name of ['um', 'dois']) this.#drawModel('silver', name);
    this.#drawModel('gold', 'cubo');
  }

  readonly #pick: Pick = (count) => (count <= 1 ? 0 : this.#g(fc.nat, { max: count - 1 }));

  #oneIn(count: number): boolean {
    return this.#pick(count) === count - 1;
  }

  async run(): Promise<void> {
    const engine = Engine.open({
      memoryLimit: '1GB',
      spillDir: join(this.#options.folder, 'spill'),
      threads: 1,
    });
    try {
      const reference = await Reference.of(engine, join(this.#options.folder, 'lake'));
      for (const table of this.#tables) this.#tell(`${table.kind.name}: ${table.csv()}`);
      await this.#checkedRun(reference, {});
      for (let step = 1 + this.#pick(this.#options.steps); step > 0; step -= 1) {
        this.#change();
        if (this.#oneIn(4)) await this.#disturbedRun();
        await this.#checkedRun(reference, this.#request());
      }
      this.#maxFiles = undefined;
      const approve = this.#tables.map(({ kind }) => kind.name);
      await this.#checkedRun(reference, { approve });
      const before = await this.#stored(reference);
      await this.#checkedRun(reference, { fullRefresh: true });
      same(await this.#stored(reference), before, 'rows after a full refresh');
    } finally {
      engine.close();
    }
  }

  #tell(line: string): void {
    this.story.push(line);
  }

  #change(): void {
    if (!this.#oneIn(6)) {
      for (let count = 1 + this.#pick(3); count > 0; count -= 1) {
        const table = this.#tables[this.#pick(this.#tables.length)];
        if (table !== undefined) this.#tell(`${table.kind.name} ${table.change()}`);
      }
    }
    if (this.#oneIn(3)) this.#changeModels();
    this.#maxFiles = this.#oneIn(3) ? 1 : undefined;
  }

  #changeModels(): void {
    const own = ['silver.um', 'silver.dois', 'gold.cubo', 'gold.outro'];
    const name = own[this.#pick(own.length)] ?? '';
    const [layer = '', table = ''] = name.split('.');
    if (this.#models.has(name) && this.#oneIn(3)) {
      this.#models.delete(name);
      this.#tell(`without ${name}`);
    } else if (layer === 'silver' || layer === 'gold') this.#drawModel(layer, table);
  }

  #drawModel(layer: 'silver' | 'gold', name: string): void {
    const model = layer === 'silver' ? drawSilver(name, this.#pick) : drawGold(name, this.#pick);
    this.#models.set(model.name, model);
    this.#tell(`model ${model.name}:\n${model.text}`);
  }

  #request(): Partial<RunRequest> {
    const names = [...this.#models.keys()];
    const approve = this.#oneIn(2) ? [...this.#held] : [];
    const common = approve.length === 0 ? {} : { approve };
    switch (this.#pick(10)) {
      case 0:
        return { ...common, only: ['raw'] };
      case 1:
        return { ...common, only: ['raw', 'bronze'] };
      case 2:
        return { only: ['silver', 'gold'] };
      case 3:
        return { only: ['bronze', 'silver'] };
      case 4: {
        const name = names[this.#pick(names.length)] ?? '';
        return { models: [`${this.#oneIn(2) ? '+' : ''}${name}${this.#oneIn(2) ? '+' : ''}`] };
      }
      case 5: {
        const table = this.#tables[this.#pick(this.#tables.length)];
        return table === undefined ? {} : { ...common, reload: [table.kind.name] };
      }
      case 6:
        return this.#oneIn(3) ? { ...common, fullRefresh: true } : common;
      default:
        return common;
    }
  }

  #open(listeners?: Parameters<typeof wrapStorage>[1], signal?: AbortSignal): Scenario {
    const { folder } = this.#options;
    const tables = this.#tables.map((table) => ({
      ...table.config(),
      max_delete_ratio: 0.5,
      max_update_ratio: 1,
      ...(this.#maxFiles === undefined ? {} : { max_files_per_run: this.#maxFiles }),
    }));
    const storage = openLocalStorage(join(folder, 'lake'));
    return openScenario(
      folder,
      { tables, layers: ['bronze', 'silver', 'gold'], models: './models' },
      {
        storage: listeners === undefined ? storage : wrapStorage(storage, listeners),
        ...(signal === undefined ? {} : { edge: { signal } }),
      },
    );
  }

  async #write(scenario: Scenario): Promise<void> {
    for (const table of this.#tables) await scenario.write(`${table.kind.name}.csv`, table.csv());
    const models = join(this.#options.folder, 'models');
    await rm(models, { recursive: true, force: true });
    for (const layer of ['silver', 'gold']) await mkdir(join(models, layer), { recursive: true });
    for (const { name, text } of this.#models.values())
      await writeFile(join(models, `${name.replace('.', '/')}.sql`), text);
  }

  /** A run that stops, or meets an error, at some write. */
  async #disturbedRun(): Promise<void> {
    const write = 1 + this.#pick(60);
    const how = ['an error', 'no write more', 'a stop'][this.#pick(3)];
    const controller = new AbortController();
    let count = 0;
    const scenario = this.#open(
      {
        before: () => {
          count += 1;
          if (count === write && how === 'a stop') controller.abort();
          const isBroken = how === 'an error' ? count === write : how === 'no write more' && count >= write;
          if (isBroken) throw new Error('injected');
        },
      },
      controller.signal,
    );
    await this.#write(scenario);
    const end = await scenario.run().then(
      ({ exitCode }) => `exit code ${exitCode}`,
      (error: unknown) => String(error),
    );
    this.#tell(`run with ${how} at write ${write} of ${count}: ${end}`);
    await this.#notePublished();
  }

  async #notePublished(): Promise<void> {
    const ledger = await this.#open().ledger();
    for (const { run, tables } of ledger.slice(this.#ledgerRuns)) {
      for (const table of this.#tables) {
        const file = tables[table.kind.name]?.file;
        if (file === undefined || file === null) continue;
        const published = this.#published.get(table.kind.name) ?? [];
        const { columns, rows } = table;
        published.push({ run, isFullLoad: file.kind === 'full-load', columns, rows });
        this.#published.set(table.kind.name, published);
      }
    }
    this.#ledgerRuns = ledger.length;
  }

  async #checkedRun(reference: Reference, request: Partial<RunRequest>): Promise<void> {
    const scenario = this.#open();
    await this.#write(scenario);
    const applied = new Map<string, number>();
    for (const { kind } of this.#tables)
      applied.set(kind.name, await reference.appliedRun(`bronze.${kind.name}`));
    const result = await scenario.run(request);
    const { report, exitCode } = result;
    const layers = Object.entries(report.layers ?? {});
    this.#tell(
      `run ${JSON.stringify(request)}${this.#maxFiles === undefined ? '' : ' of one file a table'}: ${exitCode}, ${JSON.stringify(
        Object.fromEntries([
          ...Object.entries(report.tables).map(([name, { operation, reason }]) => [
            name,
            [operation, reason],
          ]),
          ...layers.map(([name, { operation, reason, version }]) => [name, [operation, version, reason]]),
        ]),
      )}`,
    );
    await this.#notePublished();
    this.#checkRaw(result, request);
    const isHeld = [...Object.values(report.tables), ...layers.map(([, each]) => each)].some(
      ({ operation }) => operation === 'held',
    );
    same(exitCode, isHeld ? 4 : 0, 'exit code');
    for (const { kind } of this.#tables) {
      const isWorkedOn = report.layers?.[`bronze.${kind.name}`] !== undefined;
      await this.#checkBronze(reference, kind.name, isWorkedOn, applied.get(kind.name) ?? -1, request);
    }
    await this.#checkModels(reference, report.layers ?? {});
  }

  #checkRaw({ report }: RunResult, { approve = [] }: Partial<RunRequest>): void {
    for (const table of this.#tables) {
      const { name } = table.kind;
      const operation = report.tables[name]?.operation;
      if (operation === undefined) continue;
      if (operation === 'held') {
        if (approve.includes(name) && table.rows.size > 0)
          throw new Error(`${name} is held, though approved`);
        this.#held.add(name);
        continue;
      }
      this.#held.delete(name);
      if (operation === 'failed') throw new Error(`${name} failed`);
      same(byKey(this.#published.get(name)?.at(-1)?.rows), byKey(table.rows), `published state of ${name}`);
    }
  }

  async #checkBronze(
    reference: Reference,
    name: string,
    isWorkedOn: boolean,
    before: number,
    { fullRefresh }: Partial<RunRequest>,
  ): Promise<void> {
    const stored = await reference.load(`bronze.${name}`);
    const published = this.#published.get(name) ?? [];
    const applied = await reference.appliedRun(`bronze.${name}`);
    if (isWorkedOn) {
      const from = published.findLastIndex(({ isFullLoad, run }) => isFullLoad || run <= before);
      const pending = published.slice(from).filter(({ run }) => run > before);
      const most = fullRefresh === true ? pending.length : (this.#maxFiles ?? pending.length);
      const expected = pending.slice(0, most).at(-1)?.run ?? before;
      same(applied, fullRefresh === true ? published.at(-1)?.run : expected, `run applied to bronze.${name}`);
    } else same(applied, before, `run applied to bronze.${name}, which is not worked on`);
    if (stored === undefined) {
      same(applied, -1, `bronze.${name} is missing`);
      return;
    }
    const state = published.findLast(({ run }) => run <= applied);
    const names = stored.columns.map((column) => column.name);
    const rows = [...(state?.rows.values() ?? [])].map((row) =>
      JSON.stringify(Object.fromEntries(names.toSorted().map((column) => [column, row[column] ?? null]))),
    );
    same(stored.rows, rows.toSorted(), `rows of bronze.${name}`);
    for (const column of state?.columns ?? [])
      if (!names.includes(column)) throw new Error(`bronze.${name} has no ${column}`);
    await checkFeed(reference, `bronze.${name}`, stored);
  }

  async #checkModels(reference: Reference, reports: Readonly<Record<string, LayerReport>>): Promise<void> {
    const all = templateModels().map(({ name }) => name);
    const order = [...new Set([...all, ...this.#models.keys()])];
    const sorted = order.toSorted((a, b) => Number(a.startsWith('gold')) - Number(b.startsWith('gold')));
    for (const name of sorted) {
      const stored = await reference.load(name);
      const model = this.#models.get(name);
      const report = reports[name];
      if (stored !== undefined) await checkFeed(reference, name, stored);
      if (model === undefined || report === undefined) continue;
      await this.#checkModel(reference, model, report, reports, stored);
    }
  }

  async #checkModel(
    reference: Reference,
    model: DrawnModel,
    { operation, reason }: LayerReport,
    reports: Readonly<Record<string, LayerReport>>,
    stored: Stored | undefined,
  ): Promise<void> {
    const { name, reads, checks } = model;
    for (const source of reads) {
      const of = reports[source]?.operation;
      const isThere = (await reference.open(source)) !== undefined;
      const isGood = (of === undefined || OUTCOMES_AS_ASKED.has(of)) && isThere;
      if (!isGood) {
        same(operation, 'skipped', `${name} is skipped, for ${source} is ${of}`);
        return;
      }
    }
    for (const table of checks) {
      if ((await reference.open(table)) !== undefined) continue;
      same(operation, 'skipped', `${name} is skipped, for there is no ${table}`);
      return;
    }
    if (await reference.isBroken(model)) {
      same(operation, 'held', `${name} is held`);
      return;
    }
    if (!OUTCOMES_AS_ASKED.has(operation)) throw new Error(`${name} is ${operation}: ${reason}`);
    if (stored === undefined) throw new Error(`${name} is ${operation}, but does not exist`);
    same(stored.rows, await reference.rows(model, stored), `rows of ${name}`);
  }

  async #stored(reference: Reference): Promise<Record<string, readonly string[] | undefined>> {
    const names = [...this.#tables.map(({ kind }) => `bronze.${kind.name}`), ...this.#models.keys()];
    const found: Record<string, readonly string[] | undefined> = {};
    for (const name of names) found[name] = (await reference.load(name))?.rows;
    return found;
  }
}

function byKey(rows: ReadonlyMap<string, SourceRow> = new Map()): [string, SourceRow][] {
  return [...rows].toSorted(([left], [right]) => (left < right ? -1 : 1));
}

async function checkFeed(reference: Reference, name: string, stored: Stored): Promise<void> {
  const replayed = await reference.replayed(name);
  if (replayed !== undefined) same(replayed, stored.rows, `rows that the feed of ${name} makes`);
}

function same(found: unknown, expected: unknown, what: string): void {
  const [left, right] = [JSON.stringify(found, null, 1), JSON.stringify(expected, null, 1)];
  if (left !== right) throw new Error(`${what}:\n${left}\nexpected:\n${right}`);
}
