import { describe } from 'vitest';
import { openMemoryStorage } from '../../src/storage/memory.ts';
import { useTempDir } from '../support/tmp.ts';
import { itIsAStorage, itListsAcrossFoldersInKeyOrder } from './conformance.ts';

describe('a storage in memory', () => {
  const dir = useTempDir();
  const storage = { open: async () => openMemoryStorage(), dir };
  itIsAStorage(storage);
  itListsAcrossFoldersInKeyOrder(storage);
});
