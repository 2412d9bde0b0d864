import { expect, test } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import { UNSTABLE_FUNCTIONS } from '../../src/engine/functions.ts';

test('the functions are known whose value the engine says not to follow from their arguments alone', async () => {
  const engine = Engine.open({ memoryLimit: '256MB', spillDir: 'unused', threads: 1 });
  try {
    const rows = await engine.rows(
      `SELECT DISTINCT lower(function_name) AS name FROM duckdb_functions() WHERE stability <> 'CONSISTENT' ORDER BY name`,
    );
    expect(rows.map(({ name }) => String(name))).toEqual(UNSTABLE_FUNCTIONS);
  } finally {
    engine.close();
  }
});
