import { type ExitCode, worstExitCode } from '../../core/errors.ts';
import { readNewestEntry } from '../../lake/ledger.ts';
import type { Edge, RunRequest } from '../context.ts';
import { openCluster } from '../cluster.ts';
import { withRunDir } from '../run-dir.ts';
import { type Check, check } from './check.ts';
import { type CredentialEdge, lookAtCredentials } from './credentials.ts';
import {
  lookAtAccess,
  lookAtClock,
  lookAtConditionalCreate,
  lookAtLedger,
  lookAtRights,
  lookAtTables,
} from './lake.ts';
import { lookAtNode, lookAtWorkDir } from './machine.ts';
import { lookAtSource } from './source.ts';
import { lookAtLakeFromSpark, lookAtSpark } from './spark.ts';

export interface DoctorReport {
  readonly ok: boolean;
  /** In the order in which they were made. What could not be looked at, for something before it is broken, is left out. */
  readonly checks: readonly Check[];
  readonly exitCode: ExitCode;
}

export interface DoctorRequest {
  /** Opens the configuration and what it names; throws what is wrong with it. */
  readonly open: () => Promise<OpenProject>;
  /** Of Node.js: `v20.19.0`. */
  readonly nodeVersion: string;
}

export interface OpenProject extends RunRequest {
  readonly edge: Edge;
  readonly credentials: Pick<CredentialEdge, 'env' | 'home'>;
}

/** Checks everything that a run needs, and changes nothing: what is tried out in the lake is removed again. */
export async function doctor({ open, nodeVersion }: DoctorRequest): Promise<DoctorReport> {
  const checks: Check[] = [];
  let project: OpenProject | undefined;
  checks.push(
    await check('configuration', async () => {
      project = await open();
      const { source, config, storage } = project;
      const count = config.tables.length + config.foreignTables.length;
      const from = source === undefined ? 'change files of others' : source.id;
      return {
        found:
          count === 1
            ? `one table, from ${from} to ${storage.uri}`
            : `${count} tables, from ${from} to ${storage.uri}`,
      };
    }),
    await check('node', () => lookAtNode(nodeVersion)),
  );
  if (project !== undefined) checks.push(...(await checkProject(project)));
  const exitCode = worstExitCode(checks.map((each) => each.exitCode));
  return { ok: exitCode === 0, checks, exitCode };
}

async function checkProject(project: OpenProject): Promise<Check[]> {
  const { config, storage, source, edge, credentials } = project;
  const workDir = await check('work folder', () => lookAtWorkDir(config.workDir, edge.newId()));
  const found = [
    workDir,
    await check('credentials', () => lookAtCredentials(config, { ...edge, ...credentials })),
  ];
  // The ledger saves the source a download; where it cannot be read, its own check says why.
  const newest = await readNewestEntry(storage).catch(() => undefined);
  if (source !== undefined)
    found.push(await check('source', () => lookAtSource(config, source, newest, edge)));
  const access = await check('lake access', () => lookAtAccess(storage));
  found.push(access);
  if (access.ok) {
    const id = edge.newId();
    found.push(await check('conditional create', () => lookAtConditionalCreate(storage, id)));
    if (workDir.ok) {
      found.push(
        await check('lake rights', () =>
          withRunDir(config.workDir, edge, (folder) => lookAtRights(storage, id, folder)),
        ),
      );
    }
    const ledger = await check('ledger', () => lookAtLedger(storage, source?.id, config.source));
    found.push(await check('clock', () => lookAtClock(storage, id, edge.clock)), ledger);
    if (ledger.ok) found.push(await check('tables', () => lookAtTables(config, newest)));
  }
  return [...found, ...(await checkSpark(project, access.ok))];
}

async function checkSpark(project: OpenProject, hasLake: boolean): Promise<Check[]> {
  const { config, storage, edge, credentials } = project;
  await using cluster = openCluster(config, { ...edge, env: credentials.env });
  if (cluster === undefined) return [];
  const spark = await check('spark', () => lookAtSpark(cluster, edge.clock));
  if (!spark.ok || !hasLake) return [spark];
  return [spark, await check('lake from spark', () => lookAtLakeFromSpark(cluster, storage, edge.newId()))];
}
