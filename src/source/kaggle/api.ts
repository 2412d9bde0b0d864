import * as z from 'zod';
import { IgarapeError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import type { HttpAnswer, HttpClient } from '../http/client.ts';
import { parseRetryAfter, type Patience, withRetries } from '../http/retry.ts';
import type { KaggleCredential } from './auth.ts';
import { kaggleError, type KaggleReply, readReply } from './errors.ts';
import { type Endpoints, type KaggleCall, listCall, type Ref, statusCall, viewCall } from './wire.ts';

export interface KaggleApiOptions {
  readonly client: HttpClient;
  readonly endpoints: Endpoints;
  readonly credential: KaggleCredential;
  readonly patience: Patience;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** What Kaggle says of a data set. */
export interface DatasetView {
  readonly currentVersionNumber: number;
  readonly lastUpdated?: string | null | undefined;
  readonly versions?:
    | readonly { readonly versionNumber: number; readonly creationDate?: string | null | undefined }[]
    | null
    | undefined;
}

const viewSchema: z.ZodType<DatasetView> = z.object({
  currentVersionNumber: z.number().int().positive(),
  lastUpdated: z.string().nullish(),
  versions: z
    .array(z.object({ versionNumber: z.number().int().positive(), creationDate: z.string().nullish() }))
    .nullish(),
});

const filesSchema = z.object({
  datasetFiles: z.array(z.object({ name: z.string(), totalBytes: z.number().nullish() })).nullish(),
  nextPageToken: z.string().nullish(),
  errorMessage: z.string().nullish(),
});

export type ListedFile = { readonly name: string; readonly sizeBytes: number | undefined };

const statusSchema = z.union([z.string(), z.object({ status: z.string().nullish() })]);

const PAGE_SIZE = 200;
const MAX_PAGES = 500;

/**
 * Kaggle's API for data sets. It speaks the form of Kaggle's present clients, and the older one where a server does not
 * know that; which one it is is found by the first call that is answered. Every call throws `SOURCE_…`.
 */
export class KaggleApi {
  readonly #options: KaggleApiOptions;
  #form: 'rpc' | 'rest' | undefined;

  constructor(options: KaggleApiOptions) {
    this.#options = options;
  }

  async view(ref: Ref): Promise<DatasetView> {
    return parse(viewSchema, await this.#json(ref, viewCall(ref)), ref, 'without a version number');
  }

  /** The state of the newest version, in upper case; one that is left out is the first of them. */
  async status(ref: Ref): Promise<string> {
    const status = parse(statusSchema, await this.#json(ref, statusCall(ref)), ref, 'without a status');
    const text = typeof status === 'string' ? status : status.status;
    return (text ?? 'NOT_YET_PERSISTED').toUpperCase();
  }

  /** The files of a version, as Kaggle lists them; `limit` is how many are enough. */
  async listFiles(ref: Ref, version: number, limit: number = Infinity): Promise<ListedFile[]> {
    const files: ListedFile[] = [];
    let pageToken: string | undefined;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const call = listCall(ref, version, Math.min(PAGE_SIZE, limit), pageToken);
      const list = parse(filesSchema, await this.#json(ref, call), ref, 'without a list of files');
      if (list.errorMessage) throw this.#refusal(ref, { status: 502, message: list.errorMessage });
      for (const { name, totalBytes } of list.datasetFiles ?? []) {
        files.push({ name, sizeBytes: totalBytes ?? undefined });
      }
      pageToken = list.nextPageToken ?? undefined;
      if (!pageToken || files.length >= limit) break;
    }
    return files;
  }

  /** Sends a call once, with credentials, in the form that the server understands; follows no redirect. */
  async send(call: KaggleCall): Promise<HttpAnswer> {
    const form = this.#form ?? 'rpc';
    const answer = await this.#sendAs(form, call);
    if (this.#form !== undefined) return answer;
    if (!LACKS_ROUTE.has(answer.status)) {
      if (answer.status < 400) this.#form = form;
      return answer;
    }
    // The route is not there, or the data set is not: only the other form can tell.
    const other = await this.#sendAs('rest', call);
    const isAnswered = other.status < 400 || !LACKS_ROUTE.has(other.status);
    if (isAnswered && other.status < 500) this.#form = 'rest';
    const isBetter = isAnswered || answer.status !== 404;
    (isBetter ? answer : other).discard();
    return isBetter ? other : answer;
  }

  /** The error that an answer is, after its body. */
  async refusalOf(ref: Ref, answer: HttpAnswer): Promise<IgarapeError> {
    const reply = readReply(answer.status, await answer.text());
    const error =
      reply.kind === 'error' ? reply : { status: 502, message: `it answered HTTP ${answer.status}` };
    return this.#refusal(ref, error, answer.header('retry-after'));
  }

  async #json(ref: Ref, call: KaggleCall): Promise<unknown> {
    const attempt = async (): Promise<unknown> => {
      const answer = await this.send(call);
      const reply: KaggleReply = readReply(answer.status, await answer.text());
      if (reply.kind === 'json') return reply.json;
      throw this.#refusal(ref, reply, answer.header('retry-after'));
    };
    return await withRetries(attempt, this.#options);
  }

  async #sendAs(form: 'rpc' | 'rest', call: KaggleCall): Promise<HttpAnswer> {
    const { client, endpoints, credential, signal } = this.#options;
    const authorization = credential.authorization();
    const signed = authorization === undefined ? {} : { authorization };
    if (form === 'rpc') {
      const url = new URL(`${endpoints.rpc}/datasets.DatasetApiService/${call.method}`);
      const headers = { 'content-type': 'application/json', accept: 'application/json', ...signed };
      return await client({ method: 'POST', url, headers, body: JSON.stringify(call.body), signal });
    }
    const url = new URL(`${endpoints.rest}/datasets/${call.path}`);
    for (const [name, value] of Object.entries(call.query)) url.searchParams.set(name, String(value));
    return await client({ url, headers: { accept: 'application/json', ...signed }, signal });
  }

  #refusal(
    { owner, slug }: Ref,
    reply: { status: number; message: string },
    retryAfter?: string,
  ): IgarapeError {
    const { credential, patience } = this.#options;
    return kaggleError(`${owner}/${slug}`, reply, credential, parseRetryAfter(retryAfter, patience.now()));
  }
}

/** Answers of a server that may not know the form of a call. */
const LACKS_ROUTE: ReadonlySet<number> = new Set([404, 405, 501]);

function parse<T>(schema: z.ZodType<T>, json: unknown, { owner, slug }: Ref, lacks: string): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new IgarapeError('SOURCE_CORRUPT', `Kaggle answered for ${owner}/${slug} ${lacks}`, {
    hint: 'Check KAGGLE_API_ENDPOINT and source.endpoint, where they are set. Else Kaggle may have changed: look for a newer igarape.',
    cause: parsed.error,
  });
}
