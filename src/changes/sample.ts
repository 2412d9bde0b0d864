import { byName } from '../core/schema.ts';
import type { Engine } from '../engine/engine.ts';
import { equalIn, quoteName } from '../engine/quote.ts';
import { textList, type TextRow, textRow } from '../engine/text-rows.ts';
import type { SchemaChange } from '../snapshot/evolve.ts';
import { BASE, recordedValue } from './base.ts';
import { CHANGES, OPERATION, SAME } from './compare.ts';

/** As many of each kind. */
const SAMPLES_OF_EACH = 3;

/** A changed row as text; of an update both states, and the columns that differ. */
export interface SampleChange {
  readonly operation: 'I' | 'U' | 'D';
  readonly row: TextRow;
  readonly before?: TextRow;
  readonly changed?: readonly string[];
}

/** The first changes of each kind, by key, of the last comparison with the open base. */
export async function sampleChanges(
  engine: Engine,
  { schema, retyped }: Pick<SchemaChange, 'schema' | 'retyped'>,
  key: readonly string[],
): Promise<SampleChange[]> {
  const names = schema.map((column) => column.name);
  const changesType = byName(retyped);
  const recorded = names.map((name) => (changesType(name) === undefined ? name : recordedValue(name)));
  const rows = await engine.rows(`
    WITH c AS (${firstChanges(key, CHANGES)})
    SELECT c.${OPERATION} AS operation, ${textList(names, 'c.')} AS next, ${textList(recorded, 'b.')} AS before
    FROM c LEFT JOIN ${BASE} b ON ${equalIn(key, 'b', 'c')}
    ORDER BY CASE c.${OPERATION} WHEN 'D' THEN 1 WHEN 'U' THEN 2 ELSE 3 END, ${key.map((name) => `c.${quoteName(name)}`).join(', ')}`);
  return rows.map((row) => {
    const operation = operationOf(row['operation']);
    const next = textRow(names, row['next']);
    if (operation === 'I') return { operation, row: next };
    const old = textRow(names, row['before']);
    if (operation === 'D') return { operation, row: old };
    return { operation, row: next, before: old, changed: names.filter((name) => old[name] !== next[name]) };
  });
}

/** SQL: of each kind the first changes, by key. @param changes SQL after FROM. */
export function firstChanges(key: readonly string[], changes: string): string {
  const ofKind = `PARTITION BY ${OPERATION} ORDER BY ${key.map(quoteName).join(', ')}`;
  return `SELECT * FROM ${changes} WHERE ${OPERATION} <> '${SAME}' QUALIFY row_number() OVER (${ofKind}) <= ${SAMPLES_OF_EACH}`;
}

function operationOf(value: unknown): SampleChange['operation'] {
  if (value === 'I' || value === 'U' || value === 'D') return value;
  throw new RangeError(`No operation: ${String(value)}`);
}
