import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { createCRC32 } from 'hash-wasm';
import { type Files, tarGzOf, zipOf } from './archives.ts';

/** A request that one of the two servers got. */
export interface FakeRequest {
  readonly server: 'api' | 'storage';
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface PublishOptions {
  /** `file` gives the only file itself, `zipped-file` as `<name>.zip`; `zip` and `tar.gz` are archives of all. */
  readonly format?: 'zip' | 'tar.gz' | 'file' | 'zipped-file';
  /** What `x-goog-hash` says of the archive. */
  readonly hash?: 'md5' | 'crc32c' | 'both' | 'repeated' | 'wrong' | 'none';
  readonly acceptsRanges?: boolean;
  readonly creationDate?: string;
  /** Served in place of an archive of the files. */
  readonly bytes?: Buffer;
}

/** What the API answers once, in place of the truth. */
export interface ApiFault {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** What the storage does once. */
export type StorageFault =
  | { readonly kind: 'answer'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** The connection is cut, or says no more, after so many bytes of the body. */
  | { readonly kind: 'cut' | 'silent'; readonly afterBytes: number }
  /** A range is answered with all, or with another range than was asked for. */
  | { readonly kind: 'ignores-range' | 'shifts-range' };

interface Version {
  readonly number: number;
  readonly files: Files;
  readonly bytes: Buffer;
  readonly fileName: string;
  readonly hashes: readonly string[];
  readonly acceptsRanges: boolean;
  readonly creationDate: string;
}

const SERVICE = '/api/v1/datasets.DatasetApiService/';

/**
 * Kaggle's API and the storage that it redirects to, on two ports of the loopback interface, with the data set
 * `dono/loja`. Point `KAGGLE_API_ENDPOINT` to `endpoint`. Versions are published and faults are set while it runs.
 */
export class FakeKaggle {
  /** The base URL, without `/api/v1`. */
  endpoint = '';
  /** Every request so far. */
  readonly requests: FakeRequest[] = [];
  /** Which wire forms it knows. */
  forms: 'both' | 'rpc' | 'rest' = 'both';
  /** `GetDatasetStatus`; undefined leaves it out of the answer. */
  status: string | undefined = 'READY';
  /** The newest version; set it to let the number fall. */
  current = 0;
  listsVersions = true;
  /** The `Authorization` that is asked for; undefined lets everybody in. */
  authorization: string | undefined;
  pageSize = 200;
  /** Answers a download with the bytes, without a redirect. */
  servesDirectly = false;
  /** The file that a client downloads to: a connection is cut once all that was sent is in it. */
  watchedFile: string | undefined;
  readonly #versions = new Map<number, Version>();
  readonly #apiFaults: { method: string; fault: ApiFault }[] = [];
  readonly #storageFaults: StorageFault[] = [];
  #signatures = new Set<string>();
  #minted = 0;
  readonly #api: Server;
  readonly #storage: Server;

  private constructor() {
    this.#api = createServer((request, response) => void this.#answerApi(request, response));
    this.#storage = createServer((request, response) => this.#answerStorage(request, response));
  }

  static async start(): Promise<FakeKaggle> {
    const fake = new FakeKaggle();
    await Promise.all([listen(fake.#api), listen(fake.#storage)]);
    fake.endpoint = addressOf(fake.#api);
    return fake;
  }

  async publish(number: number, files: Files, options: PublishOptions = {}): Promise<void> {
    const { format = 'zip', hash = 'both', acceptsRanges = true } = options;
    const [only = ''] = Object.keys(files);
    const bytes = options.bytes ?? (await packed(files, format));
    const names = {
      zip: 'archive.zip',
      'tar.gz': 'archive.tar.gz',
      file: only,
      'zipped-file': `${only}.zip`,
    };
    this.#versions.set(number, {
      number,
      files,
      bytes,
      fileName: names[format],
      hashes: await hashesOf(bytes, hash),
      acceptsRanges,
      creationDate: options.creationDate ?? `2025-10-${String(number).padStart(2, '0')}T12:00:00.123456789Z`,
    });
    this.current = Math.max(this.current, number);
  }

  /** Deletes a version: everything about it is 404 from now on. */
  remove(number: number): void {
    this.#versions.delete(number);
  }

  /** The next calls of a method (`GetDataset`, `DownloadDataset` …) are answered so, in either form. */
  failApi(method: string, ...faults: readonly ApiFault[]): void {
    for (const fault of faults) this.#apiFaults.push({ method, fault });
  }

  /** The next requests to the storage go so. */
  failStorage(...faults: readonly StorageFault[]): void {
    this.#storageFaults.push(...faults);
  }

  /** Every address given out so far is answered with 403. */
  expireAddresses(): void {
    this.#signatures = new Set();
  }

  /** The requests to one server, as `METHOD path` without the query. */
  calls(server: 'api' | 'storage'): string[] {
    const calls = this.requests.filter((request) => request.server === server);
    return calls.map(({ method, path }) => `${method} ${path.split('?')[0]}`);
  }

  async close(): Promise<void> {
    await Promise.all([close(this.#api), close(this.#storage)]);
  }

  async #answerApi(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const { method = 'GET', url = '/', headers } = request;
    this.requests.push({ server: 'api', method, path: url, headers, body });
    const call = this.#readCall(method, url, body);
    if (!call) return sendText(response, 404, '<html>no such page</html>', 'text/html');
    const at = this.#apiFaults.findIndex((fault) => fault.method === call.method);
    const [failure] = at < 0 ? [] : this.#apiFaults.splice(at, 1);
    if (failure) return sendFault(response, failure.fault);
    if (this.authorization !== undefined && headers.authorization !== this.authorization) {
      return sendJson(response, 401, { code: 401, message: 'Unauthorized' });
    }
    if (call.ref !== 'dono/loja') return sendJson(response, 404, { code: 404, message: 'Not found' });
    this.#answerCall(call, response);
  }

  #readCall(verb: string, url: string, body: string): Call | undefined {
    const { pathname, searchParams } = new URL(url, this.endpoint);
    if (this.forms !== 'rest' && verb === 'POST' && pathname.startsWith(SERVICE)) {
      const given: unknown = JSON.parse(body);
      const fields = new Map(Object.entries(typeof given === 'object' && given !== null ? given : {}));
      const ref = `${String(fields.get('ownerSlug'))}/${String(fields.get('datasetSlug'))}`;
      return callOf(pathname.slice(SERVICE.length), ref, (name) => fields.get(name));
    }
    const match = /^\/api\/v1\/datasets\/(view|status|list|download)\/([^/]+\/[^/]+)$/.exec(pathname);
    if (this.forms === 'rpc' || verb !== 'GET' || !match) return undefined;
    const [, path = '', ref = ''] = match;
    return callOf(METHODS[path] ?? '', ref, (name) => searchParams.get(name) ?? undefined);
  }

  #answerCall({ method, version: asked, pageToken, pageSize }: Call, response: ServerResponse): void {
    const version = this.#versions.get(asked ?? this.current);
    if (method === 'GetDatasetStatus') return sendJson(response, 200, { status: this.status });
    if (method === 'GetDataset') return sendJson(response, 200, this.#view());
    if (!version) return sendJson(response, 404, { code: 404, message: 'Not found' });
    if (method === 'ListDatasetFiles') {
      const size = Math.min(pageSize, this.pageSize);
      const files = Object.entries(version.files).map(([name, content]) => ({
        name,
        totalBytes: content.length,
      }));
      const next = pageToken + size < files.length ? String(pageToken + size) : '';
      const datasetFiles = files.slice(pageToken, pageToken + size);
      return sendJson(response, 200, { datasetFiles, nextPageToken: next });
    }
    if (this.servesDirectly) {
      response.writeHead(200, { 'content-type': 'application/zip', 'content-length': version.bytes.length });
      response.end(version.bytes);
      return undefined;
    }
    this.#minted += 1;
    const signature = `secret-signature-${this.#minted}`;
    this.#signatures.add(signature);
    const path = `/kaggle-data-sets/1/${version.number}/bundle/${encodeURIComponent(version.fileName)}`;
    const location = `${addressOf(this.#storage)}${path}?X-Goog-Expires=259200&X-Goog-Signature=${signature}`;
    response.writeHead(302, { location });
    response.end();
    return undefined;
  }

  #view(): object {
    const newest = this.#versions.get(this.current);
    const versions = [...this.#versions.values()].map(({ number, creationDate }) => ({
      versionNumber: number,
      creationDate,
      status: 'Ready',
    }));
    return {
      ref: 'dono/loja',
      currentVersionNumber: this.current,
      lastUpdated: newest?.creationDate,
      ...(this.listsVersions ? { versions: versions.toReversed() } : {}),
    };
  }

  #answerStorage(request: IncomingMessage, response: ServerResponse): void {
    const { method = 'GET', url = '/', headers } = request;
    this.requests.push({ server: 'storage', method, path: url, headers, body: '' });
    const { pathname, searchParams } = new URL(url, addressOf(this.#storage));
    const version = this.#versions.get(Number(pathname.split('/')[3]));
    const fault = this.#storageFaults.shift();
    if (fault?.kind === 'answer') {
      response.writeHead(fault.status, fault.headers);
      response.end('<Error/>');
      return;
    }
    if (!this.#signatures.has(searchParams.get('X-Goog-Signature') ?? '')) {
      response.writeHead(403, { 'content-type': 'application/xml' });
      response.end('<Error><Code>ExpiredToken</Code></Error>');
      return;
    }
    if (!version) {
      response.writeHead(404);
      response.end();
      return;
    }
    this.#sendBytes(version, headers.range, fault, response);
  }

  #sendBytes(
    version: Version,
    range: string | undefined,
    fault: StorageFault | undefined,
    response: ServerResponse,
  ): void {
    const { bytes, hashes, acceptsRanges } = version;
    const asked = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
    const isPart = range !== undefined && fault?.kind !== 'ignores-range';
    if (isPart && asked >= bytes.length) {
      response.writeHead(416, { 'content-range': `bytes */${bytes.length}` });
      response.end();
      return;
    }
    const from = isPart ? (fault?.kind === 'shifts-range' ? asked - 1 : asked) : 0;
    const body = bytes.subarray(from);
    response.writeHead(isPart ? 206 : 200, {
      'content-length': body.length,
      'content-type': 'application/zip',
      ...(hashes.length > 0 ? { 'x-goog-hash': [...hashes] } : {}),
      ...(acceptsRanges ? { 'accept-ranges': 'bytes' } : {}),
      ...(isPart ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {}),
    });
    if (fault?.kind !== 'cut' && fault?.kind !== 'silent') {
      response.end(body);
      return;
    }
    response.write(body.subarray(0, fault.afterBytes), () => {
      if (fault.kind !== 'cut') return;
      void this.#reached(from + fault.afterBytes).then(() => response.destroy());
    });
  }

  /** What a client has received but not read when a connection breaks is lost to it: so its file is waited for. */
  async #reached(sizeBytes: number): Promise<void> {
    const { watchedFile } = this;
    for (let tries = 0; tries < 500; tries += 1) {
      await setTimeout(2);
      if (watchedFile === undefined && tries > 10) return;
      const found = watchedFile && (await stat(watchedFile).catch(() => undefined));
      if (found && found.size >= sizeBytes) return;
    }
  }
}

interface Call {
  readonly method: string;
  readonly ref: string;
  readonly version: number | undefined;
  readonly pageToken: number;
  readonly pageSize: number;
}

const METHODS: Readonly<Record<string, string>> = {
  view: 'GetDataset',
  status: 'GetDatasetStatus',
  list: 'ListDatasetFiles',
  download: 'DownloadDataset',
};

function callOf(method: string, ref: string, field: (name: string) => unknown): Call | undefined {
  if (!Object.values(METHODS).includes(method)) return undefined;
  const number = (name: string): number | undefined => {
    const value = field(name);
    return value === undefined ? undefined : Number(value);
  };
  return {
    method,
    ref,
    version: number('datasetVersionNumber'),
    pageToken: number('pageToken') ?? 0,
    pageSize: number('pageSize') ?? 20,
  };
}

async function packed(files: Files, format: NonNullable<PublishOptions['format']>): Promise<Buffer> {
  if (format === 'file') return Buffer.from(Object.values(files)[0] ?? '');
  return format === 'tar.gz' ? await tarGzOf(files) : await zipOf(files);
}

/** The values of `x-goog-hash`, one a header line. */
async function hashesOf(bytes: Buffer, hash: NonNullable<PublishOptions['hash']>): Promise<string[]> {
  const md5 = `md5=${createHash('md5').update(bytes).digest('base64')}`;
  const crc = (await createCRC32(0x82f63b78)).init().update(bytes).digest('binary');
  const crc32c = `crc32c=${Buffer.from(crc).toString('base64')}`;
  const values = {
    md5: [md5],
    crc32c: [crc32c],
    both: [`${crc32c},${md5}`],
    repeated: [crc32c, md5],
    wrong: ['md5=AAAAAAAAAAAAAAAAAAAAAA=='],
    none: [],
  };
  return values[hash];
}

function sendFault(response: ServerResponse, { status, headers, body = '' }: ApiFault): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  sendText(response, status, JSON.stringify(body), 'application/json');
}

function sendText(response: ServerResponse, status: number, body: string, type: string): void {
  response.writeHead(status, { 'content-type': type });
  response.end(body);
}

async function listen(server: Server): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

function addressOf(server: Server): string {
  const address = server.address();
  if (!isPort(address)) throw new Error('the server does not listen');
  return `http://127.0.0.1:${address.port}`;
}

function isPort(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}
