import { readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { filesIn, TESTS_FOLDER } from '../models/files.ts';
import { type ModelProblem, modelsInvalid } from '../models/problem.ts';
import type { ModelTest } from './model-test.ts';
import { readSqlTest } from './sql-test.ts';
import { readYamlTests } from './yaml-tests.ts';

/** Reads `tests/*.sql` and `tests/*.yaml` of the models' folder. @throws IgarapeError CONFIG_INVALID with every problem */
export async function readTests(folder: string): Promise<readonly ModelTest[]> {
  const tests: ModelTest[] = [];
  const problems: ModelProblem[] = [];
  for (const within of await filesIn(folder, `${TESTS_FOLDER}/**/*.{sql,yaml,yml}`)) {
    const path = `${basename(folder)}/${within}`;
    const ending = extname(within);
    const name = within.slice(TESTS_FOLDER.length + 1, -ending.length);
    const text = (await readFile(join(folder, within), 'utf8')).replace(/^\uFEFF/, '');
    const read =
      ending.toLowerCase() === '.sql'
        ? readSqlTest({ name, path }, text)
        : readYamlTests({ name, path }, text);
    tests.push(...read.tests);
    problems.push(...read.problems.map((problem) => ({ ...problem, path })));
  }
  if (problems.length > 0) throw modelsInvalid(basename(folder), problems);
  return tests;
}
