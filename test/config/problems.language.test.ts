import { expect, test } from 'vitest';
import { z } from 'zod';
import { configSchema } from '../../src/config/schema.ts';
import { resolveConfig } from '../../src/config/resolve.ts';
import { PT_BR } from '../../src/core/language/pt-br/all.ts';
import { translation } from '../../src/core/language/translation.ts';
import { englishIn } from '../support/english.ts';

type Path = readonly (string | number)[];

/** Every place of a configuration, by its JSON Schema. */
function placesOf(schema: unknown, path: Path = []): Path[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const parts = new Map(Object.entries(schema));
  const branches = [parts.get('oneOf'), parts.get('anyOf'), parts.get('allOf')].flatMap((each) =>
    Array.isArray(each) ? each.flatMap((branch) => placesOf(branch, path)) : [],
  );
  const named = Object.entries(parts.get('properties') ?? {}).flatMap(([name, member]) =>
    placesOf(member, [...path, name]),
  );
  return [
    path,
    ...branches,
    ...named,
    ...placesOf(parts.get('items'), [...path, 0]),
    ...placesOf(parts.get('additionalProperties'), [...path, 'x']),
  ];
}

function at(path: Path, value: unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  return typeof first === 'number' ? [at(rest, value)] : { [first]: at(rest, value) };
}

const WRONG: readonly unknown[] = [null, 5, -1, '', 'x', 'a b', true, [], ['x', 'x'], [5], {}, { x: 5 }];

test('what is wrong with a configuration is told in Portuguese to its last word, wherever it is', () => {
  const translate = translation(PT_BR.told);
  const schema = z.toJSONSchema(configSchema, { io: 'input' });
  const places = new Map(placesOf(schema).map((path) => [JSON.stringify(path), path]));
  const messages = [...places.values()].flatMap((path) =>
    WRONG.flatMap((value) => {
      const resolved = resolveConfig(at(path, value), '/');
      // As a line of the error has it.
      return resolved.kind === 'invalid'
        ? resolved.problems.map(
            ({ path: key, message }) => `${key.length === 0 ? 'the configuration' : 'x'}: ${message}`,
          )
        : [];
    }),
  );
  const left = [...new Set(messages)].filter((message) => {
    const [, allowed = ''] = /; allowed: (.*)$/.exec(message) ?? [];
    const isNames = /^[\w$]+(?:, [\w$]+)*$/.test(allowed);
    const said = translate(`${isNames ? message.slice(0, -allowed.length) : message} (line 1, column 2)`);
    return (
      englishIn(said).length > 0 || (!isNames && allowed.includes(' ') && said.includes(`${allowed} (linha`))
    );
  });
  expect(messages.length).toBeGreaterThan(1000);
  expect(left).toEqual([]);
});
