import { asIgarapeError, type ExitCode } from '../core/errors.ts';
import type { CycleMemory } from '../pipeline/cycle-memory.ts';
import type { RunReport } from '../pipeline/report.ts';
import { notified } from '../pipeline/notify/notified.ts';
import { runOnce } from '../pipeline/run.ts';
import type { LastRun } from './last-run.ts';
import { errorDocument } from './print-error.ts';
import type { Project } from './project.ts';
import { type RequestOptions, runRequest } from './run-request.ts';
import type { Session } from './session.ts';
import { program } from './version.ts';

/** One cycle, and what is remembered of it. A cycle that throws is remembered, too: see `thrown`. */
export type Cycle =
  | { readonly report: RunReport; readonly exitCode: ExitCode; readonly last: LastRun }
  | { readonly thrown: unknown; readonly last: LastRun };

export async function runCycle(
  project: Project,
  options: RequestOptions,
  session: Session,
  signal: AbortSignal,
  memory?: CycleMemory,
): Promise<Cycle> {
  project.log.debug({ lake: project.storage.uri, ...options }, 'running');
  try {
    const { config, storage, env } = project;
    const told = { config, storage, env, writer: program(), redact: session.redactor.text };
    const { report, exitCode } = await notified(told, project.edge(signal), async (edge) =>
      runOnce(
        { ...(await runRequest(project, options)), ...(memory === undefined ? {} : { memory }) },
        edge,
        program(),
      ),
    );
    return { report, exitCode, last: { ...ended(), exitCode, report, error: null } };
  } catch (thrown) {
    const error = asIgarapeError(thrown);
    const last = { ...ended(), exitCode: error.exitCode, report: null, ...errorDocument(error, { session }) };
    return { thrown, last };
  }
}

function ended(): Pick<LastRun, 'endedAt' | 'nextAt'> {
  return { endedAt: new Date().toISOString(), nextAt: null };
}
