import { styleText } from 'node:util';
import type { Logger, Progress, ProgressListener } from '../core/log.ts';
import { say } from './language.ts';
import { size } from './render/format.ts';
import { followRun } from './run-phase.ts';
import type { Screen } from './screen.ts';
import type { Session } from './session.ts';

const REDRAW_MS = 100;

/**
 * Shows how far a run has come: on a terminal as one bar below the log's lines, elsewhere as a line of the log when a
 * long step begins and when it ends.
 */
export function showProgress({ screen }: Session, log: Logger, hasLayers: boolean): ProgressListener {
  return screen.isTerminal ? drawRun(new RunBar(screen, Date.now), followRun(hasLayers)) : logSteps(log);
}

function drawRun(bar: RunBar, follow: ReturnType<typeof followRun>): ProgressListener {
  return (progress) => {
    const { share, phase } = follow(progress);
    bar.show(phase, share, progress);
  };
}

/** The one bar of a run: `comparing clientes  ━━━━━━──────  25 %  0:12, 0:36 left  1.2 of 4.8 MB, 0.4 MB/s`. */
export class RunBar {
  readonly #screen: Screen;
  readonly #now: () => number;
  readonly #startedMs: number;
  #drawnMs = 0;
  #phase = '';
  #bytesSince = { atMs: 0, done: 0 };

  /** @param now Milliseconds since 1970. */
  constructor(screen: Screen, now: () => number) {
    this.#screen = screen;
    this.#now = now;
    this.#startedMs = now();
  }

  /** @param share From 0 to 1. */
  show(phase: string, share: number, bytes?: Pick<Progress, 'step' | 'done' | 'total'>): void {
    const nowMs = this.#now();
    if (phase === this.#phase && nowMs - this.#drawnMs < REDRAW_MS) return;
    if (phase !== this.#phase) this.#bytesSince = { atMs: nowMs, done: bytes?.done ?? 0 };
    this.#phase = phase;
    this.#drawnMs = nowMs;
    const elapsedMs = nowMs - this.#startedMs;
    const parts = [phase, bar(share), timesText(elapsedMs, share), this.#bytesText(nowMs, bytes)];
    this.#screen.status(parts.filter((part) => part !== '').join('  '), { isBusy: true });
  }

  #bytesText(nowMs: number, progress?: Pick<Progress, 'step' | 'done' | 'total'>): string {
    if (progress?.step !== 'download' && progress?.step !== 'upload') return '';
    const { done, total } = progress;
    const since = this.#bytesSince;
    const seconds = (nowMs - since.atMs) / 1000;
    const rate = seconds < 1 ? '' : `, ${size((done - since.done) / seconds)}/s`;
    return `${total === undefined ? size(done) : say(`${size(done)} of ${size(total)}`)}${rate}`;
  }
}

/** What has passed, and once it can be told, about what is left. */
function timesText(elapsedMs: number, share: number): string {
  if (elapsedMs < FIRST_TOLD_MS) return '';
  const isKnown = share >= 0.05 && share < 1;
  const left = isKnown ? say(`, ${clock((elapsedMs * (1 - share)) / share)} left`) : '';
  return `${clock(elapsedMs)}${left}`;
}

const FIRST_TOLD_MS = 2000;

function clock(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

const LOGGED = { download: 'downloading', read: 'reading', upload: 'uploading' } as const;

function logSteps(log: Logger): ProgressListener {
  /** Of each table, for some are worked on at once. */
  const current = new Map<string | undefined, string>();
  return ({ step, table, done, total }) => {
    if (!isLogged(step)) return;
    const name = table === undefined ? LOGGED[step] : `${LOGGED[step]} ${table}`;
    const fields = {
      step,
      ...(table === undefined ? {} : { table }),
      ...(total === undefined ? {} : { total }),
    };
    if (name !== current.get(table)) log.info(fields, name);
    const isOver = total !== undefined && done >= total;
    if (isOver) log.info({ ...fields, done }, `${name}: done`);
    current.set(table, isOver ? '' : name);
  };
}

function isLogged(step: Progress['step']): step is keyof typeof LOGGED {
  return step in LOGGED;
}

const BAR_WIDTH = 16;

/** `━━━━━━──────────  25 %`, for a share from 0 to 1. */
function bar(share: number): string {
  const part = Math.min(1, Math.max(0, share));
  const full = Math.round(part * BAR_WIDTH);
  const done = styleText('cyan', '━'.repeat(full), { stream: process.stderr });
  return `${done}${'─'.repeat(BAR_WIDTH - full)} ${String(Math.floor(part * 100)).padStart(3)} %`;
}
