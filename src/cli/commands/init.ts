import { basename, dirname, resolve as resolvePath } from 'node:path';
import type { ExitCode } from '../../core/errors.ts';
import { init } from '../init/init.ts';
import { terminalPrompt } from '../init/prompt.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../print.ts';
import { renderInit } from '../render/init.ts';

/** Questions are asked on a terminal only, and not where the output is for a program. */
export async function command(
  _args: readonly string[],
  options: { readonly yes?: boolean; readonly lakehouse?: boolean },
  globals: GlobalOptions,
): Promise<ExitCode> {
  const path = resolvePath(globals.config ?? 'igarape.json');
  const canAsk = process.stdin.isTTY && process.stdout.isTTY && globals.json !== true;
  const result = await init({
    yes: options.yes === true,
    lakehouse: options.lakehouse === true,
    directory: dirname(path),
    file: basename(path),
    ...(canAsk ? { prompt: terminalPrompt } : {}),
  });
  print(result, globals, renderInit);
  return 0;
}
