import { spawn } from 'node:child_process';
import { access } from 'node:fs/promises';
import { join, resolve as resolvePath } from 'node:path';
import { withReader } from '../../explore/reader.ts';
import { toldCycle } from '../../pipeline/cycle.ts';
import { runOnce } from '../../pipeline/run.ts';
import { serve } from '../../ui/server.ts';
import { say } from '../language.ts';
import type { GlobalOptions } from '../options.ts';
import { packageFile } from '../package-file.ts';
import { print } from '../print.ts';
import { openProject, type Project } from '../project.ts';
import { runRequest } from '../run-request.ts';
import { nextRunOf } from '../schedule-notice.ts';
import { Stopped, untilStopped } from '../stop.ts';
import { program, version } from '../version.ts';
import { makeDemo } from './demo.ts';

export interface UiOptions {
  readonly port: number;
  readonly host?: readonly string[];
  readonly allowRun?: boolean;
  readonly open: boolean;
  readonly demo?: true;
}

export async function command(
  _args: readonly string[],
  { port, host = [], allowRun = false, open, demo }: UiOptions,
  globals: GlobalOptions,
): Promise<number> {
  const project = await openProject(demo === true ? await withDemo(globals) : globals);
  const { redactor } = globals.session;
  return untilEnded(async (signal) =>
    withReader(project, quietEdge(project, signal), async (reader) => {
      const server = await serve({
        reader,
        version: version(),
        allowRun,
        nextRun: nextRunOf(project.config),
        project: {
          request: () => runRequest(project, {}),
          edge: (stop) => quietEdge(project, stop),
          run: (request, edge) => {
            const { config, storage, env } = project;
            const told = { config, storage, env, writer: program(), redact: redactor.text };
            return toldCycle(told, edge, (watched) => runOnce(request, watched, program()));
          },
          redact: redactor.text,
        },
        assets: packageFile('dist/web'),
        port,
        hosts: host,
        edge: quietEdge(project, signal),
      });
      try {
        print({ address: server.address, lake: project.storage.uri, allowRun }, globals, render);
        if (open) openBrowser(server.address);
        await stopped(signal);
      } finally {
        await server.close();
      }
      return 0;
    }),
  );
}

/** The options as if the demonstration's configuration was named; it is made first where it is not there. */
async function withDemo(globals: GlobalOptions): Promise<GlobalOptions> {
  const folder = resolvePath('lake-demo');
  const config = join(folder, 'igarape.json');
  const isThere = await access(config).then(
    () => true,
    () => false,
  );
  if (!isThere) await makeDemo(folder, globals);
  return { ...globals, config };
}

function render({ address, lake, allowRun }: { address: string; lake: string; allowRun: boolean }): string {
  return [
    say(`the page of ${lake}:`),
    `  ${address}`,
    allowRun
      ? say('it may start runs; Ctrl+C ends it')
      : say('it only reads; --allow-run lets it start runs; Ctrl+C ends it'),
  ].join('\n');
}

/** Progress is the page's to show. */
function quietEdge(project: Project, signal: AbortSignal): ReturnType<Project['edge']> {
  return { ...project.edge(signal), onProgress: () => undefined };
}

async function stopped(signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** A server that is told to end has done its work. */
async function untilEnded(work: (signal: AbortSignal) => Promise<number>): Promise<number> {
  try {
    return await untilStopped(work);
  } catch (error) {
    if (error instanceof Stopped) return 0;
    throw error;
  }
}

/** Where no browser is to be had, the address that was printed is there. */
function openBrowser(address: string): void {
  const [name, ...args] =
    process.platform === 'darwin'
      ? ['open']
      : process.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler']
        : ['xdg-open'];
  const child = spawn(name ?? 'xdg-open', [...args, address], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}
