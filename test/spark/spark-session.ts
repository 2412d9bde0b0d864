import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { SESSION } from '../../src/spark/dialect/session.ts';

export interface SparkAnswer {
  readonly names: readonly string[];
  /** Their types. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | null)[])[];
}

/** A real Spark in a process of its own, set as rendered statements need it. */
export class SparkProcess {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  constructor(python: string) {
    this.#process = spawn(python, [join(import.meta.dirname, 'session.py'), JSON.stringify(SESSION)], {
      env: { ...process.env, SPARK_LOCAL_IP: '127.0.0.1', PYTHONUTF8: '1', TZ: 'UTC' },
    });
    this.#process.stderr.resume();
    this.#lines = createInterface(this.#process.stdout)[Symbol.asyncIterator]();
  }

  /** @throws Error with what Spark says, where the statement fails */
  async query(sql: string): Promise<SparkAnswer> {
    this.#process.stdin.write(`${JSON.stringify({ sql })}\n`);
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error('Spark has ended.');
    const answer: SparkAnswer | { readonly error: string } = JSON.parse(value);
    if ('error' in answer) throw new Error(answer.error);
    return answer;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('close', resolve));
    this.#process.stdin.end();
    await ended;
  }
}
