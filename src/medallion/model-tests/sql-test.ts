import type { VariableValue } from '../../config/config.ts';
import { parseFullName } from '../layer.ts';
import type { ModelTest, ReadTests, TestRows } from './model-test.ts';

/**
 * A test as a file of SELECTs: `-- model: silver.clientes`, then below `-- given: bronze.clientes` the rows of each table
 * that the model reads, and below `-- expect:` those that it is to give; `-- var: name = value` gives a variable another
 * value.
 */
export function readSqlTest({ name, path }: Pick<ModelTest, 'name' | 'path'>, text: string): ReadTests {
  const problems: { line: number; message: string }[] = [];
  const report = (line: number, message: string): void => void problems.push({ line, message });
  const given = new Map<string, TestRows>();
  const values: Record<string, VariableValue> = {};
  let model: string | undefined;
  let expected: TestRows | undefined;
  for (const { word, value, line, sql } of sectionsOf(text)) {
    const rows: TestRows = { kind: 'sql', sql };
    if (word === 'model') {
      if (model !== undefined) report(line, 'model: stands there already; allowed: one a file');
      model = value;
    } else if (word === 'var') {
      const [, variable, written] = /^([^=\s]+)\s*=\s*(.*)$/.exec(value) ?? [];
      if (variable === undefined || written === undefined)
        report(line, `var: found ${JSON.stringify(value)}; allowed: name = value`);
      else values[variable] = written;
    } else if (sql.trim() === '') {
      report(line, `${word}: found no SELECT below it; allowed: one`);
    } else if (word === 'expect') {
      if (expected !== undefined) report(line, 'expect: stands there already; allowed: once');
      expected = rows;
    } else if (parseFullName(value) === undefined) {
      report(
        line,
        `given: found ${JSON.stringify(value)}; allowed: a table of a layer, e.g. bronze.clientes`,
      );
    } else if (given.has(value.toLowerCase())) {
      report(line, `given: ${value} stands there already; allowed: once`);
    } else given.set(value.toLowerCase(), rows);
  }
  if (model === undefined)
    report(1, 'model: is missing; allowed: the model that is tested, e.g. "-- model: silver.clientes"');
  if (expected === undefined)
    report(1, 'expect: is missing; allowed: "-- expect:" and below it a SELECT of the rows');
  return {
    tests:
      model === undefined || expected === undefined || problems.length > 0
        ? []
        : [{ name, path, model, values, given, expected }],
    problems,
  };
}

interface Section {
  readonly word: string;
  readonly value: string;
  /** Counted from 1. */
  readonly line: number;
  readonly sql: string;
}

function sectionsOf(text: string): readonly Section[] {
  const sections: Section[] = [];
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
    const [, word, value = ''] = /^\s*--\s*(model|var|given|expect) *:(.*)$/i.exec(line) ?? [];
    const last = sections.at(-1);
    if (word !== undefined)
      sections.push({ word: word.toLowerCase(), value: value.trim(), line: index + 1, sql: '' });
    else if (last !== undefined && /^\s*(?!--)\S/.test(line))
      sections[sections.length - 1] = { ...last, sql: `${last.sql}${line}\n` };
  }
  return sections;
}
