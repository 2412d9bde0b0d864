import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const TSX = import.meta.resolve('tsx');

/**
 * Runs a TypeScript file as a process, with a JSON document as its argument; resolves the signal that it died by, null
 * where it came to its end.
 */
export async function runScript(script: URL, order: unknown): Promise<NodeJS.Signals | null> {
  const child = spawn(
    process.execPath,
    ['--no-warnings', '--import', TSX, fileURLToPath(script), JSON.stringify(order)],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
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
