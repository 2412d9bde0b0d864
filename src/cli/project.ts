import { randomUUID } from 'node:crypto';
import { homedir } from 'node:os';
import type { Config } from '../config/config.ts';
import type { Environment } from '../config/environment.ts';
import { loadConfig } from '../config/load.ts';
import type { Logger } from '../core/log.ts';
import type { Edge } from '../pipeline/context.ts';
import { openAnySource } from '../source/open.ts';
import type { Source } from '../source/port.ts';
import { openStorage } from '../storage/open.ts';
import type { Storage } from '../storage/port.ts';
import { openLog } from './log.ts';
import type { GlobalOptions } from './options.ts';
import { showProgress } from './progress.ts';
import { secretsOf } from './secrets.ts';

/** A configuration with everything that it names, open. */
export interface Project {
  readonly config: Config;
  readonly storage: Storage;
  /** The environment, and what the `.env` beside the configuration adds. Holds secrets. */
  readonly env: Environment;
  /** The log of the run under way. */
  readonly log: Logger;
  /** Undefined where the configuration names none. */
  openSource(): Promise<Source | undefined>;
  edge(signal: AbortSignal): Edge;
  /** The same for another run, whose log lines have an id of their own. */
  nextRun(): Project;
}

/** @throws IgarapeError CONFIG_…, DISK_FULL; no more than the configuration is read, and nothing but the log written. */
export async function openProject(globals: GlobalOptions): Promise<Project> {
  const { session } = globals;
  // What the configuration itself is refused for may quote the environment.
  session.redactor.add(await secretsOf(process.env, homedir()));
  const loaded = await loadConfig({
    ...(globals.config === undefined ? {} : { file: globals.config }),
    cwd: process.cwd(),
    env: process.env,
  });
  const { env } = loaded;
  const config = { ...loaded.config, vars: { ...loaded.config.vars, ...globals.var } };
  session.redactor.add(await secretsOf(env, homedir()));
  session.log = await openLog(config.workDir, globals);
  const storage = await openStorage(config.lake, env);
  const { log: runLog } = session;

  const forRun = (): Project => {
    const log = runLog.correlated(randomUUID());
    session.logger = log;
    return {
      config,
      storage,
      env,
      log,
      openSource: () => openAnySource(config.source, { env }),
      edge: (signal) => ({
        clock: Date.now,
        newId: randomUUID,
        log,
        onProgress: showProgress(session, log, config.layers.length > 0),
        signal,
      }),
      nextRun: forRun,
    };
  };
  return forRun();
}
