import type { SampleChange } from '../../changes/sample.ts';
import type { TestDifference } from '../../medallion/model-tests/run-test.ts';
import type { TestedModel, TestReport } from '../../pipeline/test-models.ts';
import { say, told } from '../language.ts';
import { count } from './format.ts';
import { type Layout, wrapped } from './layout.ts';
import { sampleLine } from './sample.ts';
import { stateWord } from './state.ts';
import { table } from './table.ts';

export function renderTests({ tests }: TestReport, layout: Layout): string {
  if (tests.length === 0) return say('There are no tests: they are models/tests/*.sql and *.yaml.');
  const failed = tests.filter(({ outcome }) => outcome.kind !== 'passed');
  return [
    table(
      ['test', 'model', ''],
      tests.map(({ name, model, outcome }) => [
        name,
        model,
        stateWord(outcome.kind === 'passed' ? 'ok' : 'FAILED'),
      ]),
      layout,
    ),
    ...failed.flatMap((test) => details(test, layout)),
    ...(failed.length === 0 ? [] : ['']),
    say(`${count(tests.length - failed.length)} passed, ${count(failed.length)} failed`),
  ].join('\n');
}

function details({ path, name, outcome }: TestedModel, layout: Layout): string[] {
  if (outcome.kind === 'passed') return [];
  const lines =
    outcome.kind === 'failed'
      ? [told(outcome.reason)]
      : [
          ...outcome.differences.map((difference) => differenceLine(difference, layout)),
          ...(outcome.differences.length < outcome.total
            ? [say(`the first ${count(outcome.differences.length)} of ${count(outcome.total)} rows`)]
            : []),
        ];
  return ['', `${name} (${path})`, ...lines.map((line) => wrapped(`  ${line}`, layout, '    '))];
}

/** Of a row that differs `expected → found`. */
function differenceLine({ kind, row, expected }: TestDifference, { width }: Layout): string {
  const differs = (before: TestDifference['row']): SampleChange => ({
    operation: 'U',
    row,
    before,
    changed: Object.keys(row).filter((name) => row[name] !== before[name]),
  });
  const operation = kind === 'missing' ? 'D' : 'I';
  const line = sampleLine(expected === undefined ? { operation, row } : differs(expected), [], width);
  return `${say(kind).padEnd(Math.max(...KINDS.map((each) => say(each).length)))}  ${line.replace(/^\S+\s+/, '')}`;
}

const KINDS = ['missing', 'not expected', 'differs'] as const;
