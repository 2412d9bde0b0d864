import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface ForeignOrder {
  /** Holds the lake and the files. */
  readonly folder: string;
  /** Before which of its writes the process kills itself, counted from 1. */
  readonly write: number;
}

const SCRIPT = fileURLToPath(new URL('foreign-and-die.ts', import.meta.url));
const TSX = import.meta.resolve('tsx');

/** Takes files in by a process; resolves the signal that it died by, null where it came to its end. */
export async function applyInProcess(order: ForeignOrder): Promise<string | null> {
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
      if (signal === null && code !== 0) reject(new Error(`the process ended with ${code}: ${complaint}`));
      else resolve(signal);
    });
  });
}
