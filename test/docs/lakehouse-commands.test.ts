import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { duckdbDeltaPython, polarsPython } from '../delta/interop/peers.ts';
import { describeWith } from '../support/external.ts';
import { sparkPython } from '../support/python.ts';
import { fencesOf } from './fences.ts';
import { FENCE_TIMEOUT_MS, missingLines, runShell, stepsOf } from './run-fences.ts';
import { writeFileAt } from '../support/write-file.ts';

const ROOT = join(import.meta.dirname, '../..');
const STEPS = stepsOf(fencesOf(readFileSync(join(ROOT, 'docs/lakehouse.md'), 'utf8')));

let home = '';
let project = '';
beforeAll(async () => {
  home = await realpath(await mkdtemp(join(tmpdir(), 'igarape-page-')));
  project = join(home, 'project');
  await mkdir(project);
  const program = join(home, 'bin', 'igarape');
  await mkdir(dirname(program));
  await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${ROOT}/bin/igarape.js' "$@"\n`);
  await chmod(program, 0o755);
});
afterAll(() => rm(home, { recursive: true, force: true }));

describe.skipIf(process.platform === 'win32')('docs/lakehouse.md, from top to bottom', () => {
  let written: { readonly file: string; readonly text: string }[] = [];
  const steps = STEPS.flatMap((step) => {
    const file = /^(?:csv|json|sql|yaml) (\S+\.(?:csv|json|sql|yaml))$/.exec(step.info)?.[1];
    if (file !== undefined) written.push({ file, text: step.text });
    if (step.info !== 'sh run') return [];
    const files = written;
    written = [];
    return [{ ...step, files }];
  });
  test.each(steps)('does what is shown: $text', { timeout: FENCE_TIMEOUT_MS }, async (step) => {
    for (const { file, text } of step.files) {
      await writeFileAt(join(project, file), text);
    }
    const path = `${join(home, 'bin')}:${process.env['PATH'] ?? ''}`;
    const { lines } = await runShell(step.text, { cwd: project, env: { ...process.env, PATH: path } });
    expect(missingLines(step, lines), lines.join('\n')).toEqual([]);
  });
});

describeWith(await polarsPython(), 'docs/lakehouse.md, in Python', (python) => {
  snippets('python run pandas', python);
  snippets('python run polars', python);
});

describeWith(await duckdbDeltaPython(), 'docs/lakehouse.md, in DuckDB', (python) => {
  snippets('sql run duckdb', python);
});

describeWith(await sparkPython(), 'docs/lakehouse.md, in Spark', ({ python, jars }) => {
  snippets('python run spark', python, () => [join(home, 'spark'), jars]);
});

/** A reader's snippets, on the lake that the commands have made. */
function snippets(info: string, python: string, more: () => readonly string[] = () => []): void {
  const steps = STEPS.filter((step) => step.info === info);
  test.each(steps)('reads what is shown: $text', { timeout: FENCE_TIMEOUT_MS }, async (step) => {
    const kind = info.split(' ').at(-1) ?? '';
    const child = spawn(python, [join(import.meta.dirname, 'run_fence.py'), kind, ...more()], {
      cwd: project,
      env: { ...process.env, SPARK_LOCAL_IP: '127.0.0.1', PYTHONUTF8: '1' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const written = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (text: string) => (written[name] += text));
    child.stdin.end(step.text);
    await once(child, 'close');
    expect(child.exitCode, written.stderr).toBe(0);
    expect(missingLines(step, written.stdout.split('\n')), written.stdout).toEqual([]);
  });
}
