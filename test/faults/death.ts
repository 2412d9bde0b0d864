import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Lake } from './lakes.ts';

/** At which write a run dies; the first is 1. */
export interface DeathOrder {
  readonly lake: Lake;
  readonly write: number;
  readonly moment: 'before' | 'after';
  /** What its configuration has beside source and lake; the tables of the stories where it is left out. */
  readonly config?: object;
}

const SCRIPT = fileURLToPath(new URL('run-and-die.ts', import.meta.url));
const TSX = import.meta.resolve('tsx');

/** Runs a real process that kills itself; resolves the signal that it died by, null where it came to its end. */
export async function runAndDie(order: DeathOrder): Promise<NodeJS.Signals | null> {
  const child = spawn(process.execPath, ['--no-warnings', '--import', TSX, SCRIPT, JSON.stringify(order)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (signal === null && code !== 0) reject(new Error(`the run ended with ${code}: ${complaint}`));
      else resolve(signal);
    });
  });
}
