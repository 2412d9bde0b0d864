import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hiveFolder } from '../../../src/delta/files/hive-path.ts';
import { checkpointKey, commitKey, parseLogPath } from '../../../src/delta/log/path.ts';
import { decodeUriPath, encodeUriPath, filePathKey } from '../../../src/delta/protocol/uri-path.ts';

describe('paths of data files', () => {
  it('come back from one decoding, whatever the file is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (name) => {
        fc.pre(!name.startsWith('/'));
        expect(decodeUriPath(encodeUriPath(name))).toEqual({ kind: 'relative', key: name });
        expect(filePathKey(encodeUriPath(name))).toBe(name);
      }),
    );
  });

  it('keep their Hive escapes, which are part of the name', () => {
    const folder = hiveFolder(['p', 'q%'], { p: 'a:b c', 'q%': '' });
    expect(folder).toBe('p=a%3Ab c/q%25=__HIVE_DEFAULT_PARTITION__');
    expect(decodeUriPath(encodeUriPath(folder))).toEqual({ kind: 'relative', key: folder });
  });

  it.each(['file:/tmp/x y', 'file:///tmp/x%20y', '/tmp/x%20y', 'file://localhost/tmp/x y'])(
    'name one file in every spelling: %s',
    (path) => {
      expect(decodeUriPath(path)).toEqual({ kind: 'local', path: '/tmp/x y' });
      expect(filePathKey(path)).toBe('/tmp/x y');
    },
  );

  it('tell an address of another store from a file with a colon in its name', () => {
    expect(decodeUriPath('s3://bucket/a%20b')).toEqual({ kind: 'remote', uri: 's3://bucket/a b' });
    expect(decodeUriPath('time=12:30/a')).toEqual({ kind: 'relative', key: 'time=12:30/a' });
  });

  it('stand for themselves where they cannot be decoded', () => {
    expect(() => decodeUriPath('100%/a')).toThrow(URIError);
    expect(filePathKey('100%/a')).toBe('100%/a');
  });
});

describe('names in the log', () => {
  it('give back the version that they were made of', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (version) => {
        expect(parseLogPath(commitKey(version))).toEqual({ kind: 'commit', version });
        expect(parseLogPath(checkpointKey(version))).toMatchObject({ kind: 'checkpoint', version });
      }),
    );
  });

  it.each([
    ['00000000000000000002.checkpoint.0000000001.0000000003.parquet', { type: 'part', part: 1, of: 3 }],
    [
      '00000000000000000002.checkpoint.6374b053-df23-479b-b2cf-c9c550132b49.json',
      { type: 'uuid', format: 'json' },
    ],
  ])('tell the forms of checkpoints apart: %s', (name, form) => {
    expect(parseLogPath(`_delta_log/${name}`)).toEqual({ kind: 'checkpoint', version: 2, form });
  });

  it.each([
    '_delta_log/_last_checkpoint',
    '_delta_log/.tmp-00000000000000000000.json',
    '_delta_log/.00000000000000000000.json.crc',
    '_delta_log/0.json',
    '_delta_log/00000000000000000002.checkpoint.0000000004.0000000003.parquet',
    '_delta_log/00000000000000000002.00000000000000000002.compacted.json',
    '_delta_log/99999999999999999999.json',
    'other/00000000000000000000.json',
  ])('are passed over where they are none: %s', (key) => {
    expect(parseLogPath(key)).toBeUndefined();
  });
});
