import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import type { GeneratorValue } from 'fast-check';
import { Engine } from '../../src/engine/engine.ts';
import { ledgerKey } from '../../src/lake/layout.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { applyChanges, duckColumns, readPublished } from './read-lake.ts';
import {
  type Expected,
  keyOf,
  load,
  type ModelColumn,
  type ModelFile,
  type ModelRow,
  type ModelRules,
  type ModelTable,
  next,
} from './table-model.ts';
import {
  BIG_DECIMAL,
  cellArb,
  convert,
  hugeIntegers,
  type ModelType,
  WIDENED_DECIMAL,
  witness,
} from './values.ts';
import { type Dialect, fileName, fitText, textFile, writeParquet } from './write-source.ts';

export interface StreamOptions {
  readonly folder: string;
  /** Rows of the first snapshot, and how many rows change in a step, at most. */
  readonly rows: number;
  readonly edits: number;
  readonly steps: number;
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

const PLAIN_NAMES =
  'id Name v select order table group rowid file_row_number filename hash count max json row key value b c n k s o ' +
  'segment date timestamp Operation int columns struct_pack differing replayed op NULL true year=2024 1 -1 $ %s * -- ' +
  'a.b a/b a~b a] a"b "" it\'s x,y x;y \\ ação 日本 😀';
const NAMES = [...PLAIN_NAMES.split(' '), 'with space', ' lead', 'trail ', 'new\nline', 'CAST(1 AS INT)'];
const KINDS = [
  'bigint',
  'double',
  BIG_DECIMAL,
  'boolean',
  'date',
  'timestamp',
  'text',
] as const satisfies ModelType[];
const ADDED = new Set(['_cdc_operation', '_cdc_timestamp', '_cdc_sequence']);

class Stream {
  readonly story: string[] = [];
  readonly #g: GeneratorValue;
  readonly #options: StreamOptions;
  readonly #dialect: Dialect;
  readonly #ignored: string[] = [];
  #laterIn: string | undefined;
  #key: string[] = [];
  #columns: ModelColumn[] = [];
  #rows: ModelRow[] = [];
  #table: ModelTable | undefined;
  #published: Map<string, ModelRow> = new Map();
  #maxDeleteRatio: number;
  #clockMs = Date.UTC(2025, 0, 1);
  #lastSequence = 0n;
  #lastTimestamp = 0n;
  #files = 0;

  constructor(g: GeneratorValue, options: StreamOptions) {
    this.#g = g;
    this.#options = options;
    this.#dialect = this.#drawDialect();
    this.#maxDeleteRatio = g(fc.constantFrom, 1, 0.3);
  }

  async run(): Promise<void> {
    this.#drawTable();
    const scenario = this.#open();
    const engine = await Engine.open({
      memoryLimit: '1GB',
      spillDir: join(this.#options.folder, 'spill'),
      threads: 1,
    });
    try {
      await this.#publish(scenario, engine, true);
      const steps = this.#g(fc.integer, { min: 2, max: this.#options.steps });
      for (let step = 0; step < steps; step += 1) {
        const isReload = await this.#change();
        await this.#disturb();
        await this.#publish(this.#open(), engine, isReload);
      }
      await this.#checkLake(engine);
    } finally {
      engine.close();
    }
  }

  #open(): Scenario {
    const { separator, quote, decimal, encoding, format } = this.#dialect;
    const csv = format === 'csv' ? { sep: separator, quote, decimal, encoding } : {};
    const timestamp =
      this.#laterIn === undefined ? {} : { date_field: this.#laterIn, update_when: 'timestamp' };
    const table = {
      name: 't',
      file: fileName(this.#dialect),
      pk: this.#key,
      ignore: this.#ignored,
      max_delete_ratio: this.#maxDeleteRatio,
      ...csv,
      ...timestamp,
    };
    return openScenario(this.#options.folder, { tables: [table] }, { edge: { clock: () => this.#clockMs } });
  }

  #rules(): ModelRules {
    return {
      key: this.#key,
      ignore: this.#ignored,
      laterIn: this.#laterIn,
      maxDeleteRatio: this.#maxDeleteRatio,
    };
  }

  #pick = (count: number): number => (count <= 1 ? 0 : this.#g(fc.nat, { max: count - 1 }));

  #oneIn(count: number): boolean {
    return this.#pick(count) === count - 1;
  }

  #drawDialect(): Dialect {
    const g = this.#g;
    const format = g(fc.constantFrom, 'csv', 'csv', 'csv', 'jsonl', 'parquet');
    const quote = g(fc.constantFrom, '"', '"', "'", '');
    const decimal = g(fc.constantFrom, '.', '.', ',');
    const separators = quote === '' && decimal === ',' ? [';', '\t'] : [',', ';', '\t', '|', '::'];
    return {
      format,
      separator: g(fc.constantFrom, ...separators),
      quote,
      decimal,
      encoding: g(fc.constantFrom, 'utf-8', 'utf-8', 'latin-1', 'windows-1252', 'utf-16le', 'utf-16be'),
      bom: g(fc.boolean),
      lineEnd: g(fc.constantFrom, '\n', '\r\n'),
      gzip: format !== 'parquet' && g(fc.nat, { max: 5 }) === 5,
    };
  }

  #newName(): string | undefined {
    const taken = new Set(
      [...this.#columns, ...(this.#table?.schema ?? [])].map(({ name }) => name.toLowerCase()),
    );
    const fit = (name: string): string => fitText(this.#dialect, name);
    // A break of another kind than the lines end with is refused in a name.
    const hasOddBreak = (name: string): boolean =>
      this.#dialect.format === 'csv' && name.includes('\n') && this.#dialect.lineEnd !== '\n';
    const free = NAMES.map(fit).filter(
      (name) => name.trim() !== '' && name !== '-' && !taken.has(name.toLowerCase()) && !hasOddBreak(name),
    );
    return free[this.#pick(free.length)];
  }

  #newColumn(type: ModelType): string {
    const name = this.#newName() ?? `column ${this.#columns.length}`;
    this.#columns.push({ name, type });
    return name;
  }

  #drawType(): ModelType {
    const type = this.#g(fc.constantFrom, ...KINDS);
    // JSON's fractions are doubles.
    return this.#dialect.format === 'jsonl' && type === BIG_DECIMAL ? 'bigint' : type;
  }

  #drawTable(): void {
    const keys = this.#g(fc.integer, { min: 1, max: 3 });
    for (let index = 0; index < keys; index += 1) this.#key.push(this.#newColumn(this.#drawType()));
    const others = this.#g(fc.integer, { min: 1, max: 4 });
    for (let index = 0; index < others; index += 1) {
      const name = this.#newColumn(this.#drawType());
      if (this.#oneIn(6)) this.#ignored.push(name);
    }
    if (this.#oneIn(6)) this.#laterIn = this.#newColumn('timestamp');
    const rows = this.#g(fc.integer, { min: 0, max: this.#options.rows });
    for (let index = 0; index < rows; index += 1) this.#insert();
    this.#insertWitness();
    this.story.push(`dialect ${JSON.stringify(this.#dialect)}`);
    this.story.push(`rules ${JSON.stringify(this.#rules())}`);
  }

  #cell(type: ModelType, nullable: boolean): string | null {
    if (nullable && this.#oneIn(6)) return null;
    if (type === WIDENED_DECIMAL) return this.#g(() => cellArb(BIG_DECIMAL, (raw) => raw));
    return this.#g(() => cellArb(type, (raw) => fitText(this.#dialect, raw)));
  }

  #put(row: ModelRow): void {
    const key = keyOf(row, this.#key);
    this.#rows = [...this.#rows.filter((other) => keyOf(other, this.#key) !== key), row];
  }

  #insert(): void {
    this.#put(
      new Map(this.#columns.map(({ name, type }) => [name, this.#cell(type, !this.#key.includes(name))])),
    );
  }

  /** A row without which a column might look narrower than it is meant. */
  #insertWitness(): void {
    const row = new Map(this.#columns.map(({ name, type }) => [name, witness(type)]));
    this.#rows = [row, ...this.#rows.filter((other) => keyOf(other, this.#key) !== keyOf(row, this.#key))];
  }

  #update(name: string, cell: string | null): boolean {
    const index = this.#pick(this.#rows.length);
    const row = this.#rows[index];
    if (row === undefined || this.#key.includes(name)) return false;
    this.#rows[index] = new Map([...row, [name, cell]]);
    return true;
  }

  #convertColumn(name: string, to: ModelType): void {
    const column = this.#columns.find((candidate) => candidate.name === name);
    if (column === undefined) return;
    const from = column.type;
    this.#columns = this.#columns.map((other) => (other.name === name ? { name, type: to } : other));
    this.#rows = this.#rows.map((row) => new Map([...row, [name, convert(row.get(name) ?? null, from, to)]]));
  }

  /** Changes the source; true where the next run is to be a reload. */
  async #change(): Promise<boolean> {
    const what = this.#g(
      fc.constantFrom,
      'edit',
      'edit',
      'edit',
      'edit',
      'rewrite',
      'shuffle',
      'columns',
      'add',
      'widen',
      'widen',
      'retype',
      'drop',
      'mass-delete',
      'empty',
      'missing',
      'key',
      'reload',
      'huge',
    );
    this.story.push(`-- ${what}`);
    switch (what) {
      case 'rewrite':
        break;
      case 'shuffle':
        this.#rows = this.#shuffled(this.#rows);
        break;
      case 'columns':
        this.#columns = this.#shuffled(this.#columns);
        this.#edit();
        break;
      case 'add':
        this.#addColumn();
        break;
      case 'widen':
        this.#widen();
        break;
      case 'retype':
        this.#retype();
        break;
      case 'drop':
        this.#drop();
        break;
      case 'mass-delete':
        this.#rows = this.#rows.filter(() => this.#oneIn(4));
        this.#keepJsonReadable();
        break;
      case 'empty':
        this.#rows = [];
        this.#keepJsonReadable();
        break;
      case 'missing':
        await this.#goMissing();
        break;
      case 'key':
        this.#changeKey();
        break;
      case 'reload':
        this.#edit();
        this.#insertWitness();
        return true;
      case 'huge':
        this.#goHuge();
        break;
      default:
        this.#edit();
    }
    return false;
  }

  #edit(): void {
    const edits = this.#g(fc.integer, { min: 1, max: this.#options.edits });
    for (let edit = 0; edit < edits; edit += 1) {
      const kind = this.#pick(4);
      if (kind === 0) this.#insert();
      else if (kind === 1 && this.#rows.length > 1) this.#rows.splice(this.#pick(this.#rows.length), 1);
      else {
        const column = this.#columns[this.#pick(this.#columns.length)];
        if (column !== undefined) this.#update(column.name, this.#cell(column.type, true));
      }
    }
    if (this.#oneIn(2)) this.#rows = this.#shuffled(this.#rows);
    this.#keepJsonReadable();
  }

  /** JSON lines have their columns in their rows alone. */
  #keepJsonReadable(): void {
    if (this.#dialect.format === 'jsonl' && this.#rows.length === 0) this.#insert();
  }

  #shuffled<T>(list: readonly T[]): T[] {
    const left = [...list];
    return list.flatMap(() => left.splice(this.#pick(left.length), 1));
  }

  #addColumn(): void {
    const gone =
      this.#table?.schema.filter(({ name }) => !this.#columns.some((column) => column.name === name)) ?? [];
    const back = gone[this.#pick(gone.length)];
    const type = back?.type ?? this.#drawType();
    const name = back?.name ?? this.#newColumn(type);
    if (back !== undefined) this.#columns.push(back);
    this.#rows = this.#rows.map((row) => new Map([...row, [name, this.#cell(type, true)]]));
    if (this.#rows.length === 0) this.#insert();
    const [first, ...others] = this.#rows;
    if (first !== undefined) this.#rows = [new Map([...first, [name, witness(type)]]), ...others];
  }

  #plainColumn(...types: ModelType[]): ModelColumn | undefined {
    const found = this.#columns.filter(
      ({ name, type }) => types.includes(type) && !this.#key.includes(name) && name !== this.#laterIn,
    );
    return found[this.#pick(found.length)];
  }

  /** As {@link #plainColumn}, where every value counts: what is never published needs no type. */
  #comparedColumn(...types: ModelType[]): ModelColumn | undefined {
    const column = this.#laterIn === undefined ? this.#plainColumn(...types) : undefined;
    return column !== undefined && this.#ignored.includes(column.name) ? undefined : column;
  }

  #widen(): void {
    const column = this.#comparedColumn('bigint', 'date');
    if (column === undefined || this.#rows.length === 0) return this.#edit();
    const { name, type } = column;
    const to =
      type === 'date' ? 'timestamp' : this.#isSmall(name) && this.#oneIn(2) ? 'double' : WIDENED_DECIMAL;
    if (to === WIDENED_DECIMAL && this.#dialect.format === 'jsonl') return this.#edit();
    this.#convertColumn(name, to);
    this.#update(name, to === WIDENED_DECIMAL ? '12345678901234567.25' : witness(to));
  }

  /** True where neither the source nor the lake has an integer in the column that a double cannot hold. */
  #isSmall(name: string): boolean {
    const rows = [...this.#rows, ...(this.#table?.rows.values() ?? [])];
    return rows.every((row) => Number.isSafeInteger(Number(row.get(name) ?? '0')));
  }

  #retype(): void {
    const column = this.#comparedColumn('bigint', 'date', 'boolean', 'timestamp');
    if (column === undefined || this.#rows.length === 0) return this.#edit();
    this.#convertColumn(column.name, 'text');
    this.#update(column.name, 'N/A');
  }

  #drop(): void {
    const column = this.#plainColumn(...KINDS, WIDENED_DECIMAL);
    if (column === undefined) return this.#edit();
    this.#columns = this.#columns.filter(({ name }) => name !== column.name);
    this.#rows = this.#rows.map((row) => new Map([...row].filter(([name]) => name !== column.name)));
  }

  async #goMissing(): Promise<void> {
    await rm(join(this.#options.folder, 'source', fileName(this.#dialect)));
    const { report, exitCode } = await this.#open().run();
    equal(report.tables['t']?.operation, 'held', 'a missing table is held');
    equal(exitCode, 4, 'exit code');
    equal(report.run, null, 'run');
    this.#edit();
  }

  #changeKey(): void {
    const possible = this.#columns.filter(
      ({ name }) =>
        !this.#key.includes(name) &&
        !this.#ignored.includes(name) &&
        name !== this.#laterIn &&
        [...this.#rows, ...(this.#table?.rows.values() ?? [])].every(
          (row) => (row.get(name) ?? null) !== null,
        ),
    );
    const more = possible[this.#pick(possible.length)];
    if (more === undefined || this.#key.length >= 3) this.#key = this.#shuffled(this.#key);
    else this.#key = [...this.#key, more.name];
    this.#edit();
  }

  #goHuge(): void {
    const column = this.#plainColumn('bigint');
    if (column === undefined) return this.#edit();
    this.#update(column.name, this.#g(hugeIntegers));
  }

  /** What must make no difference: a work_dir that vanishes, a base of another hash version, a clock that goes back. */
  async #disturb(): Promise<void> {
    const { folder } = this.#options;
    this.#clockMs += this.#g(fc.constantFrom, 0, 1000, 3_600_000, -7_200_000);
    if (this.#oneIn(5)) {
      this.story.push('-- work_dir vanishes');
      await rm(join(folder, '.igarape'), { recursive: true, force: true });
    }
    if (this.#oneIn(6)) {
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
    const path = join(folder, fileName(this.#dialect));
    const file: ModelFile = { columns: this.#columns, rows: this.#rows };
    const old = await readFile(path).catch(() => Buffer.alloc(0));
    if (this.#dialect.format === 'parquet') {
      await rm(path, { force: true });
      await writeParquet(engine, file, path);
      this.story.push(
        JSON.stringify({ columns: file.columns, rows: file.rows.map((row) => [...row.values()]) }),
      );
    } else {
      const { bytes, text } = textFile(file, this.#dialect, this.#pick);
      await writeFile(path, bytes);
      this.story.push(JSON.stringify(this.#columns), text);
    }
    return !old.equals(await readFile(path));
  }

  async #publish(scenario: Scenario, engine: Engine, isLoad: boolean): Promise<void> {
    const isOther = await this.#writeSource(engine);
    const file: ModelFile = { columns: [...this.#columns], rows: [...this.#rows] };
    const before = this.#table;
    if (isLoad || before === undefined) {
      const report = await scenario.runTable('t', { reload: before === undefined ? [] : ['t'] });
      equal(report.operation, 'full-load', `operation (${report.reason})`);
      equal(report.inserted, file.rows.length, 'inserted');
      this.#table = load(file, this.#rules());
      await this.#checkFullLoad(engine, report.file ?? '');
    } else if (isOther) {
      const expected = next(before, file, this.#rules());
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
  }

  async #checkFullLoad(engine: Engine, key: string): Promise<void> {
    const schema = this.#table?.schema ?? [];
    const read = await readPublished(engine, join(this.#options.folder, 'lake'), key, schema);
    sameColumns(read.columns, duckColumns(schema), this.#dialect.format === 'jsonl');
    this.#published = new Map(read.rows.map(({ row }) => [keyOf(row, this.#key), row]));
    equal(this.#published.size, read.rows.length, 'keys of a full-load');
    this.#files += 1;
  }

  async #checkChangeFile(engine: Engine, key: string, expected: Expected): Promise<void> {
    const { schema } = expected.table;
    const read = await readPublished(engine, join(this.#options.folder, 'lake'), key, schema);
    const own = read.columns.filter(({ name }) => !ADDED.has(name));
    sameColumns(own, duckColumns(schema), this.#dialect.format === 'jsonl');
    equal(read.rows.length, expected.changes.size, 'rows of a change file');
    for (const { operation, row, sequence, timestampMicros } of read.rows) {
      const change = expected.changes.get(keyOf(row, this.#key));
      equal(operation, change?.operation, `operation of ${keyOf(row, this.#key)}`);
      equal(sequence, this.#lastSequence + 1n, 'sequence');
      this.#lastSequence += 1n;
      if (timestampMicros === undefined || timestampMicros < this.#lastTimestamp)
        throw new Error('the time falls');
      this.#lastTimestamp = timestampMicros;
    }
    const changed = new Map(read.rows.map(({ row }) => [keyOf(row, this.#key), row]));
    sameRows(changed, new Map([...expected.changes].map(([key, { row }]) => [key, row])), 'the changes');
    applyChanges(this.#published, read, this.#key);
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
    this.#published = new Map(rows.map((row) => [keyOf(row, this.#key), row]));
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
      new Map([...rows.values()].map((row) => [keyOf(row, this.#key), row])),
      table.rows,
      'the replay',
    );
  }
}

function equal(actual: unknown, expected: unknown, what: string): void {
  if (actual !== expected) throw new Error(`${what}: ${String(actual)} where ${String(expected)} is right`);
}

function sameColumns(
  actual: readonly { name: string; type: string }[],
  expected: readonly { name: string; type: string }[],
  inAnyOrder: boolean,
): void {
  const text = (columns: readonly { name: string; type: string }[]): string => {
    const parts = columns.map(({ name, type }) => JSON.stringify([name, type]));
    return (inAnyOrder ? parts.toSorted(compareTexts) : parts).join();
  };
  equal(text(actual), text(expected), 'columns');
}

function sameRows(
  actual: ReadonlyMap<string, ModelRow>,
  expected: ReadonlyMap<string, ModelRow>,
  what: string,
): void {
  equal(rowsText(actual), rowsText(expected), what);
}

function rowsText(rows: ReadonlyMap<string, ModelRow>): string {
  const lines = [...rows.values()].map((row) => {
    const cells = [...row].filter(([, cell]) => cell !== null).map((cell) => JSON.stringify(cell));
    return cells.toSorted(compareTexts).join();
  });
  return lines.toSorted(compareTexts).join('\n');
}

function compareTexts(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}
