import { join } from 'node:path';
import { IgarapeError } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import type { NewTableOptions } from '../delta/operations/create-table.ts';
import type { Snapshot } from '../delta/log/snapshot.ts';
import type { OpenOptions } from '../delta/open-table.ts';
import { DeltaTable } from '../delta/table.ts';
import type { Engine } from '../engine/engine.ts';
import { isKey } from '../storage/key.ts';
import type { Storage } from '../storage/port.ts';
import { storageWithin } from '../storage/within.ts';
import type { Cluster } from '../spark/cluster.ts';
import type { SparkEdge } from '../spark/on-spark.ts';
import { SharedChanges } from './net-changes.ts';
import { type LayerTable, fullName, tableFolder } from './layer.ts';

/** What layers are built with. */
export interface LayerEdge {
  /** The lake's. */
  readonly storage: Storage;
  readonly engine: Engine;
  /** A folder for this run's files alone. */
  readonly workDir: string;
  /** Milliseconds since 1970; the time of commits. */
  readonly clock: () => number;
  readonly log: Logger;
  /** What computes rows of models; the engine where it is left out. */
  readonly cluster?: Cluster | undefined;
}

/** Every reader of Delta knows zstd. It writes hardly slower than Snappy, and a third less. */
export const COMPRESSED = { 'delta.parquet.compression.codec': 'zstd' };

/** Undefined where there is no table yet. @throws IgarapeError DELTA_CORRUPT, DELTA_UNSUPPORTED */
export async function openIfThere(storage: Storage, options: OpenOptions): Promise<DeltaTable | undefined> {
  try {
    return await DeltaTable.open(storage, options);
  } catch (error) {
    if (error instanceof IgarapeError && error.code === 'DELTA_NOT_FOUND') return undefined;
    throw error;
  }
}

/** The Delta tables of a lake's layers, each opened once. */
export class LayerTables {
  readonly edge: LayerEdge;
  /** What has changed in these tables, read once for all that ask. */
  readonly changes: SharedChanges;
  readonly #open = new Map<string, Promise<DeltaTable | undefined>>();

  constructor(edge: LayerEdge) {
    this.edge = edge;
    this.changes = new SharedChanges(edge.engine);
  }

  /** The table, or undefined where it does not exist yet. @throws IgarapeError DELTA_CORRUPT, DELTA_UNSUPPORTED */
  async find(table: LayerTable): Promise<DeltaTable | undefined> {
    const name = fullName(table);
    const found = this.#open.get(name) ?? this.#find(table);
    return this.#keep(name, found);
  }

  /** The newest version of a table, or undefined where there is none: of one that this opens, its log is read but once. */
  async newest(table: LayerTable): Promise<Snapshot | undefined> {
    const isOpen = this.#open.has(fullName(table));
    const delta = await this.find(table);
    return isOpen ? delta?.snapshot() : delta?.known;
  }

  /** As {@link find}. @throws IgarapeError DELTA_NOT_FOUND where the table does not exist yet. */
  async require(table: LayerTable): Promise<DeltaTable> {
    const found = await this.find(table);
    if (found !== undefined) return found;
    throw new IgarapeError('DELTA_NOT_FOUND', `The lake has no table ${fullName(table)} yet.`, {
      hint: 'igarape run makes it, where the configuration names its layer.',
    });
  }

  /** Creates the table, and opens it. @throws IgarapeError as {@link DeltaTable.create} */
  async create(table: LayerTable, options: NewTableOptions): Promise<DeltaTable> {
    const configuration = { ...COMPRESSED, ...options.configuration };
    const created = DeltaTable.create(this.storage(table), {
      ...options,
      configuration,
      ...this.#options(table),
    });
    await this.#keep(fullName(table), created);
    return created;
  }

  /** A table that is not there, or not readable, is looked for anew: somebody else may make it. */
  async #keep(name: string, opening: Promise<DeltaTable | undefined>): Promise<DeltaTable | undefined> {
    this.#open.set(name, opening);
    try {
      const found = await opening;
      if (found === undefined) this.#open.delete(name);
      return found;
    } catch (error) {
      this.#open.delete(name);
      throw error;
    }
  }

  async #find(table: LayerTable): Promise<DeltaTable | undefined> {
    // Whoever asks may have the name from SQL: `bronze."../x"` is no table.
    if (!isKey(`${tableFolder(table)}_delta_log`)) return undefined;
    return openIfThere(this.storage(table), this.#options(table));
  }

  /** Makes the engine ready for statements over some tables, and over so many values beside. */
  async fitEngine(snapshots: readonly Snapshot[], values = 0): Promise<void> {
    let all: number | undefined = values;
    for (const snapshot of snapshots) {
      const rows = await snapshot.countRows();
      all = all === undefined || rows === undefined ? undefined : all + rows * snapshot.schema.fields.length;
    }
    await this.edge.engine.fitToValues(all);
  }

  /** The table's root. */
  storage(table: LayerTable): Storage {
    return storageWithin(this.edge.storage, tableFolder(table));
  }

  /** What Spark needs to compute rows of the table. */
  sparkEdge(table: LayerTable): SparkEdge {
    const { engine, workDir, log } = this.edge;
    return { engine, workDir, log, storage: this.storage(table) };
  }

  #options(table: LayerTable): OpenOptions {
    const { engine, workDir, clock, log } = this.edge;
    return { engine, workDir: join(workDir, 'layers', table.layer, table.name), now: clock, log };
  }
}
