import { mkdir, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Engine } from '../../src/engine/engine.ts';
import { quoteText } from '../../src/engine/quote.ts';
import { writeFileAt } from '../support/write-file.ts';

/** A table made by hand: commits as they are given, right or wrong, and data files by SQL. */
export class HandMade {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Writes version 0 of a table with these columns, each `name: type`. */
  async create(columns: Readonly<Record<string, unknown>>, more: CreateOptions = {}): Promise<void> {
    const {
      partitionColumns = [],
      configuration = {},
      protocol = { minReaderVersion: 1, minWriterVersion: 2 },
    } = more;
    await this.commit(0, [{ protocol }, metaData(columns, partitionColumns, configuration)], more.timeMs);
  }

  async commit(version: number, actions: readonly object[], timeMs?: number): Promise<void> {
    const name = `${String(version).padStart(20, '0')}.json`;
    await this.write(`_delta_log/${name}`, actions.map((action) => `${JSON.stringify(action)}\n`).join(''));
    if (timeMs !== undefined)
      await utimes(join(this.folder, '_delta_log', name), timeMs / 1000, timeMs / 1000);
  }

  async write(key: string, body: string | Uint8Array): Promise<void> {
    await writeFileAt(join(this.folder, key), body);
  }

  /** Writes the rows of a query as Parquet, and resolves the `add` action's fields for it. */
  async data(key: string, select: string, options = ''): Promise<object> {
    const path = join(this.folder, key);
    await mkdir(dirname(path), { recursive: true });
    const engine = Engine.open({ memoryLimit: '1GB', spillDir: join(this.folder, '.spill') });
    try {
      await engine.run(`COPY (${select}) TO ${quoteText(path)} (FORMAT parquet${options})`);
    } finally {
      engine.close();
    }
    return { path: key, partitionValues: {}, size: 1, modificationTime: 1, dataChange: true };
  }
}

export interface CreateOptions {
  readonly partitionColumns?: readonly string[];
  readonly configuration?: Readonly<Record<string, string>>;
  readonly protocol?: object;
  /** When the commit's file was written. */
  readonly timeMs?: number;
}

/** The `metaData` action of a table; a column's type may be an object, and its metadata `{ type, metadata }`. */
export function metaData(
  columns: Readonly<Record<string, unknown>>,
  partitionColumns: readonly string[] = [],
  configuration: Readonly<Record<string, string>> = {},
): object {
  const fields = Object.entries(columns).map(([name, type]) => ({
    name,
    type,
    nullable: true,
    metadata: {},
  }));
  return {
    metaData: {
      id: '5fba94ed-9794-4965-ba6e-6ee3c0d22af9',
      format: { provider: 'parquet', options: {} },
      schemaString: JSON.stringify({ type: 'struct', fields }),
      partitionColumns,
      configuration,
    },
  };
}
