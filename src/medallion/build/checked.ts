import type { BrokenCheck, Check } from '../checks/check.ts';
import { describeBroken } from '../checks/describe-broken.ts';
import { runChecks } from '../checks/run-checks.ts';
import { fullName } from '../layer.ts';
import type { LayerTables } from '../layer-tables.ts';
import type { Model } from '../models/model.ts';
import type { Source } from './sources.ts';

/** The rows that a table is to have. */
export interface Candidates {
  /** A SELECT of all of them. */
  readonly all: string;
  /** A SELECT of those that are new or others than before; undefined where that may be all. */
  readonly changed?: string;
}

/** What a model's checks say of rows before they are committed. */
export interface Checked {
  /** True where an `error` check does not hold, so that nothing may be committed. */
  readonly isHeld: boolean;
  /** The broken checks for users; undefined where there are none. */
  readonly reason: string | undefined;
}

/** @throws IgarapeError CONFIG_INVALID for a check that does not fit the table */
export async function check(
  tables: LayerTables,
  model: Model,
  { all, changed }: Candidates,
  sources: readonly Source[],
): Promise<Checked> {
  const versions = new Map(sources.map(({ table, wanted }) => [fullName(table), wanted.version]));
  const { checks } = model.header;
  const found: BrokenCheck[] = [];
  for (const [candidate, chosen] of [
    [changed ?? all, checks.filter(holdsForTheRest)],
    [all, checks.filter((each) => !holdsForTheRest(each))],
  ] as const)
    found.push(...(await runChecks(tables, chosen, { table: model, candidate, versions })));
  const broken = found.toSorted((left, right) => checks.indexOf(left.check) - checks.indexOf(right.check));
  const errors = broken.filter((each) => each.check.severity === 'error');
  const told = errors.length > 0 ? errors : broken;
  const reason = told.length === 0 ? undefined : describeBroken(told);
  if (errors.length === 0 && reason !== undefined)
    tables.edge.log.warn({ table: fullName(model) }, `${fullName(model)}: ${reason}`);
  return { isHeld: errors.length > 0, reason };
}

/** True for a check of single rows that every row was held to that the table has already. */
function holdsForTheRest({ rule, severity }: Check): boolean {
  return severity === 'error' && (rule.kind === 'not_null' || rule.kind === 'accepted_values');
}
