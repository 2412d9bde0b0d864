import { join } from 'node:path';
import { IgarapeError } from '../../core/errors.ts';
import { sameName } from '../../core/schema.ts';
import { HelperTables } from '../../delta/read/relation.ts';
import { countRows } from '../../engine/count-rows.ts';
import { quoteName } from '../../engine/quote.ts';
import type { LayerTable } from '../layer.ts';
import type { LayerTables } from '../layer-tables.ts';
import { type LayerReport, NO_ROWS, sumReports, withReasons } from '../report.ts';
import {
  type BatchLog,
  commitBatch,
  dropStaged,
  type ForeignBatch,
  stagedBatchKey,
} from './foreign-batches.ts';
import type { ForeignFile } from './foreign-files.ts';
import { batchApp, lastChangesQuery, mergeForeignKeys } from './foreign-keys.ts';
import { type LoadedFiles, loadForeignFiles } from './foreign-load.ts';
import {
  isApplied,
  leftAnew,
  lostBatch,
  newForeignFiles,
  nothingMatches,
  type TakenIn,
  takenIn,
} from './foreign-pending.ts';
import { isExact } from './foreign-schema.ts';
import { publishQuarantine, quarantineKey, stageBatch } from './foreign-stage.ts';
import type { ForeignTable } from './foreign-table.ts';
import { applyLatest } from './latest.ts';

export interface ForeignOptions {
  /** The run's own id: what it stages is never another run's. */
  readonly attempt: string;
  /** The most files that are taken in one go, oldest first. Default: all. */
  readonly maxFiles?: number;
  /** Makes the table anew from every file that is there, whatever was taken in before. */
  readonly fullRefresh?: boolean;
}

/**
 * Takes change files that igarapé has not written into a bronze table, each file once, in one commit.
 *
 * The last change of a key counts, by (`orderBy`, the file's name, its folder, the row's number in it); no order value
 * is the least of all. So the delete of a row, which often has the order value of the row that it deletes, counts where
 * its file's name is the later one, as `clientes_20251004_120000.parquet` is after `clientes.parquet`. It counts over
 * everything that was ever taken in, so that files may come late, twice, or under other names.
 * What has been read stays true when its file is gone. A killed run is finished by the next one, from what it staged.
 *
 * @throws IgarapeError TABLE_UNREADABLE where a file lacks a column of the key or `orderBy`, or has a type that does
 * not go with the table's; CONFLICT, DELTA_CONFLICT where another run takes files in; CONFIG_INVALID, LAKE_…
 */
export async function applyForeignFiles(
  tables: LayerTables,
  table: ForeignTable,
  options: ForeignOptions,
): Promise<LayerReport> {
  return new ForeignRun(tables, table, options).run();
}

class ForeignRun {
  readonly #tables: LayerTables;
  readonly #table: ForeignTable;
  readonly #options: ForeignOptions;
  readonly #bronze: LayerTable;
  readonly #workDir: string;
  readonly #reasons: string[] = [];
  #isUnreadable = false;

  constructor(tables: LayerTables, table: ForeignTable, options: ForeignOptions) {
    this.#tables = tables;
    this.#table = table;
    this.#options = options;
    this.#bronze = { layer: 'bronze', name: table.name };
    this.#workDir = join(tables.edge.workDir, 'foreign', table.name);
  }

  async run(): Promise<LayerReport> {
    const taken = await takenIn(this.#tables, this.#table, this.#options.fullRefresh === true);
    const { newest } = taken.known;
    const left = newest && (await this.#finish(newest, leftAnew(newest)));
    const next = await this.#commitNext(taken);
    const done = next === undefined ? undefined : await this.#finish(next, taken.anew);
    const both = left !== undefined && done !== undefined ? sumReports(left, done) : (done ?? left);
    const report = both ?? {
      operation: 'unchanged',
      ...NO_ROWS,
      version: (await this.#tables.newest(this.#bronze))?.version ?? null,
    };
    const code = this.#isUnreadable ? ({ code: 'TABLE_UNREADABLE' } as const) : {};
    return withReasons({ ...report, ...code }, ...this.#reasons);
  }

  /** Reads what is new, and commits that it is taken; undefined where there is nothing. */
  async #commitNext({ log, known, anew }: TakenIn): Promise<ForeignBatch | undefined> {
    const { engine, storage } = this.#tables.edge;
    const { name, key, orderBy } = this.#table;
    const { attempt, maxFiles = Number.POSITIVE_INFINITY } = this.#options;
    const isFresh = anew !== undefined;
    const { files, isEmpty } = await newForeignFiles(this.#table.files, known);
    if (isEmpty) this.#reasons.push(nothingMatches(this.#table.files));
    if (files.length === 0) return undefined;
    await using helpers = new HelperTables(engine);
    const loaded = await loadForeignFiles(engine, helpers, {
      form: this.#table,
      source: this.#table.files,
      files,
      maxFiles: isFresh ? Number.POSITIVE_INFINITY : maxFiles,
      recorded: { columns: known.newest?.schema ?? [], orderType: known.newest?.orderType },
      workDir: join(this.#workDir, 'files'),
    });
    this.#tellUnreadable(loaded.unreadable);
    const { columns: schema, orderType } = loaded.schema;
    if (loaded.files.length === 0 || orderType === undefined) return undefined;
    await this.#checkWidening(known, loaded);
    const batch = (log.newest?.batch ?? -1) + 1;
    const stagedKey = stagedBatchKey(name, batch, attempt);
    const path = join(this.#workDir, `staged-${batch}.parquet`);
    const stage = await stageBatch(engine, storage, { rows: loaded.table, key, path, stagedKey });
    const form = { batch, attempt, key, orderBy, orderType, schema, files: loaded.files };
    const fresh = isFresh ? ({ fresh: true } as const) : {};
    return await commitBatch(storage, name, { ...form, ...stage, ...fresh }, log);
  }

  /** @throws IgarapeError TABLE_UNREADABLE where a recorded whole number has no double of its own */
  async #checkWidening({ newest }: BatchLog, { schema }: LoadedFiles): Promise<void> {
    const widened = schema.columns.filter(
      ({ name, type }) =>
        type === 'double' && newest?.schema.find((column) => sameName(column.name, name))?.type === 'bigint',
    );
    if (widened.length === 0) return;
    const bronze = await this.#tables.require(this.#bronze);
    for (const { name } of widened) {
      await using rows = await bronze.read();
      const inexact = `(${rows.sql}) WHERE NOT (${isExact(quoteName(name))})`;
      if ((await countRows(this.#tables.edge.engine, inexact)) === 0) continue;
      throw new IgarapeError(
        'TABLE_UNREADABLE',
        `bronze.${this.#table.name}: the column ${JSON.stringify(name)} has whole numbers of more than 15 digits, and new files have fractions in it: no type keeps both.`,
        { hint: 'Nothing was taken from this batch. Write the new files with decimals, or move them away.' },
      );
    }
  }

  /** Does what a committed batch still lacks; undefined where that is nothing. */
  async #finish(batch: ForeignBatch, anew: string | undefined): Promise<LayerReport | undefined> {
    const { engine, storage } = this.#tables.edge;
    const { name } = this.#table;
    const bronze = await this.#tables.find(this.#bronze);
    if (await isApplied(bronze, batch)) return undefined;
    const work = (file: string): string => join(this.#workDir, `${file}-${batch.batch}.parquet`);
    const staged = await storage.localFile(batch.staged.key, work('committed')).catch((error: unknown) => {
      throw error instanceof IgarapeError && error.code === 'LAKE_NOT_FOUND' ? lostBatch(name, error) : error;
    });
    await publishQuarantine(engine, storage, name, batch, { staged, path: work('quarantine') });
    await using keys = await mergeForeignKeys(this.#tables, name, batch, staged);
    await using known = await keys.read();
    await using helpers = new HelperTables(engine);
    const report = await applyLatest(this.#tables, this.#bronze, {
      schema: batch.schema,
      key: batch.key,
      app: batchApp(batch),
      anew,
      fullLoad: undefined,
      changes: await helpers.createAs(lastChangesQuery(batch, staged, known.sql)),
      isCompared: true,
    });
    this.#tellQuarantined(batch);
    await dropStaged(storage, name, batch.batch);
    return report;
  }

  #tellQuarantined({ batch, quarantined }: ForeignBatch): void {
    if (quarantined.length === 0) return;
    const rows = quarantined.map((each) => `${each.rows} with ${each.reason}`).join(', ');
    this.#reasons.push(
      `rows that cannot be applied, ${rows}, are in ${quarantineKey(this.#table.name, batch)}`,
    );
  }

  #tellUnreadable(files: readonly ForeignFile[]): void {
    const [first] = files;
    if (first === undefined) return;
    this.#isUnreadable = true;
    const others = files.length === 1 ? '' : ` and ${files.length - 1} more`;
    const since = new Date(first.modifiedMs).toISOString();
    this.#reasons.push(
      `${first.name}${others} cannot be read (yet), there since ${since}: the next run tries again`,
    );
  }
}
