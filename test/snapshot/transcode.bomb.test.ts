import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { toUtf8 } from '../../src/snapshot/transcode.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

test('a gzip file that unpacks to far more than tables do is refused, and leaves nothing', async () => {
  const member = gzipSync(Buffer.alloc(64 * 1024 * 1024, 'x'));
  const path = join(dir(), 't.csv.gz');
  await writeFile(path, Buffer.concat(Array.from({ length: 5 }, () => member)));
  const to = join(dir(), 't.csv');
  await expect(toUtf8(path, 'utf-8', to, new AbortController().signal)).rejects.toMatchObject({
    code: 'SOURCE_UNSAFE_ARCHIVE',
  });
  expect([existsSync(to), existsSync(`${to}.part`)]).toEqual([false, false]);
});
