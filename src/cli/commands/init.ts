import { basename, dirname, isAbsolute, relative, resolve as resolvePath, sep } from 'node:path';
import type { ExitCode } from '../../core/errors.ts';
import type { Progress } from '../../core/log.ts';
import { init } from '../init/init.ts';
import { lookingInto } from '../init/look-into.ts';
import { terminalPrompt } from '../init/prompt.ts';
import { say } from '../language.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../print.ts';
import { size } from '../render/format.ts';
import { renderInit } from '../render/init.ts';

/** Questions are asked on a terminal only, and not where the output is for a program. */
export async function command(
  [folder]: readonly string[],
  options: { readonly yes?: boolean; readonly lakehouse?: boolean; readonly example?: boolean },
  globals: GlobalOptions,
): Promise<ExitCode> {
  const path = resolvePath(globals.config ?? 'igarape.json');
  const canAsk = process.stdin.isTTY && process.stdout.isTTY && globals.json !== true;
  const { screen } = globals.session;
  const onProgress = ({ step, done, total }: Progress): void => {
    if (step !== 'download') return;
    const amount = total === undefined ? size(done) : say(`${size(done)} of ${size(total)}`);
    screen.status(`${say('downloading')} ${amount}`, { isBusy: true });
  };
  const look = lookingInto(process.env, onProgress);
  const result = await init({
    yes: options.yes === true,
    lakehouse: options.lakehouse === true,
    example: options.example === true,
    ...(folder === undefined ? {} : { source: fromDirectory(dirname(path), folder) }),
    directory: dirname(path),
    file: basename(path),
    lookInto: async (directory, source) => {
      try {
        return await look(directory, source);
      } finally {
        screen.status();
      }
    },
    ...(canAsk ? { prompt: terminalPrompt(screen) } : {}),
  });
  print(result, globals, renderInit);
  return 0;
}

/** The folder that somebody names in the current one, as the configuration in `directory` is to name it. */
function fromDirectory(directory: string, folder: string): string {
  if (isAbsolute(folder)) return folder;
  const way = relative(directory, resolvePath(folder)).split(sep).join('/');
  return way === '' ? '.' : way.startsWith('..') ? way : `./${way}`;
}
