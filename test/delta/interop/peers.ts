import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { type Peer, pythonWith } from '../../support/external.ts';

/** delta-rs, with PyArrow to hand over what it reads. */
const DELTA_RS = ['deltalake==1.6.6', 'pyarrow==26.0.1'];
/** Polars, which has its Delta tables from delta-rs and reads their files by itself; and pandas, which has all from it. */
const POLARS = ['polars==2.1.0', 'pandas==3.1.1', ...DELTA_RS];
/** DuckDB with its own Delta reader, as packages: it fetches no extension at run time. */
const DUCKDB_DELTA = ['duckdb==1.5.5', 'duckdb-extension-delta==1.5.5'];

/** The value is the path of a Python that has delta-rs. */
export async function deltaRsPython(): Promise<Peer<string>> {
  return pythonWith('delta-rs', DELTA_RS);
}

/** The value is the path of a Python that has Polars, and pandas, beside delta-rs. */
export async function polarsPython(): Promise<Peer<string>> {
  return pythonWith('polars', POLARS);
}

/** The value is the path of a Python that has DuckDB and its Delta extension. */
export async function duckdbDeltaPython(): Promise<Peer<string>> {
  return pythonWith('duckdb-delta', DUCKDB_DELTA);
}

/** What a reader is asked: a line of JSON, to which `answers.py` has its sides. */
export type Task =
  | (Asked & { readonly kind: 'read'; readonly version: number; readonly where?: string })
  | (Asked & { readonly kind: 'changes'; readonly from: number; readonly to: number })
  | { readonly kind: 'history'; readonly table: string }
  | { readonly kind: 'sql'; readonly sql: string }
  | {
      readonly kind: 'create';
      readonly table: string;
      readonly rows: string;
      readonly configuration: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'append' | 'merge' | 'delete';
      readonly table: string;
      readonly rows?: string;
      readonly where?: string;
    };

interface Asked {
  readonly table: string;
  readonly out: string;
  /** Of a bucket; delta-rs alone takes it. */
  readonly storage?: Readonly<Record<string, string>>;
}

/** Another program that reads and writes Delta tables, in one process that answers until it is closed. */
export class DeltaPeer {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #answers: AsyncIterator<string>;
  #complaint = '';

  constructor(python: string, script: string, args: readonly string[] = []) {
    this.#child = spawn(python, [join(import.meta.dirname, script), ...args], {
      env: { ...process.env, SPARK_LOCAL_IP: '127.0.0.1', PYTHONUTF8: '1' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-4000);
    });
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** What the task found. @throws Error with what the program says where it refuses. */
  async ask(task: Task): Promise<unknown> {
    this.#child.stdin.write(`${JSON.stringify(task)}\n`);
    const line = await this.#answers.next();
    if (line.done === true) throw new Error(`The program ended: ${this.#complaint}`);
    const answer: unknown = JSON.parse(line.value);
    if (typeof answer === 'object' && answer !== null) {
      if ('found' in answer) return answer.found;
      if ('error' in answer) throw new Error(String(answer.error));
    }
    throw new Error(`The program answered ${line.value}`);
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.stdin.end();
    await ended;
  }
}
