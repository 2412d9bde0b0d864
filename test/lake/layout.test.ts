import { describe, expect, test } from 'vitest';
import {
  attemptName,
  attemptRun,
  changeFileKey,
  fullLoadKey,
  ledgerKey,
  ledgerRun,
  snapshotKey,
  stagedKey,
} from '../../src/lake/layout.ts';

const AT = new Date(Date.UTC(2025, 9, 4, 12, 0, 9, 999));

describe('where things are in a lake', () => {
  test('flat', () => {
    expect(fullLoadKey('flat', 'clientes')).toBe('full-load/clientes.parquet');
    expect(fullLoadKey('flat', 'clientes', AT)).toBe('full-load/clientes_20251004_120009.parquet');
    expect(changeFileKey('flat', 'clientes', AT)).toBe('cdc/clientes_20251004_120009.parquet');
  });

  test('nested', () => {
    expect(fullLoadKey('nested', 'clientes')).toBe('full-load/clientes/clientes.parquet');
    expect(changeFileKey('nested', 'clientes', AT)).toBe('cdc/clientes/clientes_20251004_120009.parquet');
  });

  test('the ledger is in the order of its names, however many runs there are', () => {
    const keys = [0, 9, 10, 99_999, Number.MAX_SAFE_INTEGER].map(ledgerKey);
    expect(keys.toSorted((left, right) => (left < right ? -1 : 1))).toEqual(keys);
    expect(keys.map(ledgerRun)).toEqual([0, 9, 10, 99_999, Number.MAX_SAFE_INTEGER]);
  });

  test.each([
    '_igarape/ledger/1.json',
    '_igarape/ledger/00000000000000000000.json.tmp',
    'x/_igarape/ledger/00000000000000000000.json',
  ])('%s is no entry of the ledger', (key) => {
    expect(ledgerRun(key)).toBeUndefined();
  });

  test('what an attempt stages tells its run', () => {
    const attempt = attemptName(7, 'some-id');
    expect(attemptRun(attempt)).toBe(7);
    expect(attemptRun('probe-x')).toBeUndefined();
    expect(stagedKey(attempt, 'cdc/t.parquet')).toBe(
      '_igarape/staging/00000000000000000007-some-id/cdc/t.parquet',
    );
    expect(snapshotKey('t', attempt)).toBe('_igarape/snapshots/t/00000000000000000007-some-id.parquet');
  });
});
