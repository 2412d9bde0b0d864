import { IgarapeError } from '../../core/errors.ts';

/** A Kaggle data set, and the version number where the handle names one. */
export interface DatasetHandle {
  readonly owner: string;
  readonly slug: string;
  readonly version: number | undefined;
}

/** Reads `owner/slug`, `owner/slug/N` and `owner/slug/versions/N`. Throws `CONFIG_INVALID`. */
export function parseHandle(text: string): DatasetHandle {
  const match = /^([\w-]+)\/([\w-]+)(?:\/(?:versions\/)?([1-9]\d{0,8}))?$/.exec(text.trim());
  const [, owner, slug, version] = match ?? [];
  if (owner === undefined || slug === undefined) {
    throw new IgarapeError('CONFIG_INVALID', `${JSON.stringify(text)} names no Kaggle data set`, {
      hint: 'Write owner/slug, as in its page’s address, or owner/slug/versions/N for one version.',
    });
  }
  return { owner, slug, version: version === undefined ? undefined : Number(version) };
}
