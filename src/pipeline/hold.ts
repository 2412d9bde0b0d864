import type { Guard } from '../changes/guards.ts';
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
  more: Partial<Pick<HeldTable, 'schemaChange' | 'samples'>> = {},
): HeldTable {
  const reason = `${guards.map((guard) => guard.message).join('. ')}. If that is right: igarape run --approve ${table.name}`;
  return { kind: 'held', reason, guards, samples: [], ...more };
}
