import { readdirSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { type CliEnd, runCli, startCli } from '../support/cli.ts';
import { useTempDir } from '../support/tmp.ts';
import { documentOf, errorReport, runReport, verifyReport } from './report-shapes.ts';
import { manyRows, openShop, publish } from './shop.ts';

const dir = useTempDir();
const igarape = async (...args: string[]): Promise<CliEnd> => runCli([...args, '--json'], { cwd: dir() });
const errorCode = ({ stdout }: CliEnd): string => documentOf(stdout, errorReport).error.code;

test('0: done', async () => {
  await openShop(dir());
  await publish(dir(), 'clients', [{ id: 1 }]);
  expect((await igarape('run')).exitCode).toBe(0);
});

test('1: a defect, which says where its log is and has its stack there', async () => {
  await openShop(dir());
  await publish(dir(), 'clients', [{ id: 1 }]);
  const broken = `import crypto from 'node:crypto'; import { syncBuiltinESMExports } from 'node:module';
    const { randomUUID } = crypto;
    crypto.randomUUID = () => {
      if (!new Error().stack.includes('at forRun')) return randomUUID();
      throw new TypeError('no names are left', { cause: new RangeError('all given away') });
    };
    syncBuiltinESMExports();`;
  const preload = `data:text/javascript,${encodeURIComponent(broken)}`;
  const end = await runCli(['run', '--json'], { cwd: dir(), nodeOptions: ['--import', preload] });
  expect(end.exitCode).toBe(1);
  expect(errorCode(end)).toBe('DEFECT');
  const log = join(dir(), '.igarape', 'logs', 'igarape.log');
  expect(documentOf(end.stdout, errorReport).error.hint).toContain(log);
  expect(end.stderr).not.toContain('all given away');
  const lines = await readFile(log, 'utf8');
  expect(lines).toContain('all given away');
  expect(lines).toContain('at ');
});

test('1: an error that nobody waits for', async () => {
  await openShop(dir());
  await publish(dir(), 'clients', [{ id: 1 }]);
  const broken = `const timer = setInterval(() => {
    if (process.listenerCount('uncaughtException') === 0) return;
    clearInterval(timer);
    throw new TypeError('thrown by a timer');
  }, 1);`;
  const preload = `data:text/javascript,${encodeURIComponent(broken)}`;
  const end = await runCli(['run', '--json'], { cwd: dir(), nodeOptions: ['--import', preload] });
  expect(end.exitCode).toBe(1);
  expect(documentOf(end.stdout, errorReport).error).toMatchObject({
    code: 'DEFECT',
    message: 'thrown by a timer',
  });
});

test('2: a configuration that is refused', async () => {
  await openShop(dir(), { tabels: [] });
  const end = await igarape('run');
  expect([end.exitCode, errorCode(end)]).toEqual([2, 'CONFIG_INVALID']);
});

test('2: a lake that another source feeds', async () => {
  await openShop(dir());
  await publish(dir(), 'clients', [{ id: 1 }]);
  await igarape('run');
  await openShop(dir(), { source: { type: 'files', path: 'in/clients.csv' } });
  const end = await igarape('run');
  expect([end.exitCode, errorCode(end)]).toEqual([2, 'SOURCE_CHANGED']);
});

test('3: a source that is not there', async () => {
  await openShop(dir());
  await rm(join(dir(), 'in'), { recursive: true });
  const end = await igarape('run');
  expect([end.exitCode, errorCode(end)]).toEqual([3, 'SOURCE_NOT_FOUND']);
});

test('3: one table that cannot be read, while another is published', async () => {
  await openShop(dir(), { tables: ['clients', 'products'].map((name) => ({ name, pk: 'id' })) });
  await publish(dir(), 'clients', [{ id: 1 }]);
  await writeFile(join(dir(), 'in', 'products.csv'), 'id,name\n1,"cut');
  const end = await igarape('run');
  expect(end.exitCode).toBe(3);
  const { run, tables } = documentOf(end.stdout, runReport);
  expect(run).toBe(0);
  expect(tables).toMatchObject({ clients: { operation: 'full-load' }, products: { operation: 'failed' } });
});

test('4: a table that a guard holds, and a key that is not unique', async () => {
  await openShop(dir());
  await publish(dir(), 'clients', [{ id: 1 }, { id: 1 }]);
  const end = await igarape('run');
  expect(end.exitCode).toBe(4);
  expect(documentOf(end.stdout, runReport).tables['clients']?.operation).toBe('held');
});

test('5: verify finds one flipped byte', async () => {
  await openShop(dir());
  await publish(dir(), 'clients', [{ id: 1 }]);
  await igarape('run');
  expect((await igarape('verify')).exitCode).toBe(0);
  const path = join(dir(), 'lake', 'full-load', 'clients.parquet');
  const bytes = await readFile(path);
  bytes.writeUInt8(bytes.readUInt8(10) ^ 1, 10);
  await rm(path);
  await writeFile(path, bytes);
  const end = await igarape('verify');
  expect(end.exitCode).toBe(5);
  expect(documentOf(end.stdout, verifyReport)).toMatchObject({
    ok: false,
    tables: { clients: { ok: false } },
  });
});

test.each(['verify', 'compact'])('5: there is nothing to %s', async (command) => {
  await openShop(dir());
  const end = await igarape(command);
  expect([end.exitCode, errorCode(end)]).toEqual([5, 'LAKE_NOT_FOUND']);
});

test.skipIf(process.platform === 'win32')(
  '6: another run was first, and this one has published nothing',
  async () => {
    await openShop(dir());
    await publish(dir(), 'clients', manyRows(150_000));
    const slow = startCli(['run', '--json'], { cwd: dir() });
    await vi.waitFor(() => expect(readdirSync(join(dir(), '.igarape', 'runs'))).toHaveLength(1), {
      interval: 5,
      timeout: 20_000,
    });
    slow.kill('SIGSTOP');
    const quick = await igarape('run');
    slow.kill('SIGCONT');
    const end = await slow.ended;
    expect(quick.exitCode).toBe(0);
    expect([end.exitCode, errorCode(end)]).toEqual([6, 'CONFLICT']);
    expect(documentOf((await igarape('verify')).stdout, verifyReport)).toMatchObject({ ok: true, runs: 1 });
  },
);
