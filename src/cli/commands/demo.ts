import { randomUUID } from 'node:crypto';
import { resolve as resolvePath } from 'node:path';
import { silentLogger } from '../../core/log.ts';
import { runDemo } from '../demo/demo.ts';
import { invocation } from '../invocation.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../print.ts';
import { renderDemo } from '../render/demo.ts';
import { untilStopped } from '../stop.ts';
import { program } from '../version.ts';

export interface DemoOptions {
  readonly lake: string;
}

export async function command(
  _args: readonly string[],
  { lake }: DemoOptions,
  globals: GlobalOptions,
): Promise<number> {
  const { screen } = globals.session;
  const cwd = process.cwd();
  const call = invocation(process.argv[1] ?? '', cwd, process.env);
  const request = { folder: resolvePath(cwd, lake), cwd, writer: program(), call };
  const onStep = (step: string): void => {
    if (screen.isTerminal) screen.status(`${step} …`);
    else if (globals.json !== true) screen.write(`${step}\n`);
  };
  return untilStopped(async (signal) => {
    const edge = {
      clock: Date.now,
      newId: shortId,
      log: silentLogger,
      onProgress: () => undefined,
      signal,
    };
    print(await runDemo(request, edge, onStep), globals, renderDemo);
    return 0;
  });
}

/** Nothing else writes to this lake meanwhile, and the names are shown. */
function shortId(): string {
  return randomUUID().slice(0, 8);
}
