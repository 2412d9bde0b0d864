import { IgarapeError } from '../../core/errors.ts';
import { checkKey } from '../key.ts';

/** A bucket and the prefix under which a storage keeps its objects. */
export class Bucket {
  readonly name: string;
  /** Empty, or ends in `/`. */
  readonly prefix: string;
  readonly uri: string;

  /** Throws `CONFIG_INVALID` where `uri` is not `s3://bucket/prefix`. */
  constructor(uri: string) {
    const [, name, prefix = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/s.exec(uri) ?? [];
    if (name === undefined) {
      throw new IgarapeError('CONFIG_INVALID', `${uri} does not name a bucket`, {
        hint: 'Write s3://bucket/prefix.',
      });
    }
    const trimmed = prefix.replace(/\/+$/, '');
    if (trimmed !== '') checkKey(trimmed);
    this.name = name;
    this.prefix = trimmed === '' ? '' : `${trimmed}/`;
    this.uri = trimmed === '' ? `s3://${name}` : `s3://${name}/${trimmed}`;
  }

  /** Where a key of the storage is in the bucket: the two members that every request on an object has. */
  object(key: string): { Bucket: string; Key: string } {
    checkKey(key);
    return { Bucket: this.name, Key: `${this.prefix}${key}` };
  }

  /** The storage's key of an object in the bucket. */
  keyOf(objectKey: string): string {
    return objectKey.slice(this.prefix.length);
  }

  uriOf(key: string): string {
    return key === '' ? this.uri : `${this.uri}/${key}`;
  }

  /** An object as the source of a copy: bucket and key, percent-encoded part by part. */
  copySource(key: string): string {
    return `${this.name}/${this.object(key).Key.split('/').map(encodeURIComponent).join('/')}`;
  }
}
