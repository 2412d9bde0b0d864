import { setTimeout as sleep } from 'node:timers/promises';
import { CallError, type Channel } from './channel.ts';
import type { ExecuteAnswer, Plan } from './messages.ts';
import type { SparkProgress } from '../port.ts';
import { STATUS } from './spark-error.ts';

export interface ExecuteOptions {
  /** Stops the execution on the server, too. */
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: SparkProgress) => void;
}

/** So many times in a row the connection may be lost before an answer comes. */
const MOST_LOSSES = 8;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5000;
const ENDING = { timeoutMs: 5000 };

/**
 * Executes a plan, once: where the connection is lost on the way, the answers that are missing are asked for again.
 *
 * @param id Of the execution: a new UUID.
 * @returns The Arrow IPC streams of the rows.
 * @throws CallError; the signal's reason
 */
export async function* execute(
  channel: Channel,
  id: string,
  plan: Plan,
  { signal, onProgress }: ExecuteOptions,
): AsyncGenerator<Uint8Array> {
  const stop = new AbortController();
  const interrupt = (): void => {
    const ask = { interrupt_type: 'OPERATION_ID', operation_id: id };
    // Where the server does not hear it any more, there is nothing to be stopped.
    void channel
      .unary('Interrupt', ask, ENDING)
      .catch(() => undefined)
      .finally(() => stop.abort());
  };
  signal.throwIfAborted();
  signal.addEventListener('abort', interrupt, { once: true });
  let [last, losses, isSent, isDone] = ['', 0, false, false];
  try {
    while (!isDone) {
      try {
        for await (const answer of answersOf(channel, id, isSent ? { last } : { plan }, stop.signal)) {
          isSent = true;
          losses = 0;
          last = answer.response_id === '' ? last : answer.response_id;
          if (answer.result_complete !== undefined) {
            isDone = true;
            break;
          }
          if (answer.execution_progress !== undefined) onProgress?.(sumOf(answer.execution_progress));
          if (answer.arrow_batch !== undefined) yield answer.arrow_batch.data;
        }
      } catch (error) {
        signal.throwIfAborted();
        if (!isLoss(error) && !(last === '' && isUnknown(error))) throw error;
        if (losses >= MOST_LOSSES) throw error;
        // It may have arrived all the same: only the server knows.
        isSent = !isUnknown(error);
      }
      signal.throwIfAborted();
      if (isDone) break;
      losses += 1;
      if (losses > MOST_LOSSES) throw new RangeError('A server ends every call without an answer.');
      await sleep(Math.min(FIRST_WAIT_MS * 2 ** (losses - 1), LONGEST_WAIT_MS), undefined, { signal });
    }
  } finally {
    signal.removeEventListener('abort', interrupt);
    // What is not released, the server drops by itself after a while.
    await channel
      .unary('ReleaseExecute', { operation_id: id, release_all: {} }, ENDING)
      .catch(() => undefined);
  }
}

function answersOf(
  channel: Channel,
  id: string,
  ask: { readonly plan: Plan } | { readonly last: string },
  stop: AbortSignal,
): AsyncGenerator<ExecuteAnswer> {
  if ('plan' in ask) {
    const reattachable = [{ reattach_options: { reattachable: true } }];
    const body = { plan: ask.plan, operation_id: id, request_options: reattachable };
    return channel.stream('ExecutePlan', body, stop);
  }
  const seen = ask.last === '' ? {} : { last_response_id: ask.last };
  return channel.stream('ReattachExecute', { operation_id: id, ...seen }, stop);
}

/** True where the connection is gone, or was cut by something between here and the server. */
export function isLoss(error: unknown): boolean {
  if (!(error instanceof CallError) || error.error.errorClass !== undefined) return false;
  const { UNAVAILABLE, CANCELLED, INTERNAL } = STATUS;
  const isCut = error.status === INTERNAL && /RST_STREAM|GOAWAY/.test(error.message);
  return error.status === UNAVAILABLE || error.status === CANCELLED || isCut;
}

/** True where the server has never heard of an execution. */
function isUnknown(error: unknown): boolean {
  return error instanceof CallError && error.error.errorClass === 'INVALID_HANDLE.OPERATION_NOT_FOUND';
}

function sumOf({ stages }: NonNullable<ExecuteAnswer['execution_progress']>): SparkProgress {
  const sum = (count: (stage: (typeof stages)[number]) => number): number =>
    stages.reduce((total, stage) => total + count(stage), 0);
  return { doneTasks: sum((stage) => stage.num_completed_tasks), tasks: sum((stage) => stage.num_tasks) };
}
