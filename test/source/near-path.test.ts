import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { nearPath } from '../../src/source/near-path.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

beforeEach(async () => mkdir(join(dir(), 'loja/dados/2024'), { recursive: true }));

test.each([
  ['loja/Dados', 'loja/dados'],
  ['loja/dado', 'loja/dados'],
  ['LOJA/dados', 'loja/dados'],
  ['Loja/Dados/2024', 'loja/dados/2024'],
])('%s is taken for %s', (path, meant) => {
  expect(nearPath(join(dir(), path))).toBe(join(dir(), meant));
});

test.each(['loja/vendas', 'x/dados', 'loja/dados/2024/x'])('%s is taken for nothing else', (path) => {
  expect(nearPath(join(dir(), path))).toBeUndefined();
});
