import { styleText } from 'node:util';
import type { Logger, Progress, ProgressListener } from '../core/log.ts';
import type { Session } from './session.ts';

const REDRAW_MS = 100;
const WORDS = { download: 'downloading', read: 'reading', upload: 'uploading' } as const;

/**
 * Shows how far a long step has come: on a terminal as a bar below the log's lines, elsewhere as a line of the log when
 * a step begins and when it ends.
 */
export function showProgress({ screen }: Session, log: Logger): ProgressListener {
  return screen.isTerminal ? drawBars((text) => screen.status(text)) : logSteps(log);
}

function drawBars(draw: (text: string) => void): ProgressListener {
  let shown = '';
  let drawnMs = 0;
  return (progress) => {
    const name = nameOf(progress);
    const nowMs = Date.now();
    if (name === shown && nowMs - drawnMs < REDRAW_MS && !isOver(progress)) return;
    shown = name;
    drawnMs = nowMs;
    draw(isOver(progress) ? '' : progressLine(progress));
  };
}

function logSteps(log: Logger): ProgressListener {
  let current = '';
  return (progress) => {
    const { step, table, done, total } = progress;
    const name = nameOf(progress);
    const fields = {
      step,
      ...(table === undefined ? {} : { table }),
      ...(total === undefined ? {} : { total }),
    };
    if (name !== current) log.info(fields, name);
    if (isOver(progress)) log.info({ ...fields, done }, `${name}: done`);
    current = isOver(progress) ? '' : name;
  };
}

function isOver({ done, total }: Progress): boolean {
  return total !== undefined && done >= total;
}

function nameOf({ step, table }: Progress): string {
  return table === undefined ? WORDS[step] : `${WORDS[step]} ${table}`;
}

const BAR_WIDTH = 24;

/** `downloading clientes ━━━━━━──────  25 %  1.2 of 4.8 MB` */
export function progressLine(progress: Progress): string {
  const { done, total } = progress;
  if (total === undefined || total === 0)
    return [nameOf(progress), done === 0 ? '…' : bytes(done)].join('  ');
  const amounts = progress.step === 'read' ? '' : `  ${bytes(done)} of ${bytes(total)}`;
  return `${nameOf(progress)}  ${bar(done / total)}${amounts}`;
}

/** `━━━━━━──────────────────  25 %`, for a share from 0 to 1. */
export function bar(share: number): string {
  const part = Math.min(1, Math.max(0, share));
  const full = Math.round(part * BAR_WIDTH);
  const done = styleText('cyan', '━'.repeat(full), { stream: process.stderr });
  return `${done}${'─'.repeat(BAR_WIDTH - full)} ${String(Math.floor(part * 100)).padStart(3)} %`;
}

const MEGABYTE = 1_000_000;

function bytes(count: number): string {
  return `${(count / MEGABYTE).toFixed(1)} MB`;
}
