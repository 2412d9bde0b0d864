import { randomUUID } from 'node:crypto';
import { arrowColumns } from '../../src/delta/write/arrow-rows.ts';
import { nameOf } from '../../src/delta/write/row-source.ts';
import { Channel } from '../../src/spark/connect/channel.ts';
import { execute } from '../../src/spark/connect/execution.ts';
import { SESSION } from '../../src/spark/dialect/session.ts';
import type { SharedSpark } from '../support/shared-spark.ts';
import type { Settings } from '../support/spark-server.ts';

type Value = string | number | null;

export interface SparkAnswer {
  readonly names: readonly string[];
  /** Their types. */
  readonly columns: readonly string[];
  /** Texts, but for DOUBLEs. */
  readonly rows: readonly (readonly Value[])[];
}

/** As on a cluster that was set for statements of other years. */
const OF_OTHER_YEARS = {
  // What is worked out when a statement is planned is not what a cluster works out.
  'spark.sql.optimizer.excludedRules': 'org.apache.spark.sql.catalyst.optimizer.ConvertToLocalRelation',
  'spark.sql.parser.escapedStringLiterals': 'true',
  'spark.sql.legacy.timeParserPolicy': 'LEGACY',
  'spark.sql.caseSensitive': 'true',
  'spark.sql.ansi.doubleQuotedIdentifiers': 'true',
  'spark.sql.ansi.enforceReservedKeywords': 'true',
  'spark.sql.groupByOrdinal': 'false',
  'spark.sql.timestampType': 'TIMESTAMP_NTZ',
  'spark.sql.legacy.integralDivide.returnBigint': 'false',
  'spark.sql.legacy.interval.enabled': 'true',
  'spark.sql.legacy.exponentLiteralAsDecimal.enabled': 'true',
  'spark.sql.legacy.parser.havingWithoutGroupByAsWhere': 'true',
  'spark.sql.legacy.literal.pickMinimumPrecision': 'false',
  'spark.sql.legacy.decimal.retainFractionDigitsOnTruncate': 'true',
  'spark.sql.legacy.typeCoercion.datetimeToString.enabled': 'true',
  'spark.sql.legacy.ctePrecedencePolicy': 'LEGACY',
  'spark.sql.legacy.setopsPrecedence.enabled': 'true',
  'spark.sql.function.concatBinaryAsString': 'true',
};

/** A session of a real Spark, set as rendered statements need it, which tells types, too. */
export class AnsweringSpark {
  readonly #channel: Channel;

  private constructor(channel: Channel) {
    this.#channel = channel;
  }

  /** @param more Settings. */
  static async open({ remote }: SharedSpark, more: Settings = {}): Promise<AnsweringSpark> {
    const token = async (): Promise<string | undefined> => remote.token;
    const channel = await Channel.open({ remote, sessionId: randomUUID(), clock: Date.now, token });
    const settings = Object.entries({ ...OF_OTHER_YEARS, ...SESSION, ...more });
    const pairs = settings.map(([key, value]) => ({ key, value }));
    await channel.unary('Config', { operation: { set: { pairs } } });
    return new AnsweringSpark(channel);
  }

  /** @throws CallError with what Spark says, where the statement fails */
  async query(query: string): Promise<SparkAnswer> {
    const { signal } = new AbortController();
    let names: string[] = [];
    let columns: string[] = [];
    const rows: Value[][] = [];
    for await (const arrow of execute(this.#channel, randomUUID(), { root: { sql: { query } } }, { signal }))
      for await (const given of arrowColumns(arrow)) {
        names = given.columns.map(({ name }) => name);
        columns = given.columns.map(({ type = 'void' }) => TYPES[nameOf(type)] ?? nameOf(type));
        for (let row = 0; row < given.rows; row += 1)
          rows.push(given.columns.map(({ values }, index) => plain(values[row], columns[index])));
      }
    return { names, columns, rows };
  }

  async close(): Promise<void> {
    await this.#channel.unary('ReleaseSession', {});
    this.#channel.close();
  }
}

/** Types of whole numbers as Spark calls them, by what Delta does. */
const TYPES: Readonly<Record<string, string>> = {
  byte: 'tinyint',
  short: 'smallint',
  integer: 'int',
  long: 'bigint',
};

/** A value as DuckDB writes it, but that instants have no zone. */
function plain(value: unknown, type: string | undefined): Value {
  if (value === null) return null;
  if (typeof value === 'number') {
    if (Number.isNaN(value)) return 'nan';
    if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
    return type === 'double' ? value : String(value);
  }
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value !== 'string') throw new TypeError(`What is no text is a ${type}.`);
  return type === 'timestamp' || type === 'timestamp_ntz'
    ? value
        .replace('T', ' ')
        .replace('Z', '')
        .replace(/\.?0+$/, '')
    : value;
}
