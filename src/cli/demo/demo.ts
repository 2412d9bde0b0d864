import { stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { ensureFolder } from '../../core/ensure-folder.ts';
import { IgarapeError } from '../../core/errors.ts';
import { Engine } from '../../engine/engine.ts';
import { readLedger } from '../../lake/ledger.ts';
import type { TableReport } from '../../lake/ledger-entry.ts';
import type { VerifyReport } from '../../lake/verify.ts';
import type { LayerReport } from '../../medallion/report.ts';
import type { Edge } from '../../pipeline/context.ts';
import { toldCycle } from '../../pipeline/cycle.ts';
import { runOnce } from '../../pipeline/run.ts';
import { withRunDir } from '../../pipeline/run-dir.ts';
import { verify } from '../../pipeline/verify.ts';
import { openAnySource } from '../../source/open.ts';
import { openStorage } from '../../storage/open.ts';
import type { Storage } from '../../storage/port.ts';
import { say } from '../language.ts';
import { type DemoDay, demoTables, writeDemoDay } from './data.ts';
import { makeDemoFolder } from './folder.ts';
import { nextCommands } from './next-commands.ts';
import { sourceFolder, writeDemoProject } from './project.ts';
import { measure, type MeasuredSize } from './sizes.ts';

export interface DemoReport {
  /** The demonstration's folder, absolute. */
  readonly folder: string;
  readonly days: readonly DayReport[];
  readonly verified: VerifyReport;
  /** Of each table on the first day. */
  readonly sizes: Readonly<Record<string, MeasuredSize>>;
  /** What the source held on the days after the first, and what their change files take, in bytes. */
  readonly later: { readonly csv: number; readonly changeFiles: number };
  /** Every object of the lake. */
  readonly files: readonly { readonly key: string; readonly bytes: number }[];
  readonly elapsedMs: number;
  /** Commands to try, as lines for a shell in the current folder; the first goes to the demonstration's. */
  readonly next: readonly string[];
}

export interface DayReport {
  readonly day: DemoDay;
  /** When the run of this day takes place in the demonstration's time: ISO 8601, UTC. */
  readonly at: string;
  readonly run: number | null;
  readonly csvBytes: number;
  readonly tables: Readonly<Record<string, TableReport>>;
  readonly layers: Readonly<Record<string, LayerReport>>;
}

export interface DemoRequest {
  /** Absolute. */
  readonly folder: string;
  readonly cwd: string;
  /** Name and version of the program. */
  readonly writer: string;
  /** How a shell in `folder` calls the program: `npx igarape`. */
  readonly call: string;
}

/** What a demonstration is doing, in a few words. */
export type StepListener = (step: string) => void;

/** The invented data of each day end at midnight; its run is a little later. */
const RUN_TIMES: Readonly<Record<DemoDay, number>> = {
  1: Date.UTC(2025, 2, 10, 1),
  2: Date.UTC(2025, 2, 11, 1),
  3: Date.UTC(2025, 2, 12, 1),
};
const DAYS = [1, 2, 3] as const;

/** What the listener is told of: two steps a day, the measuring and the proof. */
export const DEMO_STEPS: number = 2 * DAYS.length + 2;

/**
 * The whole stream on three generated days of a loyalty system: a full-load, two sets of changes, and the proof that
 * they give the last snapshot. Leaves the lake, the last day's CSV files and a configuration in the folder.
 *
 * @throws IgarapeError USAGE where the folder holds what no demonstration made.
 */
export async function runDemo(request: DemoRequest, edge: Edge, onStep: StepListener): Promise<DemoReport> {
  const { folder, cwd, call } = request;
  const startedMs = edge.clock();
  await makeDemoFolder(folder);
  const config = await writeDemoProject(folder);
  const storage = await openStorage(config.lake);
  return withRunDir(config.workDir, edge, async (runDir) => {
    const engine = Engine.open({ memoryLimit: config.memoryLimit, spillDir: join(runDir, 'spill') });
    try {
      const days: DayReport[] = [];
      let sizes: Record<string, MeasuredSize> = {};
      for (const day of DAYS) {
        edge.signal.throwIfAborted();
        days.push(await runDay(day, { request, edge, config, storage, engine, onStep }));
        if (day !== 1) continue;
        onStep(say('measuring CSV against Parquet'));
        sizes = await measureTables(engine, folder, storage, runDir);
      }
      onStep(say('proving the last day'));
      const verified = await verify({ config, storage }, edge, undefined, { sample: true });
      if (!verified.ok)
        throw new IgarapeError('LAKE_DIFFERS', 'The published files do not give the last snapshot.');
      return {
        folder,
        days,
        verified,
        sizes,
        later: await laterBytes(storage, days),
        files: await filesOf(storage),
        elapsedMs: edge.clock() - startedMs,
        next: nextCommands(folder, cwd, call),
      };
    } finally {
      engine.close();
    }
  });
}

interface DemoContext {
  readonly request: DemoRequest;
  readonly edge: Edge;
  readonly config: Config;
  readonly storage: Storage;
  readonly engine: Engine;
  readonly onStep: StepListener;
}

async function runDay(day: DemoDay, context: DemoContext): Promise<DayReport> {
  const { request, edge, config, storage, engine, onStep } = context;
  const runMs = RUN_TIMES[day];
  const source = sourceFolder(request.folder);
  onStep(say(`day ${day} of ${DAYS.length}: writing CSV`));
  await writeDemoDay(engine, day, source);
  let csvBytes = 0;
  for (const { name } of demoTables) {
    const path = join(source, `${name}.csv`);
    await utimes(path, runMs / 1000, runMs / 1000);
    csvBytes += (await stat(path)).size;
  }
  onStep(say(`day ${day} of ${DAYS.length}`));
  const startedMs = edge.clock();
  // The run is at its time to the second; how long it takes is as it is.
  const passing: Edge = { ...edge, clock: () => runMs + edge.clock() - startedMs };
  const { report } = await toldCycle(
    { config, storage, env: {}, writer: request.writer },
    passing,
    async (told) =>
      runOnce(
        { config, storage, source: await openAnySource(config.source, { env: {} }) },
        { ...told, clock: () => runMs },
        request.writer,
      ),
  );
  const { run, tables, layers = {} } = report;
  return { day, at: new Date(runMs).toISOString(), run, csvBytes, tables, layers };
}

async function measureTables(
  engine: Engine,
  folder: string,
  storage: Storage,
  runDir: string,
): Promise<Record<string, MeasuredSize>> {
  const scratch = join(runDir, 'measured');
  await ensureFolder(scratch);
  const first = (await readLedger(storage, 0).next()).value;
  const sizes: Record<string, MeasuredSize> = {};
  for (const { name } of demoTables) {
    const key = first?.tables[name]?.file?.key;
    if (key === undefined) throw new RangeError(`The first day has a full-load of ${name}.`);
    const parquet = await storage.localFile(key, join(scratch, 'full-load.parquet'));
    sizes[name] = await measure(engine, { csv: join(sourceFolder(folder), `${name}.csv`), parquet }, scratch);
  }
  return sizes;
}

async function laterBytes(storage: Storage, days: readonly DayReport[]): Promise<DemoReport['later']> {
  let changeFiles = 0;
  for await (const { sizeBytes } of storage.list('cdc/')) changeFiles += sizeBytes;
  const csv = days.filter(({ day }) => day > 1).reduce((sum, { csvBytes }) => sum + csvBytes, 0);
  return { csv, changeFiles };
}

async function filesOf(storage: Storage): Promise<{ key: string; bytes: number }[]> {
  const files: { key: string; bytes: number }[] = [];
  for await (const { key, sizeBytes } of storage.list('')) files.push({ key, bytes: sizeBytes });
  return files;
}
