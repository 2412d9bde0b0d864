import type { EventEmitter } from 'node:events';
import { vi } from 'vitest';
import { speak } from '../../src/cli/language.ts';
import { main } from '../../src/cli/main.ts';
import { type CliEnd, environment } from './cli.ts';

/**
 * Calls the program in this process, in a folder of its own and the environment that `runCli` gives it: a fifth of what
 * it costs to start it. It runs one call after the other; what it has listened to is let go.
 */
export async function callCli(args: readonly string[], cwd: string): Promise<CliEnd> {
  const home = process.cwd();
  const { stdout, stderr, argv, env } = process;
  const written = { stdout: '', stderr: '' };
  const outputs = [
    vi.spyOn(stdout, 'write').mockImplementation((text) => ((written.stdout += String(text)), true)),
    vi.spyOn(stderr, 'write').mockImplementation((text) => ((written.stderr += String(text)), true)),
  ];
  const letGo = [
    listenersOf(process, () => ['uncaughtException']),
    listenersOf(stdout, () => stdout.eventNames()),
    listenersOf(stderr, () => stderr.eventNames()),
  ];
  process.chdir(cwd);
  process.argv = [argv[0] ?? '', 'igarape'];
  process.env = environment(cwd);
  try {
    return { exitCode: await main(args), ...written };
  } finally {
    process.chdir(home);
    process.argv = argv;
    process.env = env;
    await speak('en');
    for (const output of outputs) output.mockRestore();
    for (const letThoseGo of letGo) letThoseGo();
  }
}

/** Remembers who listens to events; the answer lets go all who have come since. */
function listenersOf(emitter: EventEmitter, names: () => (string | symbol)[]): () => void {
  const all = (): (readonly [string | symbol, Function])[] =>
    names().flatMap((name) => emitter.rawListeners(name).map((listener) => [name, listener] as const));
  const before = new Set(all().map(([, listener]) => listener));
  return () => {
    for (const [name, listener] of all())
      if (!before.has(listener)) emitter.off(name, listener as (...args: unknown[]) => void);
  };
}
