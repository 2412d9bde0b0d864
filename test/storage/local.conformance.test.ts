import { join } from 'node:path';
import { describe } from 'vitest';
import { openLocalStorage } from '../../src/storage/local.ts';
import { useTempDir } from '../support/tmp.ts';
import { itIsAStorage, itListsAcrossFoldersInKeyOrder } from './conformance.ts';

describe('a folder', () => {
  const dir = useTempDir();
  let lakes = 0;
  const freshLake = (): string => {
    lakes += 1;
    return join(dir(), `lake-${lakes}`);
  };
  const storage = { open: async () => openLocalStorage(freshLake()), dir };
  itIsAStorage(storage);
  itListsAcrossFoldersInKeyOrder(storage);

  describe('on a file system without hard links', () => {
    itIsAStorage({ open: async () => openLocalStorage(freshLake(), noLink), dir });
  });
});

function noLink(): Promise<void> {
  return Promise.reject(Object.assign(new Error('no hard links'), { code: 'EPERM' }));
}
