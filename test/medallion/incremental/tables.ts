import { HelperTables } from '../../../src/delta/read/relation.ts';
import { sqlTypeOf } from '../../../src/delta/schema/sql-schema.ts';
import { schemaOf } from '../../../src/delta/write/row-source.ts';
import { changedGroups, IS_ODD } from '../../../src/medallion/build/add-sums.ts';
import { Engine } from '../../../src/engine/engine.ts';
import { parseSql, printSql } from '../../../src/engine/sql-tree.ts';
import { aggregateNames } from '../../../src/engine/aggregates.ts';
import { Incremental, type Plan } from '../../../src/medallion/incremental/plan.ts';

/** Sources as tables of the engine, then and now, and a table that the core keeps up to date. */
export class Tables {
  readonly engine: Engine;
  readonly #schema: string;
  readonly #columns: Readonly<Record<string, readonly string[]>>;
  readonly #aggregates: ReadonlySet<string>;
  readonly #helpers: HelperTables;
  #plans = 0;

  private constructor(
    engine: Engine,
    schema: string,
    columns: Readonly<Record<string, readonly string[]>>,
    aggregates: ReadonlySet<string>,
  ) {
    this.engine = engine;
    this.#helpers = new HelperTables(engine);
    this.#schema = schema;
    this.#columns = columns;
    this.#aggregates = aggregates;
  }

  /** @param types Of each source its columns, as in CREATE TABLE. */
  static async open(types: Readonly<Record<string, string>>, schema = 'src'): Promise<Tables> {
    const engine = Engine.open({ memoryLimit: '512MB', spillDir: 'unused', threads: 1 });
    const schemas = [schema, ...['then', 'now', 'gone', 'come'].map((time) => `igarape_${time}`)];
    for (const each of schemas) await engine.run(`CREATE SCHEMA ${each}`);
    const columns: Record<string, string[]> = {};
    for (const [name, list] of Object.entries(types)) {
      await engine.run(`CREATE TABLE ${at('now', `${schema}.${name}`)} (${list})`);
      await engine.run(`CREATE VIEW ${schema}.${name} AS FROM ${at('now', `${schema}.${name}`)}`);
      const described = await engine.rows(`DESCRIBE ${at('now', `${schema}.${name}`)}`);
      columns[name] = described.map((row) => String(row['column_name']));
    }
    return new Tables(engine, schema, columns, await aggregateNames(engine));
  }

  get names(): readonly string[] {
    return Object.keys(this.#columns);
  }

  async incremental(sql: string): Promise<Incremental> {
    const parsed = await parseSql(this.engine, sql);
    if (parsed.kind === 'refused') throw new Error(`${parsed.reason}: ${sql}`);
    return Incremental.of(parsed.tree, {
      sourceOf: (schema, table) => {
        const columns = schema === this.#schema ? this.#columns[table] : undefined;
        return columns && { source: `${schema}.${table}`, columns };
      },
      joins: [],
      aggregates: this.#aggregates,
    });
  }

  /** Makes the sources as they are now those of then, and lets them change; the names of those that have. */
  async change(statements: readonly string[]): Promise<ReadonlySet<string>> {
    const { engine } = this;
    const sources = this.names.map((name) => `${this.#schema}.${name}`);
    for (const name of sources)
      await engine.run(`CREATE OR REPLACE TABLE ${at('then', name)} AS FROM ${at('now', name)}`);
    for (const statement of statements) await engine.run(statement);
    const changed = new Set<string>();
    for (const name of sources) {
      const [before, after] = [at('then', name), at('now', name)];
      await engine.run(
        `CREATE OR REPLACE TABLE ${at('gone', name)} AS FROM ${before} EXCEPT ALL FROM ${after}`,
      );
      await engine.run(
        `CREATE OR REPLACE TABLE ${at('come', name)} AS FROM ${after} EXCEPT ALL FROM ${before}`,
      );
      const [row] = await engine.rows(
        `SELECT (SELECT count(*) FROM ${at('gone', name)}) + (SELECT count(*) FROM ${at('come', name)}) AS n`,
      );
      if (Number(row?.['n']) > 0) changed.add(name);
    }
    return changed;
  }

  /** What a plan makes of a table, as a SELECT; undefined where sums do not tell. */
  async applied(
    plan: Exclude<Plan, { kind: 'whole' }>,
    target: string,
    key: readonly string[],
  ): Promise<string | undefined> {
    if (plan.kind === 'unchanged' || plan.kind === 'dates') return `SELECT * FROM ${target}`;
    for (const { name, query } of plan.steps)
      await this.engine.run(`CREATE TEMP TABLE ${name} AS ${await this.print(query)}`);
    if (plan.kind === 'sums') {
      const schema = await schemaOf(this.engine, `SELECT * FROM ${target}`);
      const columns = schema.fields.map(({ name, type }) => ({ name, type: sqlTypeOf(type) }));
      const groups = await changedGroups(this.engine, plan, columns, this.#helpers);
      if (groups === undefined) return undefined;
      const same = groups.by.map((name) => `x."${name}" IS NOT DISTINCT FROM y."${name}"`).join(' AND ');
      const touched = `${target} AS x %JOIN ${groups.touched} AS y ON ${same}`;
      const rows = await groups.become(`SELECT x.* FROM ${touched.replace('%', 'SEMI ')}`);
      const [odd] = await this.engine.rows(`SELECT 1 AS odd FROM ${rows} WHERE ${IS_ODD} LIMIT 1`);
      const stay = `SELECT x.* FROM ${touched.replace('%', 'ANTI ')}`;
      return odd ? undefined : `${stay} UNION ALL SELECT * EXCLUDE (${IS_ODD}) FROM ${rows}`;
    }
    const [by, values] = plan.kind === 'replace' ? [plan.by, plan.values] : [key, plan.gone];
    const on = by.map((name, index) => `x."${name}" IS NOT DISTINCT FROM y.k${index}`).join(' AND ');
    return `SELECT x.* FROM ${target} AS x ANTI JOIN ${values} AS y ON ${on} UNION ALL SELECT DISTINCT * FROM ${plan.rows}`;
  }

  async drop(plan: Plan): Promise<void> {
    await this.#helpers.drop();
    if (plan.kind !== 'whole' && plan.kind !== 'unchanged')
      for (const { name } of plan.steps) await this.engine.run(`DROP TABLE IF EXISTS ${name}`);
  }

  async print(query: Parameters<typeof printSql>[1]): Promise<string> {
    return printSql(this.engine, { error: false, statements: [{ node: query, named_param_map: [] }] });
  }

  /** True for a statement that the engine does not know how to run. */
  async isRefused(statement: string): Promise<boolean> {
    try {
      await this.engine.run(statement);
      return false;
    } catch (error) {
      if (Tables.isOfEngine(error)) return true;
      throw error;
    }
  }

  static isOfEngine(error: unknown): boolean {
    return error instanceof Error && error.message.startsWith('Not implemented');
  }

  /** A plan's steps in SQL. */
  async told(plan: Plan): Promise<string> {
    const steps = plan.kind === 'whole' || plan.kind === 'unchanged' ? [] : plan.steps;
    const texts: string[] = [];
    for (const { name, query } of steps) texts.push(`${name}: ${await this.print(query)}`);
    return texts.join('\n');
  }

  prefix(): string {
    this.#plans += 1;
    return `p${this.#plans}_`;
  }

  /** How many rows two SELECTs do not have in common. */
  async difference(left: string, right: string): Promise<number> {
    const [row] = await this.engine.rows(
      `SELECT (SELECT count(*) FROM ((${left}) EXCEPT ALL (${right}))) + (SELECT count(*) FROM ((${right}) EXCEPT ALL (${left}))) AS n`,
    );
    return Number(row?.['n']);
  }
}

function at(time: string, name: string): string {
  return `igarape_${time}."${name}"`;
}
