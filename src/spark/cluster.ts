import type { Config } from '../config/config.ts';
import type { Databricks } from '../config/databricks.ts';
import type { Remote } from '../config/remote.ts';
import { IgarapeError } from '../core/errors.ts';
import { isLostSession, LEAST_VERSION, sparkErrorOf } from './connect/spark-error.ts';
import { sparkName } from './dialect/quote.ts';
import { SESSION } from './dialect/session.ts';
import type { PortEdge } from './open-port.ts';
import type { Relation, SparkPort } from './port.ts';

/** What Spark reads rows from: a version of a Delta table, or Parquet files. */
export interface SparkSource {
  /** The table's root, the folder or a file, as the lake has it: an absolute path or `s3://…`. */
  readonly uri: string;
  /** Of a Delta table. */
  readonly version?: number;
  /** Its rows have {@link POSITION}, too. */
  readonly hasPositions?: boolean;
  /** Of a folder: its files as their bytes, `path` and `content`. */
  readonly asBytes?: boolean;
  /** Of Parquet files: more of them. */
  readonly others?: readonly string[];
  /** Of Parquet files: the columns and types that are expected, as Spark writes them; one that a file lacks is null. */
  readonly schema?: string;
}

/** Columns that say where a row lies: its file's URI, and its number there, counted from 0. */
export const POSITION = { file: '_igarape_from_file', row: '_igarape_from_row' } as const;

export interface SparkTable extends SparkSource {
  /** What the statement calls it: a plain name. */
  readonly name: string;
}

/** How files are read and written: by today's calendar and types, and whole or not at all, whatever a cluster is set to. */
const FILES = {
  // What every reader knows, and not the 96 bits of old.
  'spark.sql.parquet.outputTimestampType': 'TIMESTAMP_MICROS',
  'spark.sql.parquet.datetimeRebaseModeInWrite': 'CORRECTED',
  'spark.sql.parquet.datetimeRebaseModeInRead': 'CORRECTED',
  'spark.sql.parquet.writeLegacyFormat': 'false',
  'spark.sql.parquet.binaryAsString': 'false',
  'spark.sql.parquet.inferTimestampNTZ.enabled': 'true',
  'spark.sql.files.ignoreMissingFiles': 'false',
  'spark.sql.files.ignoreCorruptFiles': 'false',
};

/** Apache Spark, which computes what a SELECT says over Delta tables, and never commits. It is asked when it is needed. */
export class Cluster implements AsyncDisposable {
  readonly #place: Remote | Databricks;
  readonly #edge: PortEdge;
  readonly #settings: Readonly<Record<string, string>>;
  #opening: Promise<SparkPort> | undefined;
  #statements = 0;
  #version = '';

  /** @param settings More of its session. */
  constructor(place: Remote | Databricks, edge: PortEdge, settings: Readonly<Record<string, string>> = {}) {
    this.#place = place;
    this.#edge = edge;
    this.#settings = settings;
  }

  /** How many statements it has been sent. */
  get statements(): number {
    return this.#statements;
  }

  /** Its version. @throws IgarapeError SPARK_UNSUITABLE for one that is too old; SPARK_… */
  async version(): Promise<string> {
    await this.#session();
    return this.#version;
  }

  /** Rows of a statement: for few. @throws IgarapeError SPARK_… */
  async rows(relation: Relation): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return this.#send((session) => session.rows(relation));
  }

  /** The rows of a SELECT: for few. @throws IgarapeError SPARK_… */
  async ask(select: string, tables: readonly SparkTable[]): ReturnType<Cluster['rows']> {
    return this.rows(this.#selected(select, tables));
  }

  /**
   * Writes the rows of a SELECT as Parquet files into a new folder.
   *
   * @param folder As the lake has it: an absolute path or `s3://…`; there must be nothing yet.
   * @throws IgarapeError SPARK_…
   */
  async unload(
    select: string,
    tables: readonly SparkTable[],
    folder: string,
    compression: Config['compression'] = 'zstd',
  ): Promise<void> {
    const rows = this.#selected(select, tables);
    try {
      await this.#send((session) => session.writeParquet(rows, this.path(folder), { compression }));
    } catch (error) {
      throw withoutDelta(error) ?? error;
    }
  }

  #selected(select: string, tables: readonly SparkTable[]): Relation {
    const references = tables.map((table): Relation => ({
      subquery_alias: { input: this.#rowsOf(table), alias: table.name },
    }));
    const sql: Relation = { sql: { query: select } };
    return references.length === 0 ? sql : { with_relations: { root: sql, references } };
  }

  #rowsOf({
    uri,
    version,
    hasPositions = false,
    asBytes = false,
    others = [],
    schema,
  }: SparkSource): Relation {
    const path = this.path(uri);
    if (asBytes) return { read: { data_source: { format: 'binaryFile', paths: [path], options: {} } } };
    if (hasPositions) {
      const positions = `_metadata.file_path AS ${POSITION.file}, _metadata.row_index AS ${POSITION.row}`;
      const rows =
        version === undefined
          ? `parquet.${sparkName(path)}`
          : `delta.${sparkName(path)} VERSION AS OF ${version}`;
      return { sql: { query: `SELECT *, ${positions} FROM ${rows}` } };
    }
    const [format, options] =
      version === undefined ? ['parquet', {}] : ['delta', { versionAsOf: String(version) }];
    const expected = schema === undefined ? {} : { schema };
    return {
      read: {
        data_source: {
          format,
          paths: [path, ...others.map((other) => this.path(other))],
          options,
          ...expected,
        },
      },
    };
  }

  /** The path of a place in the lake, as Spark opens it. @throws IgarapeError SPARK_UNSUITABLE where it cannot */
  path(uri: string): string {
    const isBucket = uri.startsWith('s3://');
    if (!('compute' in this.#place)) return isBucket ? `s3a://${uri.slice('s3://'.length)}` : `file:${uri}`;
    if (isBucket) return uri;
    throw new IgarapeError('SPARK_UNSUITABLE', `Databricks does not see the folder ${uri}.`, {
      hint: 'It takes a lake in a bucket: "lake": "s3://bucket/prefix".',
    });
  }

  /** Ends its session. */
  async close(): Promise<void> {
    const session = await this.#opening?.catch(() => undefined);
    this.#opening = undefined;
    await session?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #send<T>(statement: (session: SparkPort) => Promise<T>): Promise<T> {
    const opening = this.#session();
    const session = await opening;
    this.#statements += 1;
    try {
      return await statement(session);
    } catch (error) {
      // The next statement has a new one.
      if (isLostSession(error) && this.#opening === opening) {
        this.#opening = undefined;
        await session.close();
      }
      throw error;
    }
  }

  #session(): Promise<SparkPort> {
    // One that could not be opened is tried again by the next that asks.
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  async #open(): Promise<SparkPort> {
    const { openPort } = await import('./open-port.ts');
    const session = await openPort(this.#place, this.#edge);
    try {
      this.#version = await session.version();
      if (isOlder(this.#version))
        throw new IgarapeError('SPARK_UNSUITABLE', `Spark at ${session.server} is ${this.#version}.`, {
          hint: `It takes Spark ${LEAST_VERSION} or later.`,
        });
      await session.configure({ ...SESSION, ...FILES, ...this.#settings });
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }
}

function isOlder(version: string): boolean {
  const [major = 0] = version.split('.').map(Number);
  return major < Number(LEAST_VERSION.split('.')[0]);
}

/** What a server without Delta Lake says, as users are told. */
export function withoutDelta(error: unknown): IgarapeError | undefined {
  if (sparkErrorOf(error)?.errorClass !== 'DATA_SOURCE_NOT_FOUND') return undefined;
  return new IgarapeError(
    'SPARK_UNSUITABLE',
    'That Spark has no Delta Lake, with which it reads the lake’s tables.',
    {
      hint: 'Start its Connect server with --packages io.delta:delta-spark_… of its version: docs/engines.md has the command.',
      cause: error,
    },
  );
}

/** True of what a Spark says that does not tell in which place of a file a row lies. */
export function lacksPositions(error: unknown): boolean {
  const { errorClass = '', message = '' } = sparkErrorOf(error) ?? {};
  return /^(?:FIELD_NOT_FOUND|UNRESOLVED_)/.test(errorClass) && /row_index|_metadata/.test(message);
}

/** What Spark says of files that it does not read, or not in the types that are expected; undefined for other trouble. */
export function cannotReadFiles(error: unknown): string | undefined {
  const { errorClass = '', message = '' } = sparkErrorOf(error) ?? {};
  return errorClass.startsWith('FAILED_READ_FILE') ? message.split('\n')[0] : undefined;
}
