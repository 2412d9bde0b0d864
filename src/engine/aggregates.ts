import type { Engine } from './engine.ts';

/** No engine is given functions of its own. */
const known = new WeakMap<Engine, ReadonlySet<string>>();

/**
 * The names, in lower case, of the engine's functions that make one row of many, and of the macros that call one, directly
 * or through others.
 */
export async function aggregateNames(engine: Engine): Promise<ReadonlySet<string>> {
  const names = known.get(engine) ?? (await readNames(engine));
  known.set(engine, names);
  return names;
}

async function readNames(engine: Engine): Promise<ReadonlySet<string>> {
  const functions = await engine.rows(
    `SELECT DISTINCT function_type AS type, lower(function_name) AS name, lower(macro_definition) AS definition
      FROM duckdb_functions() WHERE function_type IN ('aggregate', 'macro')`,
  );
  const names = new Set(functions.filter(({ type }) => type === 'aggregate').map(({ name }) => String(name)));
  let before: number;
  do {
    before = names.size;
    for (const { name, definition } of functions) {
      const calls = String(definition).matchAll(/(\w+)"?\(/g);
      if ([...calls].some(([, called = '']) => names.has(called))) names.add(String(name));
    }
  } while (names.size > before);
  return names;
}
