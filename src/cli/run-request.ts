import type { RunRequest } from '../pipeline/context.ts';
import type { Project } from './project.ts';

/** The options that `run` and `plan` share. */
export interface RequestOptions {
  readonly skipDownload?: true;
  readonly tables?: readonly string[];
  readonly approve?: readonly string[];
  readonly reload?: readonly string[];
}

/** The request that the options of a command line make. */
export async function runRequest(
  project: Project,
  { tables, approve, reload, skipDownload }: RequestOptions,
): Promise<RunRequest> {
  return {
    config: project.config,
    storage: project.storage,
    source: await project.openSource(),
    ...(tables === undefined ? {} : { tables }),
    ...(approve === undefined ? {} : { approve }),
    ...(reload === undefined ? {} : { reload }),
    skipDownload: skipDownload ?? false,
  };
}
