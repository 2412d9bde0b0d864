import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import type { GeneratorValue } from 'fast-check';
import { Engine } from '../../src/engine/engine.ts';
import { ledgerKey } from '../../src/lake/layout.ts';
import type { LayerReport } from '../../src/medallion/report.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { type DrawnSize, DrawnSource } from './drawn-source.ts';
import { applyChanges, duckColumns, readBronze, readPublished } from './read-lake.ts';
import { equal, sameColumns, sameRows } from './same.ts';
import {
  type Expected,
  keyOf,
  load,
  type ModelColumn,
  type ModelRow,
  type ModelTable,
  next,
} from './table-model.ts';
import { convert } from './values.ts';
import { fileName, textFile, writeParquet } from './write-source.ts';

export interface StreamOptions extends DrawnSize {
  readonly folder: string;
  readonly steps: number;
  /** Also feeds a bronze table, and holds it against the model after every run. */
  readonly bronze?: true;
}

/**
 * Draws a table, a way of writing it, and a sequence of snapshots; runs them all, and holds every run and what it has
 * published against the model.
 */
export async function checkStream(g: GeneratorValue, options: StreamOptions): Promise<void> {
  const stream = new Stream(g, options);
  try {
    await stream.run();
  } catch (error) {
    throw new Error(`${String(error)}\n\n${stream.story.join('\n')}`, { cause: error });
  }
}

const ADDED = new Set(['_cdc_operation', '_cdc_timestamp', '_cdc_sequence']);

class Stream {
  readonly story: string[] = [];
  readonly #g: GeneratorValue;
  readonly #options: StreamOptions;
  readonly #source: DrawnSource;
  readonly #lake: { readonly layout: string; readonly compression: string };
  #table: ModelTable | undefined;
  #published: Map<string, ModelRow> = new Map();
  #clockMs = Date.UTC(2025, 0, 1);
  #lastSequence = 0n;
  #lastTimestamp = 0n;
  #files = 0;

  constructor(g: GeneratorValue, options: StreamOptions) {
    this.#g = g;
    this.#options = options;
    this.#source = new DrawnSource(g, options, (line) => this.story.push(line));
    this.#lake = {
      layout: g(fc.constantFrom, 'flat', 'nested'),
      compression: g(fc.constantFrom, 'snappy', 'zstd', 'gzip', 'none'),
    };
  }

  async run(): Promise<void> {
    this.story.push(
      `dialect ${JSON.stringify(this.#source.dialect)}`,
      `rules ${JSON.stringify(this.#source.rules())}`,
    );
    const scenario = this.#open();
    const engine = Engine.open({
      memoryLimit: '1GB',
      spillDir: join(this.#options.folder, 'spill'),
      threads: 1,
    });
    try {
      await this.#publish(scenario, engine, true);
      const steps = this.#g(fc.integer, { min: 2, max: this.#options.steps });
      for (let step = 0; step < steps; step += 1) {
        await this.#step(engine);
      }
      await this.#checkLake(engine);
    } finally {
      engine.close();
    }
  }

  async #step(engine: Engine): Promise<void> {
    if (this.#table === undefined) throw new Error('The first snapshot is published before any step.');
    const step = this.#source.change(this.#table);
    if (step === 'missing') await this.#goMissing();
    await this.#disturb();
    await this.#publish(this.#open(), engine, step === 'reload');
  }

  async #goMissing(): Promise<void> {
    await rm(join(this.#options.folder, 'source', fileName(this.#source.dialect)));
    const { report, exitCode } = await this.#open().run();
    equal(report.tables['t']?.operation, 'held', 'a missing table is held');
    equal(exitCode, 4, 'exit code');
    equal(report.run, null, 'run');
  }

  #open(): Scenario {
    const { key, ignore, laterIn, maxDeleteRatio } = this.#source.rules();
    const { separator, quote, decimal, encoding, format } = this.#source.dialect;
    const csv = format === 'csv' ? { sep: separator, quote, decimal, encoding } : {};
    const timestamp = laterIn === undefined ? {} : { date_field: laterIn, update_when: 'timestamp' };
    const table = {
      name: 't',
      file: fileName(this.#source.dialect),
      pk: key,
      ignore,
      max_delete_ratio: maxDeleteRatio,
      max_update_ratio: 1,
      ...csv,
      ...timestamp,
    };
    return openScenario(
      this.#options.folder,
      { ...this.#lake, tables: [table], layers: this.#options.bronze === true ? ['bronze'] : [] },
      { edge: { clock: () => this.#clockMs } },
    );
  }

  /** What must make no difference: a work_dir that vanishes, a base of another hash version, a clock that goes back. */
  async #disturb(): Promise<void> {
    const { folder } = this.#options;
    this.#clockMs += this.#g(fc.constantFrom, 0, 1000, 3_600_000, -7_200_000);
    if (this.#source.oneIn(5)) {
      this.story.push('-- work_dir vanishes');
      await rm(join(folder, '.igarape'), { recursive: true, force: true });
    }
    if (this.#source.oneIn(6)) {
      this.story.push('-- another hash version');
      const newest = join(folder, 'lake', ledgerKey((await this.#open().ledger()).length - 1));
      const text = await readFile(newest, 'utf8');
      await writeFile(newest, text.replace(/"hashVersion": "[^\n]*"/, '"hashVersion": "of long ago"'));
    }
  }

  /** True where the file's bytes are other than before. */
  async #writeSource(engine: Engine): Promise<boolean> {
    const folder = join(this.#options.folder, 'source');
    await mkdir(folder, { recursive: true });
    const path = join(folder, fileName(this.#source.dialect));
    const file = this.#source.file;
    const old = await readFile(path).catch(() => Buffer.alloc(0));
    if (this.#source.dialect.format === 'parquet') {
      await rm(path, { force: true });
      await writeParquet(engine, file, path);
      this.story.push(
        JSON.stringify({ columns: file.columns, rows: file.rows.map((row) => [...row.values()]) }),
      );
    } else {
      const { bytes, text } = textFile(file, this.#source.dialect, this.#source.pick);
      await writeFile(path, bytes);
      this.story.push(JSON.stringify(file.columns), text);
    }
    return !old.equals(await readFile(path));
  }

  async #publish(scenario: Scenario, engine: Engine, isLoad: boolean): Promise<void> {
    const isOtherFile = await this.#writeSource(engine);
    const file = this.#source.file;
    const before = this.#table;
    const isOther = isOtherFile || before?.key.join('\0') !== this.#source.rules().key.join('\0');
    if (isLoad || before === undefined) {
      const report = await scenario.runTable('t', { reload: before === undefined ? [] : ['t'] });
      equal(report.operation, 'full-load', `operation (${report.reason})`);
      equal(report.inserted, file.rows.length, 'inserted');
      this.#table = load(file, this.#source.rules());
      await this.#checkFullLoad(engine, report.file ?? '');
    } else if (isOther) {
      const expected = next(before, file, this.#source.rules());
      if (expected.guards.length > 0) {
        const held = await scenario.run();
        equal(
          held.report.tables['t']?.operation,
          'held',
          `operation before approval of ${expected.guards.join()} (${held.report.tables['t']?.reason})`,
        );
        equal(held.report.run, null, 'run of a held table');
      }
      const report = await scenario.runTable('t', expected.guards.length > 0 ? { approve: ['t'] } : {});
      equal(
        report.operation,
        expected.changes.size > 0 ? 'cdc' : 'unchanged',
        `operation (${report.reason})`,
      );
      const { inserted, updated, deleted, unchanged } = report;
      equal(
        JSON.stringify({ inserted, updated, deleted, unchanged }),
        JSON.stringify(expected.counts),
        'counts',
      );
      this.#table = expected.table;
      this.#convertPublished(before.schema, expected.table.schema);
      if (report.file !== null) await this.#checkChangeFile(engine, report.file, expected);
    }
    sameRows(this.#published, this.#table?.rows ?? new Map(), 'the published rows');
    const again = await scenario.run();
    equal(again.report.run, null, `a second run (${again.report.tables['t']?.reason})`);
    equal(again.report.tables['t']?.operation, 'unchanged', 'a second run');
    if (this.#options.bronze === true) await this.#checkBronze(engine, again.report.layers?.['bronze.t']);
  }

  async #checkBronze(engine: Engine, again: LayerReport | undefined): Promise<void> {
    equal(again?.operation, 'unchanged', `bronze in a second run (${again?.reason})`);
    const { schema, rows } = this.#table ?? { schema: [], rows: new Map<string, ModelRow>() };
    sameRows(await readBronze(engine, join(this.#options.folder, 'lake'), schema), rows, 'the bronze table');
  }

  async #checkFullLoad(engine: Engine, key: string): Promise<void> {
    const schema = this.#table?.schema ?? [];
    const read = await readPublished(engine, join(this.#options.folder, 'lake'), key, schema);
    sameColumns(read.columns, duckColumns(schema), this.#source.dialect.format === 'jsonl');
    this.#published = new Map(read.rows.map(({ row }) => [keyOf(row, this.#source.rules().key), row]));
    equal(this.#published.size, read.rows.length, 'keys of a full-load');
    this.#files += 1;
  }

  async #checkChangeFile(engine: Engine, key: string, expected: Expected): Promise<void> {
    const { schema } = expected.table;
    const read = await readPublished(engine, join(this.#options.folder, 'lake'), key, schema);
    const own = read.columns.filter(({ name }) => !ADDED.has(name));
    sameColumns(own, duckColumns(schema), this.#source.dialect.format === 'jsonl');
    equal(read.rows.length, expected.changes.size, 'rows of a change file');
    for (const { operation, row, sequence, timestampMicros } of read.rows) {
      const change = expected.changes.get(keyOf(row, this.#source.rules().key));
      equal(operation, change?.operation, `operation of ${keyOf(row, this.#source.rules().key)}`);
      equal(sequence, this.#lastSequence + 1n, 'sequence');
      this.#lastSequence += 1n;
      if (timestampMicros === undefined || timestampMicros < this.#lastTimestamp)
        throw new Error('the time falls');
      this.#lastTimestamp = timestampMicros;
    }
    const changed = new Map(read.rows.map(({ row }) => [keyOf(row, this.#source.rules().key), row]));
    sameRows(changed, new Map([...expected.changes].map(([key, { row }]) => [key, row])), 'the changes');
    applyChanges(this.#published, read, this.#source.rules().key);
    this.#files += 1;
  }

  /** A reader casts what it has to the newest types, and applies changes by the newest key. */
  #convertPublished(before: readonly ModelColumn[], schema: readonly ModelColumn[]): void {
    const converted = (name: string, cell: string | null): string | null => {
      const [from, to] = [before, schema].map(
        (columns) => columns.find((column) => column.name === name)?.type,
      );
      return from === undefined || to === undefined ? cell : convert(cell, from, to);
    };
    const rows = [...this.#published.values()].map(
      (row) => new Map([...row].map(([name, cell]) => [name, converted(name, cell)])),
    );
    this.#published = new Map(rows.map((row) => [keyOf(row, this.#source.rules().key), row]));
  }

  async #checkLake(engine: Engine): Promise<void> {
    const scenario = this.#open();
    const verified = await scenario.verify();
    equal(verified.ok, true, `verify (${verified.tables['t']?.problems.join(' ')})`);
    await this.#replayAnew(engine, scenario);
    const staged: string[] = [];
    for await (const { key } of scenario.storage.list('_igarape/staging/')) staged.push(key);
    equal(staged.join(), '', 'staging');
  }

  /** All the visible files, in the order of the ledger, read in the newest types. */
  async #replayAnew(engine: Engine, scenario: Scenario): Promise<void> {
    const table = this.#table;
    if (table === undefined) return;
    const lake = join(this.#options.folder, 'lake');
    let rows = new Map<string, ModelRow>();
    const visible = new Set<string>();
    for (const entry of await scenario.ledger()) {
      const state = entry.tables['t'];
      if (state?.file == null) continue;
      visible.add(state.file.key);
      const read = await readPublished(engine, lake, state.file.key, table.schema);
      rows = new Map(
        state.file.kind === 'full-load'
          ? []
          : [...rows.values()].map((row) => [keyOf(row, state.primaryKey), row]),
      );
      if (state.file.kind === 'full-load')
        for (const { row } of read.rows) rows.set(keyOf(row, state.primaryKey), row);
      else applyChanges(rows, read, state.primaryKey);
    }
    equal(visible.size, this.#files, 'visible files');
    sameRows(
      new Map([...rows.values()].map((row) => [keyOf(row, this.#source.rules().key), row])),
      table.rows,
      'the replay',
    );
  }
}
