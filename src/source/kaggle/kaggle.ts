import type { Told } from '../../core/language/sentence.ts';
import { IgarapeError } from '../../core/errors.ts';
import { unchanged } from '../fetched.ts';
import { createHttpClient, type HttpClient } from '../http/client.ts';
import { type CopyOptions, openCopy } from '../http/copy-tables.ts';
import { download } from '../http/download.ts';
import {
  findLocalCopy,
  incomingPaths,
  keepLocalCopy,
  type LocalCopy,
  requireCopy,
} from '../http/local-copy.ts';
import { digestMark, type Marks } from '../http/marks.ts';
import { defaultPatience, type Patience } from '../http/retry.ts';
import { urlBaseName } from '../http/safe-url.ts';
import { isStillMeant } from '../match.ts';
import type {
  Source,
  SourceContext,
  SourceSnapshot,
  SourceVersion,
  TableRequest,
  TableState,
} from '../port.ts';
import { type DatasetView, KaggleApi } from './api.ts';
import { findCredential } from './auth.ts';
import { parseHandle } from './handle.ts';
import { kaggleRemote, notReady } from './remote.ts';
import { parseKaggleTime } from './time.ts';
import { endpointsOf, type Ref } from './wire.ts';
import { listVersions } from './versions.ts';

export interface KaggleConfig {
  /** `owner/slug`, or `owner/slug/versions/N`. */
  readonly dataset: string;
  /** A version number to stay at. */
  readonly version?: number;
  /** Another server than Kaggle's; goes before KAGGLE_API_ENDPOINT. */
  readonly endpoint?: string;
}

export interface KaggleDependencies {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly userAgent?: string;
  readonly patience?: Patience;
  readonly idleTimeoutMs?: number;
}

/**
 * A Kaggle data set as a source. Its versions are Kaggle's numbers, and every download names one, so that files of two
 * versions never mix. In order of cost, nothing changed when: the number is the same; the storage states the digest
 * that the archive had; the archive's own SHA-256 is the same; a file's is.
 */
export function openKaggleSource(config: KaggleConfig, dependencies: KaggleDependencies): Source {
  const { env, userAgent = 'igarape', idleTimeoutMs } = dependencies;
  const { owner, slug, version } = parseHandle(config.dataset);
  const kaggle: Kaggle = {
    ref: { owner, slug },
    pinned: config.version ?? version,
    endpoint: config.endpoint ?? env['KAGGLE_API_ENDPOINT'],
    client: createHttpClient({ env, userAgent, ...(idleTimeoutMs === undefined ? {} : { idleTimeoutMs }) }),
    patience: dependencies.patience ?? defaultPatience,
    dependencies,
  };
  return {
    id: `kaggle:${owner}/${slug}`,
    open: (tables, context) => openNewest(kaggle, tables, context),
    versions: async (context) => {
      const api = await openApi(kaggle, context);
      return await listVersions(api, kaggle.ref, await api.view(kaggle.ref));
    },
    openVersion: (label, tables, context) => openPast(kaggle, label, tables, context),
  };
}

interface Kaggle {
  readonly ref: Ref;
  readonly pinned: number | undefined;
  readonly endpoint: string | undefined;
  readonly client: HttpClient;
  readonly patience: Patience;
  readonly dependencies: KaggleDependencies;
}

async function openApi(kaggle: Kaggle, context: Pick<SourceContext, 'log' | 'signal'>): Promise<KaggleApi> {
  const { client, patience, dependencies, endpoint } = kaggle;
  const { log, signal } = context;
  const { env, home } = dependencies;
  const credential = await findCredential({ env, home, log, now: patience.now });
  log.debug({ credential: credential.describe() }, 'Kaggle credentials');
  return new KaggleApi({ client, endpoints: endpointsOf(endpoint), credential, patience, log, signal });
}

async function openNewest(
  kaggle: Kaggle,
  tables: readonly TableRequest[],
  context: SourceContext,
): Promise<SourceSnapshot> {
  const { pinned, ref } = kaggle;
  if (context.skipDownload) return await openDownloaded(kaggle, pinned, tables, context);
  const api = await openApi(kaggle, context);
  const view = await api.view(ref);
  const number = pinned ?? view.currentVersionNumber;
  if (pinned === undefined) checkNotBack(ref, number, tables);
  return await openNumber(kaggle, api, view, number, tables, context);
}

async function openPast(
  kaggle: Kaggle,
  label: string,
  tables: readonly TableRequest[],
  context: SourceContext,
): Promise<SourceSnapshot> {
  const number = Number(label);
  if (!Number.isSafeInteger(number) || number < 1) {
    throw new IgarapeError('USAGE', `${JSON.stringify(label)} is no version number of a Kaggle data set`, {
      hint: 'Versions are counted 1, 2, 3 …',
    });
  }
  if (context.skipDownload) return await openDownloaded(kaggle, number, tables, context);
  const api = await openApi(kaggle, context);
  return await openNumber(kaggle, api, await api.view(kaggle.ref), number, tables, context);
}

async function openDownloaded(
  { ref }: Kaggle,
  number: number | undefined,
  tables: readonly TableRequest[],
  context: SourceContext,
): Promise<SourceSnapshot> {
  const found = await findLocalCopy(context.workDir);
  const isMeant = found && found.key === keyOf(ref, number ?? Number(found.version));
  const what = number === undefined ? nameOf(ref) : `${nameOf(ref)} version ${number}`;
  const copy = requireCopy(isMeant ? found : undefined, what);
  return await openCopy(copy, tables, copyOptions(ref, copy), context);
}

async function openNumber(
  kaggle: Kaggle,
  api: KaggleApi,
  view: DatasetView,
  number: number,
  tables: readonly TableRequest[],
  context: SourceContext,
): Promise<SourceSnapshot> {
  const version = versionOf(view, number);
  const isCurrent = (table: TableRequest): boolean =>
    table.seen?.version === version.label && isStillMeant(table);
  const states = new Map<string, TableState>();
  for (const table of tables) if (isCurrent(table)) states.set(table.name, { kind: 'unchanged' });
  const pending = tables.filter(({ name }) => !states.has(name));
  if (pending.length > 0) {
    const opened = await openPending(kaggle, api, view, version, pending, context);
    for (const [name, state] of opened.tables) states.set(name, state);
  }
  return { version, tables: states };
}

async function openPending(
  kaggle: Kaggle,
  api: KaggleApi,
  view: DatasetView,
  version: SourceVersion,
  pending: readonly TableRequest[],
  context: SourceContext,
): Promise<SourceSnapshot> {
  const { ref, client, patience } = kaggle;
  const number = Number(version.label);
  const label = labelOf(ref, version.label);
  const key = keyOf(ref, number);
  const found = await findLocalCopy(context.workDir);
  if (found?.key === key) return await openCopy(found, pending, copyOptions(ref, found), context);
  const isNewest = number === view.currentVersionNumber;
  if (isNewest) await checkReady(api, ref, number);
  await hintAtChanges(api, ref, number, pending, context);
  const remote = kaggleRemote(api, client, { ref, version: number, isNewest }, patience, context.signal);
  const paths = incomingPaths(context);
  const isKnown = (marks: Marks): boolean => {
    const digest = digestMark(marks);
    return pending.every(
      (table) => digest !== undefined && table.seen?.marks?.['archive'] === digest && isStillMeant(table),
    );
  };
  const outcome = await download({ key, label, ...paths, remote, isKnown }, { ...context, patience });
  if (outcome.kind === 'known') {
    context.log.info({ version: number }, 'Kaggle’s new version has the archive of the one before');
    return {
      version,
      tables: new Map(pending.map((table) => [table.name, sameAsSeen(table, version.label)])),
    };
  }
  const { sizeBytes, sha256, marks, url } = outcome;
  const copy = await keepLocalCopy(context.workDir, paths.path, {
    key,
    name: urlBaseName(url),
    version: version.label,
    timeMicros: version.timeMicros,
    sizeBytes,
    sha256,
    marks,
  });
  return await openCopy(copy, pending, copyOptions(ref, copy), context);
}

function sameAsSeen({ seen }: TableRequest, version: string): TableState {
  return seen === undefined ? { kind: 'unchanged' } : unchanged(seen, version, seen.marks);
}

/** A version number that falls means that versions were deleted or that the name means another data set now. */
function checkNotBack(ref: Ref, number: number, tables: readonly TableRequest[]): void {
  const seen = tables.map((table) => Number(table.seen?.version ?? 0)).filter(Number.isSafeInteger);
  const highest = Math.max(0, ...seen);
  if (number >= highest) return;
  const found: Told = `${nameOf(ref)} is at version ${number}, but version ${highest} was read before`;
  throw new IgarapeError('SOURCE_VERSION_WENT_BACK', found, {
    hint: `Its owner may have deleted versions, or the name may mean another data set now. If you mean it, set "version": ${number} in the source's configuration.`,
  });
}

async function checkReady(api: KaggleApi, ref: Ref, number: number): Promise<void> {
  const status = await api.status(ref);
  if (status !== 'READY') throw notReady(`${nameOf(ref)} version ${number}`, status);
}

/** Logs which tables' files changed their size: never proof of sameness, and so never more than a hint. */
async function hintAtChanges(
  api: KaggleApi,
  ref: Ref,
  number: number,
  tables: readonly TableRequest[],
  { log, signal }: SourceContext,
): Promise<void> {
  try {
    const listed = new Map((await api.listFiles(ref, number)).map((file) => [file.name, file.sizeBytes]));
    const resized = tables
      .filter(
        ({ seen }) =>
          seen?.files === undefined && seen !== undefined && listed.get(seen.name) !== seen.sizeBytes,
      )
      .map(({ name }) => name);
    log.info({ version: number, resized }, `Kaggle has version ${number}`);
  } catch (error) {
    signal.throwIfAborted();
    log.debug({ error: String(error) }, 'Kaggle did not list the files');
  }
}

function versionOf(view: DatasetView, number: number): SourceVersion {
  const listed = view.versions?.find(({ versionNumber }) => versionNumber === number)?.creationDate;
  const updated = number === view.currentVersionNumber ? view.lastUpdated : undefined;
  const timeMicros = parseKaggleTime(listed ?? updated ?? undefined);
  return timeMicros === undefined ? { label: String(number) } : { label: String(number), timeMicros };
}

function copyOptions(ref: Ref, { version, sha256, marks }: LocalCopy): CopyOptions {
  const archive = digestMark(marks);
  return {
    label: labelOf(ref, version),
    marks: archive === undefined ? { sha256 } : { sha256, archive },
    takesAnyName: false,
  };
}

function keyOf(ref: Ref, number: number): string {
  return `kaggle:${nameOf(ref)}@${number}`;
}

function labelOf(ref: Ref, version: string): string {
  return `kaggle:${nameOf(ref)} version ${version}`;
}

function nameOf({ owner, slug }: Ref): string {
  return `${owner}/${slug}`;
}
