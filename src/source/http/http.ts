import type { ErrorCode } from '../../core/errors.ts';
import type { Told } from '../../core/language/sentence.ts';
import { createHash } from 'node:crypto';
import { isStillMeant } from '../match.ts';
import type { Source, SourceSnapshot, TableRequest } from '../port.ts';
import { createHttpClient, type HttpClient } from './client.ts';
import { openCopy } from './copy-tables.ts';
import { download, type Remote } from './download.ts';
import { findLocalCopy, incomingPaths, keepLocalCopy, type LocalCopy, requireCopy } from './local-copy.ts';
import type { Marks } from './marks.ts';
import { sendFollowing } from './redirects.ts';
import { defaultPatience, parseRetryAfter, type Patience } from './retry.ts';
import { safeUrl, urlBaseName } from './safe-url.ts';
import { meaningOf, statusError } from './status.ts';

export interface HttpSourceDependencies {
  /** For the proxy's variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly userAgent?: string;
  readonly patience?: Patience;
  readonly idleTimeoutMs?: number;
}

/**
 * A source that is one address: an archive of tables, or one table's file. It is asked conditionally, by ETag and
 * Last-Modified, and known by its SHA-256 where the server states neither. User and password in the address are sent
 * to its own server only, and are, like its query, in no message and no file.
 */
export function openHttpSource(
  config: { readonly url: string },
  dependencies: HttpSourceDependencies,
): Source {
  const { env, userAgent = 'igarape', patience = defaultPatience, idleTimeoutMs } = dependencies;
  const client = createHttpClient({
    env,
    userAgent,
    ...(idleTimeoutMs === undefined ? {} : { idleTimeoutMs }),
  });
  const url = new URL(config.url);
  const id = safeUrl(url);
  return {
    id,
    open: async (tables, context) => {
      const local = await findLocalCopy(context.workDir);
      const own = local?.key === keyOf(url) ? local : undefined;
      const openOwn = (copy: LocalCopy): Promise<SourceSnapshot> =>
        openCopy(
          copy,
          tables,
          { label: id, marks: marksToKeep(copy), takesAnyName: tables.length === 1 },
          context,
        );
      if (context.skipDownload) return await openOwn(requireCopy(own, id));
      const known = own ? own.marks : sharedMarks(tables, urlBaseName(url));
      const remote = openRemote(client, url, known, patience, context.signal);
      const paths = incomingPaths(context);
      const isKnown = (marks: Marks): boolean => areAlike(marks, known);
      const request = { key: keyOf(url), label: id, ...paths, remote, isKnown };
      const outcome = await download(request, { ...context, patience });
      if (outcome.kind === 'known') {
        return own ? await openOwn(own) : allUnchanged(tables);
      }
      const { sizeBytes, sha256, marks } = outcome;
      const copy = await keepLocalCopy(context.workDir, paths.path, {
        key: keyOf(url),
        name: urlBaseName(url),
        version: versionOf(marks, sha256),
        timeMicros: timeOf(marks.lastModified),
        sizeBytes,
        sha256,
        marks,
      });
      return await openOwn(copy);
    },
  };
}

/** The marks that all tables were last read with; undefined where they differ or one was not read yet. */
function sharedMarks(tables: readonly TableRequest[], singleName: string): Marks | undefined {
  const isMeant = (table: TableRequest): boolean =>
    isStillMeant(table) || (tables.length === 1 && table.seen?.name === singleName);
  const [first, ...others] = tables.map((table) => (isMeant(table) ? table.seen?.marks : undefined));
  if (!first || others.some((marks) => marks?.['sha256'] !== first['sha256'])) return undefined;
  const { etag, lastModified, totalBytes } = first;
  return {
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { lastModified }),
    ...(totalBytes === undefined ? {} : { totalBytes: Number(totalBytes) }),
  };
}

function marksToKeep({ sha256, marks }: LocalCopy): Record<string, string> {
  const { etag, lastModified, totalBytes } = marks;
  return {
    sha256,
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { lastModified }),
    ...(totalBytes === undefined ? {} : { totalBytes: String(totalBytes) }),
  };
}

/** For servers that answer a condition with all the bytes: the same ETag, or, without one, the same time and length. */
function areAlike(marks: Marks, known: Marks | undefined): boolean {
  if (known?.etag !== undefined || marks.etag !== undefined) return marks.etag === known?.etag;
  if (known?.lastModified === undefined || known.totalBytes === undefined) return false;
  return marks.lastModified === known.lastModified && marks.totalBytes === known.totalBytes;
}

function allUnchanged(tables: readonly TableRequest[]): SourceSnapshot {
  const seen = tables[0]?.seen;
  const timeMicros = timeOf(seen?.marks?.['lastModified']);
  const label = seen?.version ?? '';
  return {
    version: timeMicros === undefined ? { label } : { label, timeMicros },
    tables: new Map(tables.map(({ name }) => [name, { kind: 'unchanged' }])),
  };
}

function versionOf(marks: Marks, sha256: string): string {
  const etag = marks.etag?.replace(/^W\//, '').replaceAll('"', '');
  return etag ?? marks.lastModified ?? sha256;
}

function timeOf(lastModified: string | undefined): bigint | undefined {
  const ms = Date.parse(lastModified ?? '');
  return Number.isNaN(ms) ? undefined : BigInt(ms) * 1000n;
}

function keyOf(url: URL): string {
  const address = new URL(url.href);
  address.username = '';
  address.password = '';
  return `http:${createHash('sha256').update(address.href).digest('hex').slice(0, 32)}`;
}

function basicAuth({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

function openRemote(
  client: HttpClient,
  url: URL,
  known: Marks | undefined,
  patience: Patience,
  signal: AbortSignal,
): Remote {
  const conditions = {
    ...(known?.etag ? { 'if-none-match': known.etag } : {}),
    ...(known?.lastModified ? { 'if-modified-since': known.lastModified } : {}),
  };
  return {
    expires: false,
    get: (headers) =>
      sendFollowing(client, { url, headers: { ...conditions, ...headers }, signal }, basicAuth(url)),
    refusal: (answer) => {
      answer.discard();
      const retryAfterMs = parseRetryAfter(answer.header('retry-after'), patience.now());
      const hint = HINTS[meaningOf(answer.status).code];
      const message: Told = `${safeUrl(answer.url)} answered HTTP ${answer.status}`;
      return Promise.resolve(statusError(answer.status, message, hint, retryAfterMs));
    },
  };
}

const HINTS: Partial<Record<ErrorCode, Told>> = {
  SOURCE_UNAUTHENTICATED: 'Put user and password into the address, as in https://user:password@host/path.',
  SOURCE_FORBIDDEN: 'The server does not give the file out. Check the rights, or ask for a fresh address.',
  SOURCE_NOT_FOUND: 'Check the address; the file may have moved.',
  SOURCE_RATE_LIMITED: 'Run less often, or try again later.',
  SOURCE_UNREACHABLE: 'This is trouble of the server. Try again later.',
};
