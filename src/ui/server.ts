import { createServer, type Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { compress } from 'hono/compress';
import { bodyLimit } from 'hono/body-limit';
import { streamSSE } from 'hono/streaming';
import { asIgarapeError, IgarapeError } from '../core/errors.ts';
import type { Told } from '../core/language/sentence.ts';
import type { Edge } from '../pipeline/context.ts';
import { Actions, errorAnswer, type Project, type Tell } from './actions.ts';
import { RunsElsewhere } from './runs-elsewhere.ts';
import { ANSWERS, type Asked, isAnswerPath } from './answers.ts';
import { type Asset, readAssets } from './assets.ts';
import type { ErrorAnswer } from './api.ts';
import { askSql } from './sql.ts';
import { type Guarded, headers, newSecret, ownPagesOnly, refusal, Session } from './guard.ts';

export interface ServerOptions extends Asked {
  readonly project: Project;
  /** The folder of the page's files. */
  readonly assets: string;
  /** The first port that is tried; with 0 any that is free. */
  readonly port: number;
  readonly hosts: readonly string[];
  readonly edge: Edge;
}

export interface RunningServer {
  readonly port: number;
  /** The page's address, with what lets its reader in. */
  readonly address: string;
  close(): Promise<void>;
}

const LONGEST_BODY = 100_000;

/** Serves the page of a lake on this machine alone. @throws IgarapeError USAGE no port is free */
export async function serve(options: ServerOptions): Promise<RunningServer> {
  const listeners = new Set<Tell>();
  const tell: Tell = (name, event) => {
    for (const each of listeners) each(name, event);
  };
  let app: Hono | undefined;
  const listener = getRequestListener(
    async (request) => (app === undefined ? new Response(null, { status: 503 }) : app.fetch(request)),
    { overrideGlobalObjects: false },
  );
  const server = createServer((incoming, outgoing) => void listener(incoming, outgoing));
  const port = await listen(server, options.port);
  const guarded = { port, hosts: options.hosts, token: newSecret() };
  const actions = new Actions(options.project, options.reader.project, tell);
  const elsewhere = new RunsElsewhere(options, tell);
  app = routes(options, guarded, { actions, elsewhere }, listeners, await readAssets(options.assets));
  const stopWatching = watch(options, listeners, elsewhere, tell);
  return {
    port,
    address: `http://127.0.0.1:${port}/#token=${guarded.token}`,
    close: async () => {
      stopWatching();
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

function routes(
  options: ServerOptions,
  guarded: Guarded,
  { actions, elsewhere }: Running,
  listeners: Set<Tell>,
  assets: ReadonlyMap<string, Asset>,
): Hono {
  const { project, reader, allowRun, edge } = options;
  const session = new Session(guarded);
  const app = new Hono();
  app.use(headers());
  app.use(ownPagesOnly(guarded));
  app.use(
    bodyLimit({ maxSize: LONGEST_BODY, onError: (context) => context.json(refusal('It is too long.'), 413) }),
  );
  app.onError((thrown, context) => {
    const error = asIgarapeError(thrown);
    // Whoever asked has left, or the server ends: nobody is there to be told, and nothing went wrong.
    if (context.req.raw.signal.aborted || edge.signal.aborted) return context.body(null, 503);
    edge.log[error.code === 'DEFECT' ? 'error' : 'debug'](
      { path: context.req.path, err: error },
      'not answered',
    );
    return context.json(errorAnswer(error, project.redact), error.code === 'USAGE' ? 400 : 500);
  });
  app.notFound((context) => context.json(refusal('There is no such address.'), 404));
  app.post('/api/session', session.open);
  app.use('/api/*', session.required);
  app.use('/api/*', compress());
  app.get('/api/events', (context) => events(context, listeners, { actions, elsewhere }));
  app.post('/api/sql', async (context) => {
    const { sql } = await bodyOf(context);
    if (typeof sql !== 'string') throw new IgarapeError('USAGE', 'There is no SQL.');
    const { signal } = context.req.raw;
    return context.json(await askSql(reader.project, sql, { ...edge, signal }));
  });
  app.post('/api/plan', async (context) =>
    context.json(await actions.plan(names((await bodyOf(context))['tables']), context.req.raw.signal)),
  );
  app.use('/api/do/*', async (context, next) => {
    if (allowRun) return next();
    return context.json({ error: READ_ONLY }, 403);
  });
  app.post('/api/do/run', async (context) => {
    actions.run(names((await bodyOf(context))['approve']));
    return context.json({ ok: true }, 202);
  });
  app.post('/api/do/verify', (context) => {
    actions.verify();
    return context.json({ ok: true }, 202);
  });
  app.post('/api/do/stop', (context) => {
    actions.stop();
    return context.json({ ok: true }, 202);
  });
  app.get('/api/:name', async (context) => {
    const { path } = context.req;
    if (!isAnswerPath(path)) return context.notFound();
    const answer = await ANSWERS[path](options, context.req.query(), context.req.raw.signal);
    return context.json(answer);
  });
  app.get('*', (context) => {
    const asset = assets.get(context.req.path);
    if (asset === undefined) return context.notFound();
    return context.body(asset.body, 200, { 'content-type': asset.type, 'content-encoding': 'gzip' });
  });
  return app;
}

const READ_ONLY = {
  code: 'READ_ONLY',
  message: 'This page only reads.',
  hint: 'igarape ui --allow-run lets it run.',
  retryable: false,
} as const satisfies ErrorAnswer['error'] & { message: Told; hint: Told };

async function bodyOf(context: Context): Promise<Readonly<Record<string, unknown>>> {
  const body: unknown = await context.req.json().catch(() => undefined);
  if (typeof body !== 'object' || body === null)
    throw new IgarapeError('USAGE', 'The request is no JSON object.');
  return { ...body };
}

function names(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [];
}

/** What happens, as it happens; the connection stays until its page is left. */
function events(context: Context, listeners: Set<Tell>, { actions, elsewhere }: Running): Response {
  return streamSSE(context, async (stream) => {
    const running = actions.doing ?? (elsewhere.isRunning ? 'elsewhere' : null);
    await stream.writeSSE({ event: 'running', data: JSON.stringify({ running }) });
    await new Promise<void>((resolve) => {
      const tell: Tell = (event, data) => {
        stream.writeSSE({ event, data: JSON.stringify(data) }).catch(() => undefined);
      };
      listeners.add(tell);
      stream.onAbort(() => {
        listeners.delete(tell);
        resolve();
      });
    });
  });
}

/** Runs that are under way on this machine. */
interface Running {
  readonly actions: Actions;
  readonly elsewhere: RunsElsewhere;
}

const LOOK_MS = 1000;
/** Looking at the lake costs requests to its store. */
const LOOKS_AT_LAKE = 3;

/** Tells what others do, for as long as somebody listens: runs on this machine, and commits to the lake. */
function watch(
  { reader, edge }: ServerOptions,
  listeners: ReadonlySet<Tell>,
  elsewhere: RunsElsewhere,
  tell: Tell,
): () => void {
  let last: string | undefined;
  let looks = 0;
  const look = async (): Promise<void> => {
    if (listeners.size === 0 && looks > 0) return;
    const hasEnded = await elsewhere.look();
    looks += 1;
    if (last !== undefined && !hasEnded && looks % LOOKS_AT_LAKE !== 0) return;
    const revision = await reader.revision();
    if (last !== undefined && revision !== last) tell('revision', {});
    last = revision;
  };
  let looking: Promise<void> | undefined;
  const begin = (): void => {
    looking ??= look()
      .catch((error: unknown) => edge.log.debug({ err: error }, 'the lake cannot be looked at'))
      .finally(() => {
        looking = undefined;
      });
  };
  // What is committed between the first answers and the first listener is told, too.
  begin();
  const timer = setInterval(begin, LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

const PORTS_TRIED = 20;

async function listen(server: Server, first: number): Promise<number> {
  for (let port = first; port < first + PORTS_TRIED; port += 1) {
    const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
      server.once('error', resolve);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', resolve);
        resolve(undefined);
      });
    });
    const address = server.address();
    if (error === undefined && typeof address === 'object' && address !== null) return address.port;
    if (error?.code !== 'EADDRINUSE') throw noPort(first, error);
  }
  throw noPort(first, undefined);
}

function noPort(port: number, cause: unknown): IgarapeError {
  return new IgarapeError('USAGE', `No port from ${port} to ${port + PORTS_TRIED - 1} can be opened.`, {
    hint: 'Name another with --port; with --port 0 the system chooses one.',
    cause,
  });
}
