import type { RunRequest, Stage } from '../pipeline/context.ts';
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
  readonly adoptPrefix?: true;
}

/** The request that the options of a command line make. */
export async function runRequest(
  project: Project,
  { tables, approve, reload, only, models, fullRefresh, skipDownload, adoptPrefix }: RequestOptions,
): Promise<RunRequest> {
  return {
    config: project.config,
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
  };
}
