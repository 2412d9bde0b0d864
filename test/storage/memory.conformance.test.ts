import { describe } from 'vitest';
import { openMemoryStorage } from '../../src/storage/memory.ts';
import { useTempDir } from '../support/tmp.ts';
import { itIsAStorage } from './conformance.ts';

describe('a storage in memory', () => {
  const dir = useTempDir();
  itIsAStorage({ open: async () => openMemoryStorage(), dir, listsInKeyOrder: true });
});
