import type { StorageEnvironment, StorageLocation } from '../../src/storage/location.ts';
import { startScript } from '../support/script.ts';

/** What a racing process is told; it answers `ready`, waits for a line, and answers `won` or `lost`. */
export interface RaceOrder {
  readonly location: StorageLocation;
  readonly env: StorageEnvironment;
  readonly key: string;
  /** How many puts it does at once, each with a body of its own. */
  readonly puts: number;
}

const RACER = new URL('racer.ts', import.meta.url);

/** Lets `processes` real processes put one key at the same moment, and counts the puts that won. */
export async function race(processes: number, order: RaceOrder): Promise<number> {
  const racers = await Promise.all(Array.from({ length: processes }, () => startRacer(order)));
  await Promise.all(racers.map((racer) => racer.ready));
  const results = await Promise.all(racers.map((racer) => racer.go()));
  return results.reduce((sum, wins) => sum + wins, 0);
}

async function startRacer(order: RaceOrder): Promise<{ ready: Promise<void>; go: () => Promise<number> }> {
  const child = await startScript(RACER, order);
  child.stderr.pipe(process.stderr);
  let output = '';
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      const wins = /^won (\d+)$/m.exec(output)?.[1];
      if (code === 0 && wins !== undefined) resolve(Number(wins));
      else reject(new Error(`a racing process ended with ${code}`));
    });
  });
  const ready = new Promise<void>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.startsWith('ready')) resolve();
    });
    ended.catch(reject);
  });
  return {
    ready,
    go: () => {
      child.stdin.end('go\n');
      return ended;
    },
  };
}
