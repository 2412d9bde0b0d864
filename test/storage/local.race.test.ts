import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openLocalStorage } from '../../src/storage/local.ts';
import { useTempDir } from '../support/tmp.ts';
import { race } from './race.ts';

describe('several processes on one folder', () => {
  const dir = useTempDir();

  it('create an object once between them, in a folder that none of them finds', async () => {
    const uri = join(dir(), 'lake');
    const order = { location: { uri, s3: {} }, env: {}, key: 'ledger/0.json', puts: 5 };
    expect(await race(4, order)).toBe(1);
    const body = await openLocalStorage(uri).read('ledger/0.json');
    expect(Buffer.from(body ?? []).toString()).toMatch(/^\d+-\d$/);
  });
});
