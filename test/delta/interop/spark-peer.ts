import type { Relation } from '../../../src/spark/port.ts';
import { SparkSession } from '../../../src/spark/connect/session.ts';
import type { SharedSpark } from '../../support/shared-spark.ts';
import type { DeltaPeer, Task } from './peers.ts';

/** How Spark is set where nobody minds the time that it takes to read: by its faster reader of Parquet. */
const SETTINGS = {
  'spark.sql.session.timeZone': 'UTC',
  'spark.sql.parquet.outputTimestampType': 'TIMESTAMP_MICROS',
  'spark.sql.codegen.wholeStage': 'true',
};

type Answered = Extract<Task, { readonly kind: 'read' | 'changes' | 'history' | 'sql' }>;

/** Spark with Delta Lake on Delta tables. */
export class SparkPeer implements Pick<DeltaPeer, 'ask' | 'close'> {
  readonly #session: SparkSession;

  private constructor(session: SparkSession) {
    this.#session = session;
  }

  static async open({ remote }: SharedSpark): Promise<SparkPeer> {
    const session = await SparkSession.open(remote, {
      clock: Date.now,
      signal: new AbortController().signal,
    });
    await session.configure(SETTINGS);
    return new SparkPeer(session);
  }

  async ask(task: Answered): Promise<unknown> {
    switch (task.kind) {
      case 'read':
        return this.#keep(task, { versionAsOf: String(task.version) });
      case 'changes':
        return this.#keep(task, {
          readChangeFeed: 'true',
          startingVersion: String(task.from),
          endingVersion: String(task.to),
        });
      case 'history': {
        const rows = await this.#rows(`DESCRIBE HISTORY delta.\`${task.table}\``);
        return rows.map(({ version, operation }) => [Number(version), operation]);
      }
      case 'sql':
        return this.#rows(task.sql);
    }
  }

  async close(): Promise<void> {
    await this.#session.close();
  }

  async #keep(
    { table, out }: { readonly table: string; readonly out: string },
    options: Readonly<Record<string, string>>,
  ): Promise<void> {
    const read: Relation = { read: { data_source: { format: 'delta', paths: [table], options } } };
    await this.#session.writeParquet(read, out, {});
  }

  async #rows(query: string): ReturnType<SparkSession['rows']> {
    return this.#session.rows({ sql: { query } });
  }
}
