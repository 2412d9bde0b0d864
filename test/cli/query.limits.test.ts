import { expect, test } from 'vitest';
import { runCli, startCli } from '../support/cli.ts';
import { useTempDir } from '../support/tmp.ts';
import { openShop } from './shop.ts';

const dir = useTempDir();

const ENDLESS = 'SELECT count(*) FROM range(100000000) a, range(100000) b WHERE a.range * b.range % 7 = 3';

test.each([
  ['--timeout', {}, ['--timeout', '1']],
  ['query_timeout', { query_timeout: 1 }, []],
])('a query that takes longer than %s allows is broken off', async (_from, config, options) => {
  await openShop(dir(), config);
  const { exitCode, stdout } = await runCli(['query', '--json', ENDLESS, ...options], { cwd: dir() });
  expect(JSON.parse(stdout)).toMatchObject({
    error: { code: 'TIME_LIMIT', message: 'The query was broken off after 1 seconds.' },
  });
  expect(exitCode).toBe(2);
});

test('values that the engine does not count end the process, where it cannot leave them, and with a word', async () => {
  await openShop(dir(), { memory_limit: '100MB' });
  const { ended } = startCli(['query', 'SELECT len(range(100000000))'], { cwd: dir() });
  const { exitCode, stderr } = await ended;
  expect(stderr).toContain('error[MEMORY_LIMIT] The query was broken off: it took more than 200 MB');
  expect(exitCode).toBeNull();
});
