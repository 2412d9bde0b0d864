import type { CycleMemory } from '../pipeline/cycle-memory.ts';
import { toldCycle } from '../pipeline/cycle.ts';
import { runOnce, type RunResult } from '../pipeline/run.ts';
import type { Project } from './project.ts';
import { type RequestOptions, runRequest } from './run-request.ts';
import type { Session } from './session.ts';
import { program } from './version.ts';

/** One cycle, by the options of a command line. @throws as {@link runOnce} */
export async function runCycle(
  project: Project,
  options: RequestOptions,
  session: Session,
  signal: AbortSignal,
  memory?: CycleMemory,
): Promise<RunResult> {
  project.log.debug({ lake: project.storage.uri, ...options }, 'running');
  const { config, storage, env } = project;
  const cycle = { config, storage, env, writer: program(), redact: session.redactor.text };
  return toldCycle(cycle, project.edge(signal), async (edge) =>
    runOnce(
      { ...(await runRequest(project, options)), ...(memory === undefined ? {} : { memory }) },
      edge,
      program(),
    ),
  );
}
