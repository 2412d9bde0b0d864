import { asIgarapeError, IgarapeError } from '../core/errors.ts';
import { refuseUnknownTables } from '../pipeline/context.ts';
import { CycleMemory } from '../pipeline/cycle-memory.ts';
import { type LoopEvent, runLoop } from '../schedule/loop.ts';
import { sleep } from '../schedule/sleep.ts';
import { runCycle } from './cycle.ts';
import { say } from './language.ts';
import type { GlobalOptions } from './options.ts';
import { printOutcome } from './print.ts';
import { printError } from './print-error.ts';
import type { Project } from './project.ts';
import { localTime } from './render/format.ts';
import { isQuiet, quietLine, renderRun } from './render/run.ts';
import type { RequestOptions } from './run-request.ts';
import { announceNext } from './schedule-notice.ts';
import { endProcess, untilStopped } from './stop.ts';

/**
 * Repeats cycles by the timer of the configuration until the process is told to stop, and then resolves 0. What a
 * cycle ends with is printed; an error does not end the loop.
 *
 * Approvals, reloads and a full refresh are for one run: they are given to each cycle until one has gone through.
 */
export async function runSchedule(
  project: Project,
  options: RequestOptions,
  globals: GlobalOptions,
): Promise<number> {
  const { config, log } = project;
  const { timer } = config;
  const { session } = globals;
  if (timer === undefined) {
    throw new IgarapeError('USAGE', 'The configuration has no timer, which --schedule needs.', {
      hint: 'Add one, for example "timer": { "unit": "hours", "value": 6 }, or run once without --schedule.',
    });
  }
  refuseUnknownTables({ ...options, config });
  const memory = new CycleMemory();
  let remaining = options;
  let announced: Promise<void> = Promise.resolve();

  const cycle = async (signal: AbortSignal): Promise<'done' | 'failed'> => {
    try {
      const { report, exitCode } = await runCycle(project.nextRun(), remaining, session, signal, memory);
      printOutcome({ result: report, exitCode }, globals, (shown, layout) =>
        isQuiet(shown) ? quietLine(shown, new Date()) : renderRun(shown, layout),
      );
      if (exitCode !== 0 && exitCode !== 4) return 'failed';
    } catch (error) {
      if (signal.aborted) log.info({}, 'the cycle was given up: nothing was committed');
      else printError(error, globals);
      if (asIgarapeError(error).exitCode !== 4) return 'failed';
    }
    const {
      approve: _approved,
      reload: _reloaded,
      fullRefresh: _refreshed,
      sourceMoved: _moved,
      ...rest
    } = remaining;
    remaining = rest;
    return 'done';
  };
  const onEvent = (event: LoopEvent): void => {
    if (event.kind === 'waiting') {
      const nextAt = new Date(event.untilMs);
      const at = localTime(nextAt);
      const fields = { nextAt, for: event.for, overran: event.overran };
      log[session.screen.isTerminal ? 'debug' : 'info'](fields, `next run at ${at}`);
      session.screen.status(say(`next run at ${at}; Ctrl-C ends`));
      announced = announced.then(() => announceNext(config.workDir, nextAt, log));
    }
    if (event.kind === 'stopping') log.info({ graceMs: event.graceMs }, 'stopping once the cycle has ended');
  };

  return untilStopped(async (signal) => {
    const end = await runLoop(
      { timer, cycle, signal, onEvent },
      { clock: Date.now, sleep, random: Math.random },
    );
    session.screen.status();
    log.info({ end }, 'stopped');
    await announced;
    // A cycle that does not end keeps the process alive; what it has staged is dropped by a later run.
    if (end === 'abandoned') endProcess(0);
    return 0;
  });
}
