import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Takes one rule at a time out of a copy of the core, and runs the tests that have to find it:
// npx tsx scripts/core-mutants.ts

const ROOT = join(import.meta.dirname, '..');
const TESTS = [
  ...['plan', 'corpus', 'incremental.property'].map((name) => `test/medallion/incremental/${name}.test.ts`),
  ...['passes', 'additive'].map((name) => `test/medallion/gold/${name}.test.ts`),
];

interface Mutant {
  readonly rule: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const MUTANTS: readonly Mutant[] = [
  {
    rule: 'rows that have gone are touched, as those that have come',
    file: 'changes',
    from: 'parts.push(...atBothTimes((time) => of(this.#touched.changedItem(item, time))));',
    to: "parts.push({ query: of(this.#touched.changedItem(item, 'now')), time: 'now' });",
  },
  {
    rule: 'rows for values are exactly these',
    file: 'rows',
    from: "return some.kind === 'result' ? some : semi(some, wanted.step, conditions(wanted));",
    to: 'return some;',
  },
  {
    rule: 'of an outer join there are rows without a partner',
    file: 'rows',
    from: 'unionAll([known, select(list, others)])',
    to: 'known',
  },
  {
    rule: 'behind an outer join nothing is reached from its right side',
    file: 'reach',
    from: "right === at && (type === 'INNER' || type === 'RIGHT')",
    to: 'right === at',
  },
  {
    rule: 'then is now without what came, and with what went',
    file: 'rows',
    from: "if (time === 'now' || !this.#steps.changed.has(leaf.source)) return as(now);",
    to: 'return as(now);',
  },
  {
    rule: 'a null, or any row at all, matters to IN',
    file: 'looks',
    from: "{ expressions: [], step: this.#steps.add(hasNull, 'now') },",
    to: '',
  },
  {
    rule: 'a value of all rows touches all rows where it differs',
    file: 'looks',
    from: "differ(value('then'), value('now'))",
    to: "differ(value('now'), value('now'))",
  },
  {
    rule: 'rows are grouped by what is in every grouping set',
    file: 'partition',
    from: 'sets.every((set) => set.includes(index))',
    to: 'sets.some((set) => set.includes(index))',
  },
  {
    rule: 'windows narrow what rows belong together by',
    file: 'partition',
    from: 'keys = before === undefined ? plain : before.filter((each) => texts.has(textOfExpression(each)));',
    to: 'keys = before === undefined ? plain : before;',
  },
  {
    rule: 'a full join keeps neither side for sure',
    file: 'joins',
    from: "return type !== 'RIGHT' && type !== 'FULL';",
    to: "return type !== 'RIGHT';",
  },
  {
    rule: 'what a join keeps on its right is asked for',
    file: 'joins',
    from: "return type === 'INNER' || type === 'RIGHT';",
    to: "return type !== 'FULL';",
  },
  {
    rule: 'the queries of both sides of a set operation are asked',
    file: 'changes',
    from: 'const sides = [query.left, query.right].filter((side) => this.touches(side));',
    to: 'const sides = [query.left].filter((side) => this.touches(side));',
  },
  {
    rule: 'a correlated query touches the rows of its equalities',
    file: 'looks',
    from: 'return [{ expressions: outer, step: this.#changes.values(plain, own) }];',
    to: 'return [];',
  },
  {
    rule: 'DISTINCT looks at rows together',
    file: 'partition',
    from: "if (modifier['type'] !== 'DISTINCT_MODIFIER') continue;",
    to: 'continue;',
  },
  {
    rule: 'windows are of the rows of one date',
    file: 'dated',
    from: "return { ...inner, partitions: [...nodesOf(inner, 'partitions'), date] };",
    to: 'return inner;',
  },
  {
    rule: 'rows that are joined are of one date',
    file: 'dated',
    from: 'if (!isByName) on.push(equal(one, other));',
    to: 'if (!isByName) on.push();',
  },
  {
    rule: 'what is counted once is looked at as far as a date sees',
    file: 'changes',
    from: 'valueName(own.length)), windowDays - 1)',
    to: 'valueName(own.length)), 0)',
  },
  {
    rule: 'a value that is counted once counts on its newest day alone',
    file: 'by-days',
    from: 'filter: less(after, own(REACH))',
    to: 'filter: null',
  },
  {
    rule: 'what follows from the date is not added up by days',
    file: 'by-days',
    from: 'found === undefined || mentions(',
    to: 'found === undefined || [].includes(',
  },
  {
    rule: 'groups that are not shown are told apart by nothing',
    file: 'sums',
    from: 'if (!texts.every((text) => values.has(text))) return false;',
    to: '',
  },
];

function isCaught({ file, from, to }: Mutant): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'mutant-'));
  try {
    for (const name of ['src', 'test', 'package.json', 'vitest.config.ts', 'tsconfig.json'])
      cpSync(join(ROOT, name), join(folder, name), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const path = join(folder, 'src/medallion/incremental', `${file}.ts`);
    const text = readFileSync(path, 'utf8');
    if (!text.includes(from)) throw new Error(`${file}.ts has no ${from}`);
    writeFileSync(path, text.replace(from, to));
    const run = ['vitest', 'run', '--maxWorkers=1', '--bail=1', ...TESTS];
    return spawnSync('npx', run, { cwd: folder, env: { ...process.env, CI: 'true' } }).status !== 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const missed = MUTANTS.filter((mutant) => {
  const caught = isCaught(mutant);
  process.stdout.write(`${caught ? 'caught' : 'MISSED'}  ${mutant.rule}\n`);
  return !caught;
});
process.exitCode = missed.length > 0 ? 1 : 0;
