import { IgarapeError } from '../../core/errors.ts';
import { sparkName, sparkText } from '../dialect/quote.ts';
import type { Relation, SparkPort, SparkRow } from '../port.ts';
import { executeStatement, type StatementEdge, type StatementRows } from './statement.ts';

/** A SQL warehouse of Databricks: each statement stands for itself, there is no session. */
export class Warehouse implements SparkPort {
  readonly server: string;
  readonly #edge: StatementEdge;

  constructor(edge: StatementEdge) {
    this.server = edge.api.server;
    this.#edge = edge;
  }

  async version(): Promise<string> {
    const [row] = await this.rows({ sql: { query: 'SELECT version() AS version' } });
    return /^[\d.]+/.exec(String(row?.['version']))?.[0] ?? '';
  }

  /** Nothing can be set for a statement: the warehouse itself has to be so. */
  async configure(properties: Readonly<Record<string, string>>): Promise<void> {
    const [row] = await this.rows({
      sql: { query: `SELECT current_timezone() AS zone, typeof(coalesce(1, '1')) AS common` },
    });
    const zone = properties['spark.sql.session.timeZone'];
    if (row?.['zone'] !== zone && row?.['zone'] !== `Etc/${zone}`)
      throw this.#unsuitable(`its time zone is ${String(row?.['zone'])}, and not ${zone}`);
    // What a number and a text have in common is a text but by the rules of ANSI.
    if (row?.['common'] === 'string') throw this.#unsuitable('ANSI mode is off');
  }

  async rows(relation: Relation): Promise<SparkRow[]> {
    return typedRows(await executeStatement(this.#edge, selectOf(relation)));
  }

  async writeParquet(
    input: Relation,
    path: string,
    options: Readonly<Record<string, string>>,
  ): Promise<void> {
    const named = Object.entries(options).map(([name, value]) => `${sparkText(name)} = ${sparkText(value)}`);
    const select = selectOf(input);
    this.#checkDecimals(select);
    const set = named.length === 0 ? '' : ` OPTIONS (${named.join(', ')})`;
    await executeStatement(
      this.#edge,
      `INSERT OVERWRITE DIRECTORY ${sparkText(path)} USING parquet${set} ${select}`,
    );
  }

  async close(): Promise<void> {
    // A statement ends by itself.
  }

  /**
   * Of decimals with more than 38 digits a warehouse rounds those after the sixth place, and nothing can be set otherwise.
   * The dialect casts each outcome to its type, and multiplies by a power of ten where it takes digits apart.
   */
  #checkDecimals(sql: string): void {
    const [found] = /DECIMAL\(38,(?:[7-9]|[123]\d)\)|(?<=CAST\(')10{7,}(?=' AS DECIMAL)/.exec(sql) ?? [];
    if (found === undefined) return;
    throw new IgarapeError(
      'SPARK_UNSUITABLE',
      `The warehouse at ${this.server} rounds decimals with more than 6 places: ${found}.`,
      {
        hint: 'Cast them to fewer places in the model, let a cluster compute it ("cluster_id"), or `run --engine duckdb`.',
      },
    );
  }

  #unsuitable(what: string): IgarapeError {
    return new IgarapeError(
      'SPARK_UNSUITABLE',
      `The warehouse at ${this.server} would compute other values: ${what}.`,
      {
        hint: 'Set TIMEZONE to UTC and ANSI_MODE to true in the SQL configuration parameters of the workspace’s warehouses.',
      },
    );
  }
}

/** A relation as a SELECT. */
function selectOf(relation: Relation): string {
  if ('sql' in relation) return relation.sql.query;
  if ('read' in relation) {
    const { format, paths, options } = relation.read.data_source;
    const { versionAsOf, ...others } = options;
    const [other] = Object.keys(others);
    if (other !== undefined) throw new RangeError(`A statement reads files without the option ${other}.`);
    const at = versionAsOf === undefined ? '' : ` VERSION AS OF ${Number(versionAsOf)}`;
    return paths.map((path) => `SELECT * FROM ${format}.${sparkName(path)}${at}`).join(' UNION ALL ');
  }
  if ('subquery_alias' in relation) return selectOf(relation.subquery_alias.input);
  const { root, references } = relation.with_relations;
  const named = references.map((each) => {
    if (!('subquery_alias' in each)) throw new RangeError('What a statement refers to has a name.');
    return `${sparkName(each.subquery_alias.alias)} AS (${selectOf(each)})`;
  });
  return `WITH ${named.join(', ')} SELECT * FROM (${selectOf(root)})`;
}

function typedRows({ columns, rows }: StatementRows): SparkRow[] {
  return rows.map((row) =>
    Object.fromEntries(columns.map(({ name, type }, index) => [name, typed(row[index] ?? null, type)])),
  );
}

function typed(text: string | null, type: string): unknown {
  if (text === null) return null;
  switch (type) {
    case 'LONG':
      return BigInt(text);
    case 'BYTE':
    case 'SHORT':
    case 'INT':
    case 'FLOAT':
    case 'DOUBLE':
      return Number(text);
    case 'BOOLEAN':
      return text === 'true';
    default:
      return text;
  }
}
