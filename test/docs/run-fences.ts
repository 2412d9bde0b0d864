import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Fence } from './fences.ts';

/** A fence that is run, and the one after it, which shows a part of what it prints. */
export interface Step extends Fence {
  readonly next: Fence | undefined;
}

export const FENCE_TIMEOUT_MS = 300_000;

export function stepsOf(fences: readonly Fence[]): Step[] {
  return fences.map((fence, index) => ({ ...fence, next: fences[index + 1] }));
}

/** Runs a shell's commands, up to the first that fails; resolves what they print, and the folder that they end in. */
export async function runShell(
  text: string,
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<{ readonly lines: readonly string[]; readonly cwd: string }> {
  const script = `set -euo pipefail\n${text}\nprintf '\\n%s' "$PWD"`;
  const { stdout } = await promisify(execFile)('bash', ['-c', script], {
    ...options,
    timeout: FENCE_TIMEOUT_MS,
  });
  const lines = stdout.split('\n');
  const cwd = lines.pop() ?? options.cwd;
  return { lines, cwd };
}

/** The lines of a step's shown output that begin none of the lines that were printed. */
export function missingLines({ next }: Step, lines: readonly string[]): string[] {
  if (next?.info !== 'text output') return [];
  const printed = lines.map(comparable);
  const shown = next.text.trimEnd().split('\n');
  return shown.filter((line) => !printed.some((candidate) => candidate.startsWith(comparable(line))));
}

/** What differs from run to run is made equal: times in file names, a version's hash, the width of columns. */
function comparable(line: string): string {
  return line
    .replaceAll(/\d{8}_\d{6}/g, 'YYYYMMDD_HHMMSS')
    .replaceAll(/version [0-9a-f]{16}/g, 'version HASH')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
