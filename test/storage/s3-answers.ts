import { afterEach } from 'vitest';
import type { S3Access } from '../../src/core/s3-access.ts';
import type { Storage } from '../../src/storage/port.ts';
import type { S3Settings } from '../../src/storage/s3/settings.ts';
import { openS3Storage } from '../../src/storage/s3/storage.ts';
import { type Proxy, type SeenRequest, startProxy, type Treatment } from './s3-proxy.ts';

export const OK: Treatment = { status: 200, headers: { etag: '"e"' } };

/** The credentials that sign the requests; no error may show them. */
export const SECRETS = {
  AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  AWS_SESSION_TOKEN: 'FwoGZXIvYXdzEXAMPLETOKEN',
};

/** An endpoint on a real socket whose answers a test chooses, and a storage at `s3://b/p` that asks it. */
export interface ChosenAnswers {
  /** A storage whose requests are answered in turn; the last answer is given for ever. */
  answering(
    answers: readonly Treatment[],
    settings?: Partial<S3Settings>,
    access?: S3Access,
  ): Promise<Storage>;
  servedBy(
    treat: (seen: SeenRequest, index: number) => Treatment,
    settings?: Partial<S3Settings>,
    access?: S3Access,
  ): Promise<Storage>;
  /** The requests to the storage that was made last. */
  seen(): readonly SeenRequest[];
  /** How long that storage would have waited between its tries: it does not wait. */
  waitsMs(): readonly number[];
  /** Closes the endpoint now. */
  stop(): Promise<void>;
}

/** Call once a file; what a test opened is closed after it. */
export function useChosenAnswers(): ChosenAnswers {
  let proxy: Proxy | undefined;
  let waitsMs: number[] = [];
  const stop = async (): Promise<void> => {
    await proxy?.stop();
    proxy = undefined;
  };
  const servedBy: ChosenAnswers['servedBy'] = async (treat, settings = {}, access = {}) => {
    await stop();
    waitsMs = [];
    proxy = await startProxy(undefined, treat);
    const place = { ...access, endpoint: proxy.endpoint, forcePathStyle: true };
    return openS3Storage('s3://b/p', place, SECRETS, { sleep: async (ms) => waitsMs.push(ms), ...settings });
  };
  afterEach(stop);
  return {
    answering: (answers, settings, access) =>
      servedBy((_, index) => answers[index] ?? answers.at(-1) ?? OK, settings, access),
    servedBy,
    seen: () => proxy?.seen ?? [],
    waitsMs: () => waitsMs,
    stop,
  };
}
