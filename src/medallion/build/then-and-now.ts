import { randomUUID } from 'node:crypto';
import { HelperTables } from '../../delta/read/relation.ts';
import { sqlColumns } from '../../delta/schema/sql-schema.ts';
import type { Engine } from '../../engine/engine.ts';
import { quoteName } from '../../engine/quote.ts';
import { mapNodes, type SqlNode } from '../../engine/sql-tree.ts';
import { printNode, printNodes } from '../incremental/print.ts';
import { schemaOf, type Version } from '../incremental/raise.ts';
import type { Step } from '../incremental/steps.ts';
import { type TableNamed, tablesIn, textOf, type Time, TIMES } from '../incremental/tree.ts';
import { fullName, type LayerTable } from '../layer.ts';
import type { LayerTables } from '../layer-tables.ts';
import { sideOf, unreadable } from '../net-changes.ts';
import { SourceViews } from '../source-views.ts';
import { noEqual } from './by-spark.ts';
import { OnSpark } from '../../spark/on-spark.ts';
import { type Source, sourceName } from './sources.ts';

/** A model's sources as tables of the engine, then and now and what has come and gone; and the steps of a plan over them. */
export class ThenAndNow implements AsyncDisposable {
  /** Computes the steps that read sources, where it is there. */
  readonly spark: OnSpark | undefined;
  /** They live as long as the sources are open. */
  readonly helpers: HelperTables;
  readonly #tables: LayerTables;
  readonly #engine: Engine;
  readonly #sources: ReadonlyMap<string, Source>;
  readonly #columns: ReadonlyMap<string, readonly string[]>;
  readonly #changes = new Map<string, string>();
  /** Tables of the engine that stand for a name. */
  readonly #standing = new Map<string, string>();
  readonly #views: SourceViews;
  /** The views that are open, by their names. */
  readonly #open = new Set<string>();
  readonly #conditions = new Map<string, string>();
  readonly #steps = new Set<string>();
  /** SQL of steps, by their names. */
  readonly #texts = new Map<string, string>();
  #changedRows = 0;
  #refused: string | undefined;

  /**
   * @param table What is computed from them.
   * @param columns Of each source, by its full name in lower case, the columns to be read.
   */
  constructor(
    tables: LayerTables,
    table: LayerTable,
    sources: readonly Source[],
    columns: ReadonlyMap<string, readonly string[]>,
  ) {
    const { engine, cluster } = tables.edge;
    this.#tables = tables;
    this.#engine = engine;
    this.helpers = new HelperTables(engine);
    this.#views = new SourceViews(tables, this.helpers);
    this.spark = cluster && new OnSpark(tables.sparkEdge(table), cluster);
    this.#sources = new Map(sources.map((source) => [sourceName(source.table), source]));
    this.#columns = columns;
  }

  /** Reads what has changed in the sources since the versions applied; why it cannot, where that is so. */
  async readChanges(): Promise<string | undefined> {
    for (const [name, { table: source, delta, applied, wanted }] of this.#sources) {
      if (applied === undefined || applied === wanted.version) continue;
      const range = { from: applied + 1, to: wanted.version };
      try {
        const columns = this.#columns.get(name) ?? [];
        const { name: table, count } = await this.#tables.changes.of(delta, range, columns, this.helpers);
        if (count > 0) this.#changes.set(name, table);
        this.#changedRows += count;
      } catch (error) {
        return unreadable(fullName(source), applied, error);
      }
    }
    return undefined;
  }

  /**
   * Makes tables of steps, with all that these follow from.
   *
   * @param steps All of a plan.
   * @throws IgarapeError DELTA_MISSING where rows of then can no longer be read; SPARK_…
   */
  async run(steps: readonly Step[], wanted: readonly string[]): Promise<void> {
    for (const name of wanted)
      if (!(await this.#runOnSpark(steps, name)))
        await this.#run(
          neededFor(name, steps, (each) => this.#steps.has(each)),
          steps,
        );
  }

  /** The name of a table with a query's rows. @throws as {@link run} */
  async table(query: SqlNode): Promise<string> {
    const found = await this.tableBySpark(query);
    if (found !== undefined) return found;
    const name = `${stepPrefix()}rows`;
    await this.#run([{ name, query, isScan: false }]);
    return name;
  }

  /** The same where Spark computes it; else undefined. */
  async tableBySpark(query: SqlNode): Promise<string | undefined> {
    const name = `${stepPrefix()}rows`;
    return (await this.#runOnSpark([{ name, query, isScan: false }], name)) ? name : undefined;
  }

  /** Removes a table of {@link table} before its time. */
  async drop(name: string): Promise<void> {
    await this.#engine.run(`DROP TABLE ${quoteName(name)}`);
    this.#steps.delete(name);
  }

  /** Why the engine computed what Spark was to, for users. */
  get refused(): string | undefined {
    return this.#refused;
  }

  /** Makes the sources readable that a query's tree names. */
  async open(query: SqlNode): Promise<void> {
    for (const { schema, table } of tablesIn(query)) {
      const time = TIMES.find((each) => schemaOf(each) === schema);
      if (time !== undefined) await this.#view(time, table);
    }
  }

  /** A name after FROM for a source's rows as they are now, in the columns that are read. */
  async now(name: string): Promise<string> {
    return this.#view('now', name);
  }

  /** Gives a table of the engine the name that it has in a query, then as now; another one by which it went gives way. */
  async stands(name: string, table: string): Promise<void> {
    const view = viewOf('now', name);
    this.#standing.set(name, table);
    this.helpers.own('VIEW', view);
    await this.#engine.run(
      `CREATE SCHEMA IF NOT EXISTS ${schemaOf('now')}; CREATE OR REPLACE VIEW ${view} AS FROM ${table}`,
    );
  }

  /**
   * Leaves out rows of a source that nobody needs to see from now on.
   *
   * @param where SQL of a condition on its columns.
   */
  async look(name: string, where: string): Promise<void> {
    this.#conditions.set(name, where);
    for (const time of TIMES) this.#open.delete(viewOf(time, name));
  }

  /** The sources that have changed, by full names in lower case, once that is read. */
  get changed(): ReadonlySet<string> {
    return new Set(this.#changes.keys());
  }

  /** How many rows have come and gone in all sources; those that are alike count once. */
  get changedRows(): number {
    return this.#changedRows;
  }

  /** The rows that have come and gone of a source, as {@link netChanges}; undefined where there are none. */
  changesOf(name: string): string | undefined {
    return this.#changes.get(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#views[Symbol.asyncDispose]();
    await this.spark?.[Symbol.asyncDispose]();
  }

  /** @param all Steps that may be run later on: the engine is asked once for the SQL of all. */
  async #run(steps: readonly Step[], all = steps): Promise<void> {
    const others = all.filter(({ name }) => !this.#texts.has(name));
    const texts = await printNodes(
      this.#engine,
      others.map(({ query }) => this.#inEngine(query)),
    );
    for (const [index, { name }] of others.entries()) this.#texts.set(name, texts[index] ?? '');
    for (const { query } of steps) await this.open(query);
    let isScan = false;
    const statements: string[] = [];
    const runThem = async (): Promise<void> => {
      const sql = statements.splice(0).join('; ');
      if (sql === '') return;
      const work = (): Promise<void> => this.#engine.run(sql);
      await (isScan ? this.#engine.withJoinsAsWritten(work) : work());
    };
    // In as few statements as there are turns between scans and other steps.
    for (const step of steps) {
      if (step.isScan !== isScan) await runThem();
      ({ isScan } = step);
      statements.push(this.#creating(step.name, this.#texts.get(step.name) ?? ''));
    }
    await runThem();
  }

  /** A query's tree with the engine's own names for what has come and gone. */
  #inEngine(query: SqlNode): SqlNode {
    return mapNodes(query, (node) => {
      if (node['type'] !== 'BASE_TABLE') return node;
      const side = SIDES.find((each) => schemaOf(each) === node['schema_name']);
      return side === undefined
        ? node
        : { ...node, schema_name: '', table_name: sideOf(this.#changed(textOf(node, 'table_name')), side) };
    });
  }

  #changed(source: string): string {
    const changes = this.#changes.get(source);
    if (changes === undefined) throw new RangeError('A source that has not changed has no changes.');
    return changes;
  }

  /** SQL that makes a table of a step. */
  #creating(name: string, sql: string): string {
    this.#steps.add(name);
    this.helpers.own('TABLE', quoteName(name));
    return `CREATE TABLE ${quoteName(name)} AS ${sql}`;
  }

  /**
   * Makes a table of a step, and resolves true, where that reads a source and has an equal in Spark. A step that others
   * read more than once is computed once.
   */
  async #runOnSpark(steps: readonly Step[], wanted: string): Promise<boolean> {
    const spark = this.spark;
    if (spark === undefined || this.#steps.has(wanted)) return false;
    const needed = neededFor(wanted, steps, (each) => this.#steps.has(each) || spark.knows(each));
    const own = new Set(needed.map(({ name }) => name));
    const read = needed.flatMap(({ query }) => tablesIn(query));
    const isThere = ({ table }: TableNamed): boolean => spark.knows(table) && !this.#steps.has(table);
    if (!spark.knows(wanted) && !read.some((each) => this.#isOfSource(each) || isThere(each))) return false;
    for (const each of new Map(read.map((one) => [JSON.stringify(one), one])).values())
      if (!own.has(each.table)) await this.#show(spark, each);
    for (const { name, query } of needed) {
      if (spark.defines(name)) continue;
      const refused = await spark.define(name, await printNode(this.#engine, query));
      if (refused === undefined) continue;
      this.#refused = noEqual(refused);
      return false;
    }
    const shared = repeatedIn(steps);
    const readers = new Set<string>();
    for (const { name, query } of needed) {
      const isReader = tablesIn(query).some((each) => this.#isOfSource(each) || readers.has(each.table));
      if (!isReader || name === wanted) continue;
      if (shared.has(name)) await spark.settle(name);
      else readers.add(name);
    }
    await this.#engine.run(this.#creating(wanted, (await spark.fetch(await spark.settle(wanted))).sql));
    return true;
  }

  #isOfSource({ schema, table }: TableNamed): boolean {
    return TIMES.some((version) => schemaOf(version) === schema) && !this.#standing.has(table);
  }

  /** Shows Spark what a step reads. */
  async #show(spark: OnSpark, { schema, table }: TableNamed): Promise<void> {
    const version = VERSIONS.find((each) => schemaOf(each) === schema);
    const source = this.#sources.get(table);
    if (version === undefined) {
      if (!spark.knows(table)) await spark.show(table, await spark.upload(`FROM ${quoteName(table)}`));
      return;
    }
    const name = `${schema}.${quoteName(table)}`;
    const standing = this.#standing.get(table);
    if (standing !== undefined) return spark.show(name, await spark.upload(`FROM ${standing}`));
    if (source === undefined) return undefined;
    if (version === 'gone' || version === 'come')
      return spark.show(name, await spark.upload(`FROM ${sideOf(this.#changed(table), version)}`));
    const { delta, wanted } = source;
    const from = { uri: delta.uri, version: atOf(version, source) };
    const read = new Set(this.#columns.get(table));
    const columns = sqlColumns(wanted.schema.fields.filter((field) => read.has(field.name)));
    return spark.show(name, { from, columns }, this.#conditions.get(table));
  }

  async #view(time: Time, name: string): Promise<string> {
    const view = viewOf(time, name);
    const source = this.#sources.get(name);
    if (source === undefined || this.#open.has(view)) return view;
    this.#open.add(view);
    const [columns, where] = [this.#columns.get(name), this.#conditions.get(name)];
    const options = { at: atOf(time, source), schema: schemaOf(time), name, columns, where };
    return this.#views.open(source.table, options);
  }
}

function viewOf(time: Time, name: string): string {
  return `${schemaOf(time)}.${quoteName(name)}`;
}

/** What the names of a plan's steps begin with, which no other plan's do. */
export function stepPrefix(): string {
  return `igarape_${randomUUID().replaceAll('-', '').slice(0, 12)}_`;
}

/** The steps that are not there of those that one follows from, itself included. */
function neededFor(
  name: string,
  steps: readonly Step[],
  isThere: (name: string) => boolean,
): readonly Step[] {
  const names = new Set([name]);
  const needed: Step[] = [];
  for (const step of steps.toReversed()) {
    if (!names.has(step.name) || isThere(step.name)) continue;
    needed.unshift(step);
    for (const { table } of tablesIn(step.query)) names.add(table);
  }
  return needed;
}

/** The steps that are read more than once. */
function repeatedIn(steps: readonly Step[]): ReadonlySet<string> {
  const read = steps.flatMap(({ query }) => tablesIn(query).map(({ table }) => table));
  return new Set(read.filter((table, index) => read.indexOf(table) < index));
}

function atOf(version: Time, { applied, wanted }: Source): number {
  return version === 'now' ? wanted.version : (applied ?? wanted.version);
}

const SIDES = ['gone', 'come'] as const;
const VERSIONS: readonly Version[] = [...TIMES, ...SIDES];
