import { IgarapeError } from '../../core/errors.ts';
import { sameName } from '../../core/schema.ts';
import { quoteName } from '../../engine/quote.ts';
import { type Cube, DATE_COLUMN } from './cube.ts';
import type { CubeRows } from './cube-rows.ts';

/** The columns that tell rows apart, as the table spells them, the date before all; none where the header names none. */
export function keyOf({ model, columns }: Cube): readonly string[] {
  if (model.header.key.length === 0) return [];
  const others = model.header.key.filter((name) => !sameName(name, DATE_COLUMN));
  const spelled = others.map((name) => {
    const column = columns.find((each) => sameName(each.name, name));
    if (column !== undefined) return column.name;
    throw new IgarapeError('CONFIG_INVALID', `${model.path}: key: the SELECT gives no column ${name}.`, {
      hint: `It gives ${columns.map((each) => each.name).join(', ')}.`,
    });
  });
  return [DATE_COLUMN, ...spelled];
}

/**
 * Why computed rows break the model's key: two rows of one date that are alike in it. Unlike in SQL's `unique`, nulls
 * are alike: the total of a cube is told by its level, not by its nulls. Undefined where no rows do.
 */
export async function brokenKey(cube: Cube, rows: CubeRows): Promise<string | undefined> {
  const names = keyOf(cube);
  if (names.length === 0) return undefined;
  const list = names.map(quoteName).join(', ');
  const shown = names.map((name) => `CAST(${quoteName(name)} AS VARCHAR) AS ${quoteName(name)}`).join(', ');
  const alike = `SELECT ${list}, count(*) AS igarape_rows FROM (${rows.sql}) GROUP BY ${list} HAVING count(*) > 1`;
  const { engine } = cube.tables.edge;
  const [first] = await engine.rows(
    `SELECT ${shown}, igarape_rows FROM (${alike}) ORDER BY ${list} NULLS FIRST LIMIT 1`,
  );
  if (first === undefined) return undefined;
  const values = names.map((name) => `${name}: ${textOf(first[name])}`).join(', ');
  return `key: ${String(first['igarape_rows'])} rows are alike in it, {${values}}`;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : 'null';
}
