import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { withRunDir } from '../../src/pipeline/run-dir.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();
const edge = (id: string): { newId: () => string; clock: () => number } => ({
  newId: () => id,
  clock: Date.now,
});
const left = async (): Promise<string[]> => readdir(join(dir(), 'runs'));

/** The name that a run of this machine has in the process `pid`. */
async function nameIn(pid: number): Promise<string> {
  const own = await withRunDir(dir(), edge('other'), async (runDir) => basename(runDir));
  return own.replace(`.${process.pid}.`, `.${pid}.`);
}

async function leave(name: string): Promise<void> {
  await mkdir(join(dir(), 'runs', name), { recursive: true });
  await writeFile(join(dir(), 'runs', name, 'spill'), 'x');
}

test('the folder is there for the work alone, also where that fails', async () => {
  const path = await withRunDir(dir(), edge('a'), async (runDir) => {
    expect(await readdir(runDir)).toEqual([]);
    await writeFile(join(runDir, 'file'), 'x');
    return runDir;
  });
  expect(basename(path)).toMatch(new RegExp(`\\.${process.pid}\\..*\\.a$`));
  const failing = withRunDir(dir(), edge('b'), async () => {
    throw new RangeError('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(await left()).toEqual([]);
});

test('what a process that ended has left is dropped', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  await leave(await nameIn(child.pid ?? 0));
  await withRunDir(dir(), edge('a'), async () => undefined);
  expect(await left()).toEqual([]);
});

test('the folder of a process that lives, and of another run of this one, is left alone', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  onTestFinished(() => void child.kill());
  await once(child, 'spawn');
  const name = await nameIn(child.pid ?? 0);
  await leave(name);
  await withRunDir(dir(), edge('a'), async () => {
    await withRunDir(dir(), edge('b'), async () => undefined);
    expect((await left()).filter((found) => found.endsWith('.a'))).toHaveLength(1);
  });
  expect(await left()).toEqual([name]);
});

test('a folder of a process that had our number is dropped, of a container that has it too is left', async () => {
  const own = await nameIn(process.pid);
  const before = own.replace(/[\da-f]{12}\.other$/, '000000000000.other');
  const container = own.replace(/^[\da-f]+/, '0123456789abcdef');
  await leave(before);
  await leave(container);
  await withRunDir(dir(), edge('a'), async () => undefined);
  expect(await left()).toEqual([container]);
});

test("another machine's folder is dropped only a day after its last change", async () => {
  await leave('elsewhere.1.x');
  await withRunDir(dir(), edge('a'), async () => undefined);
  expect(await left()).toEqual(['elsewhere.1.x']);
  const longAgo = new Date(Date.now() - 25 * 60 * 60 * 1000);
  await utimes(join(dir(), 'runs', 'elsewhere.1.x'), longAgo, longAgo);
  await withRunDir(dir(), edge('a'), async () => undefined);
  expect(await left()).toEqual([]);
});
