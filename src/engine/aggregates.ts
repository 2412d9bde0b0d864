import type { Engine } from './engine.ts';

/** The names, in lower case, of the engine's functions that make one row of many. */
async function aggregateFunctions(engine: Engine): Promise<ReadonlySet<string>> {
  const rows = await engine.rows(
    `SELECT DISTINCT lower(function_name) AS name FROM duckdb_functions() WHERE function_type = 'aggregate'`,
  );
  return new Set(rows.map(({ name }) => String(name)));
}

/** As {@link aggregateFunctions}, with the macros that call one, directly or through others. */
export async function aggregateNames(engine: Engine): Promise<ReadonlySet<string>> {
  const names = new Set(await aggregateFunctions(engine));
  const macros = await engine.rows(
    `SELECT DISTINCT lower(function_name) AS name, lower(macro_definition) AS definition
      FROM duckdb_functions() WHERE function_type = 'macro'`,
  );
  let known: number;
  do {
    known = names.size;
    for (const { name, definition } of macros) {
      const calls = String(definition).matchAll(/(\w+)"?\(/g);
      if ([...calls].some(([, called = '']) => names.has(called))) names.add(String(name));
    }
  } while (names.size > known);
  return names;
}
