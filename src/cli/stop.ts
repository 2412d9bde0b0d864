import { constants } from 'node:os';
import { IgarapeError } from '../core/errors.ts';
import { isEngineBusy } from '../engine/running.ts';

const STOP_SIGNALS = ['SIGINT', 'SIGTERM'] as const;
type StopSignal = (typeof STOP_SIGNALS)[number];

/** A process that is told to stop has ten seconds in all. */
const GRACE_MS = 8500;

/**
 * Runs `work` with a signal that aborts on SIGINT and SIGTERM. A second one of these ends the process at once, and so
 * does the end of ten seconds: whatever was not committed by then is dropped by the next run.
 *
 * Work that fails once it was told to stop throws `STOPPED`; work that came to its end resolves as ever.
 */
export async function untilStopped<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let stoppedBy: StopSignal | undefined;
  let timer: NodeJS.Timeout | undefined;
  const stop = (signal: StopSignal): void => {
    const exit = (): void => endProcess(128 + constants.signals[signal], signal);
    if (stoppedBy !== undefined) exit();
    stoppedBy = signal;
    timer = setTimeout(exit, GRACE_MS).unref();
    controller.abort(new DOMException('The process was told to stop.', 'AbortError'));
  };
  for (const signal of STOP_SIGNALS) process.on(signal, stop);
  try {
    return await work(controller.signal);
  } catch (error) {
    throw stoppedBy === undefined ? error : new Stopped(stoppedBy, error);
  } finally {
    clearTimeout(timer);
    for (const signal of STOP_SIGNALS) process.off(signal, stop);
  }
}

/**
 * Ends the process now. An exit would wait for what the engine is at, and some of that cannot be interrupted; a signal
 * does not, and to the shell its exit code is the same.
 */
export function endProcess(exitCode: number, signal: StopSignal = 'SIGTERM'): void {
  if (!isEngineBusy()) process.exit(exitCode);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

/** Work was given up, for the process was told to stop. As the shell has it, it exits with 128 and the signal's number. */
export class Stopped extends IgarapeError {
  readonly processExitCode: number;

  constructor(signal: StopSignal, cause: unknown) {
    super('STOPPED', `Stopped by ${signal}: what was not committed yet is dropped.`, {
      hint: 'Nothing is lost: give the same command again to go on.',
      retryable: true,
      cause,
    });
    this.processExitCode = 128 + constants.signals[signal];
  }
}
