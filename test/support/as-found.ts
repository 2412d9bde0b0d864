import { afterAll, expect } from 'vitest';
import { spoken } from '../../src/cli/language.ts';

const SIGNS = ['uncaughtException', 'unhandledRejection', 'SIGINT', 'SIGTERM', 'SIGHUP'];

/** Test files follow one another in a process: none may leave it otherwise than it was. */
function leavesTheProcessAsFound(): void {
  const found = stateOfProcess();
  const env = { ...process.env };
  afterAll(() => {
    const names = new Set([...Object.keys(env), ...Object.keys(process.env)]);
    // Their values may be secrets, and are not told.
    const changed = [...names].filter((name) => env[name] !== process.env[name]);
    expect({ ...stateOfProcess(), changed }).toEqual({ ...found, changed: [] });
  });
}

function stateOfProcess(): object {
  return {
    cwd: process.cwd(),
    argv: [...process.argv],
    exitCode: process.exitCode,
    umask: process.umask(),
    language: spoken(),
    listeners: SIGNS.map((name) => [name, process.listenerCount(name)]),
  };
}

leavesTheProcessAsFound();
