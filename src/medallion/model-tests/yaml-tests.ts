import { LineCounter, parseDocument } from 'yaml';
import * as z from 'zod';
import { parseFullName } from '../layer.ts';
import type { ModelTest, ReadTests, TestRows } from './model-test.ts';

const scalar = z.union([z.string(), z.number(), z.bigint(), z.boolean(), z.null()]);
const cell = z.union([scalar, z.array(z.unknown()), z.record(z.string(), z.unknown())]);
const rows = z.union([z.string(), z.array(z.record(z.string(), cell))], {
  error: 'rows, as a list of columns with their values, or a SELECT as text',
});
const test = z.strictObject({
  name: z.string().optional(),
  model: z.string({ error: 'the model that is tested, e.g. silver.clientes' }),
  vars: z.record(z.string(), z.union([scalar, z.array(scalar)])).default({}),
  given: z
    .record(z.string(), rows)
    .refine((given) => Object.keys(given).every((name) => parseFullName(name) !== undefined), {
      error: 'tables of layers with their rows, e.g. bronze.clientes',
    })
    .default({}),
  expect: rows,
});

/** Tests as YAML: a mapping of `model`, `given`, `expect`, and `vars`, or a list of such, each with a `name`. */
export function readYamlTests({ name, path }: Pick<ModelTest, 'name' | 'path'>, text: string): ReadTests {
  const lines = new LineCounter();
  const document = parseDocument(text, { intAsBigInt: true, lineCounter: lines });
  const lineAt = (offset: number): number => lines.linePos(offset).line;
  if (document.errors.length > 0)
    return {
      tests: [],
      problems: document.errors.map(({ message, pos }) => ({
        line: lineAt(pos[0]),
        message: `it is no YAML: ${message.split('\n')[0]}`,
      })),
    };
  const value: unknown = document.toJS();
  const parsed = z.array(test).safeParse(Array.isArray(value) ? value : [value]);
  if (!parsed.success)
    return {
      tests: [],
      problems: parsed.error.issues.map(({ path: at, message }) => ({
        line: undefined,
        message: `${at.slice(Array.isArray(value) ? 0 : 1).join('.') || 'the file'}: ${message}`,
      })),
    };
  const tests = parsed.data.map((each, index) => ({
    name: parsed.data.length === 1 ? name : `${name}/${each.name ?? index + 1}`,
    path,
    model: each.model,
    values: Object.fromEntries(
      Object.entries(each.vars).map(([variable, given]) => [
        variable,
        Array.isArray(given) ? given.map(String) : given === null ? null : String(given),
      ]),
    ),
    given: new Map(Object.entries(each.given).map(([table, given]) => [table.toLowerCase(), rowsOf(given)])),
    expected: rowsOf(each.expect),
  }));
  return { tests, problems: [] };
}

function rowsOf(written: z.infer<typeof rows>): TestRows {
  if (typeof written === 'string') return { kind: 'sql', sql: written };
  const texts = written.map((row) =>
    Object.fromEntries(Object.entries(row).map(([column, value]) => [column, textOf(value)])),
  );
  return { kind: 'rows', rows: texts };
}

function textOf(value: z.infer<typeof cell>): string | null {
  if (value === null) return null;
  return typeof value === 'object'
    ? JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner))
    : String(value);
}
