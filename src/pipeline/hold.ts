import type { Guard } from '../changes/guards.ts';
import type { SampleChange } from '../changes/sample.ts';
import type { TableConfig } from '../config/config.ts';
import type { RunContext } from './context.ts';
import type { HeldTable } from './outcome.ts';

/** True where a guard has something against the table that nobody has approved for this run. */
export function isHeld(context: RunContext, table: TableConfig, guards: readonly Guard[]): boolean {
  return guards.length > 0 && !(context.request.approve ?? []).includes(table.name);
}

export function held(
  table: TableConfig,
  guards: readonly Guard[],
  more: Partial<Pick<HeldTable, 'schemaChange' | 'counts' | 'samples' | 'rejects'>> = {},
): HeldTable {
  const found = guards.map((guard) => guard.message).join('. ');
  const isOfUpdates = guards.some(({ rule }) => rule === 'mass-update');
  const updates = (more.samples ?? []).filter(({ operation }) => operation === 'U');
  const samples = (isOfUpdates ? updates : (more.samples ?? [])).slice(0, SHOWN_SAMPLES).map(sampleText);
  const shown = samples.length === 0 ? '' : ` For example: ${samples.join('; ')}.`;
  const reason = `${found}.${shown} If that is right: igarape run --approve ${table.name}`;
  return { kind: 'held', reason, code: 'GUARD', guards, samples: [], ...more };
}

const SHOWN_SAMPLES = 3;
const LONGEST_SAMPLE = 160;

/** `D id: 7, name: Ana`; of an update, the columns that change as `name: Ana → Bia`. */
function sampleText({ operation, row, before, changed = [] }: SampleChange): string {
  const cells = Object.entries(row).map(([name, value]) => {
    const old = before !== undefined && changed.includes(name) ? `${before[name] ?? 'null'} → ` : '';
    return `${name}: ${old}${value ?? 'null'}`;
  });
  const text = `${operation} ${cells.join(', ')}`;
  return text.length > LONGEST_SAMPLE ? `${text.slice(0, LONGEST_SAMPLE)}…` : text;
}
