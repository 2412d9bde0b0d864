import { sparkEngine } from '../config/environment.ts';
import type { EngineName, RunRequest, Stage } from '../pipeline/context.ts';
import type { Project } from './project.ts';

/** The options that `run` and `plan` share. */
export interface RequestOptions {
  readonly skipDownload?: true;
  readonly tables?: readonly string[];
  readonly approve?: readonly string[];
  readonly reload?: readonly string[];
  readonly only?: readonly Stage[];
  readonly models?: readonly string[];
  readonly fullRefresh?: true;
  readonly engine?: EngineName;
  readonly adoptPrefix?: true;
  readonly sourceMoved?: true;
}

/** The request that the options of a command line make. */
export async function runRequest(
  project: Project,
  {
    tables,
    approve,
    reload,
    only,
    models,
    fullRefresh,
    engine,
    skipDownload,
    adoptPrefix,
    sourceMoved,
  }: RequestOptions,
): Promise<RunRequest> {
  return {
    config: withEngine(project, engine),
    storage: project.storage,
    source: await project.openSource(),
    env: project.env,
    ...(tables === undefined ? {} : { tables }),
    ...(approve === undefined ? {} : { approve }),
    ...(reload === undefined ? {} : { reload }),
    ...(only === undefined ? {} : { only }),
    ...(models === undefined ? {} : { models }),
    ...(fullRefresh === undefined ? {} : { fullRefresh }),
    skipDownload: skipDownload ?? false,
    adoptPrefix: adoptPrefix ?? false,
    sourceMoved: sourceMoved ?? false,
  };
}

function withEngine({ config, env }: Project, engine: EngineName | undefined): Project['config'] {
  if (engine === undefined) return config;
  return { ...config, engine: engine === 'spark' ? sparkEngine(config.engine, env) : { type: 'duckdb' } };
}
