import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const MOST_OUTPUT_BYTES = 64 * 1024 * 1024;

/** Runs a script of `test/readers/` on tasks by name; resolves the JSON that it prints, an answer for each task. */
export async function runTasks(
  python: string,
  script: string,
  folder: string,
  tasks: Readonly<Record<string, object>>,
  more: readonly string[] = [],
): Promise<Readonly<Record<string, unknown>>> {
  const path = join(folder, 'tasks.json');
  await writeFile(path, JSON.stringify(tasks));
  const { stdout } = await promisify(execFile)(
    python,
    [join(import.meta.dirname, '../readers', script), path, ...more],
    {
      env: { ...process.env, SPARK_LOCAL_IP: '127.0.0.1', PYTHONUTF8: '1' },
      maxBuffer: MOST_OUTPUT_BYTES,
    },
  );
  const answers: unknown = JSON.parse(stdout);
  if (typeof answers !== 'object' || answers === null) throw new Error(`${script} printed no object.`);
  return Object.fromEntries(Object.entries(answers));
}
