import { fullName, parseFullName, sameTable } from '../layer.ts';
import type { LayerTables } from '../layer-tables.ts';
import type { Model } from '../models/model.ts';
import { heldReport, type LayerReport } from '../report.ts';
import type { BrokenCheck, Check } from './check.ts';
import { describeBroken } from './describe-broken.ts';
import { runChecks } from './run-checks.ts';

/** The rows that a table is to have. */
export interface Candidates {
  /** A SELECT of all of them. */
  readonly all: string;
  /** A SELECT of those that are new or others than before; undefined where that may be all. */
  readonly changed?: string;
}

/** What a model's checks say of rows. */
export interface Checked {
  /** True where an `error` check does not hold, so that nothing may be committed. */
  readonly isHeld: boolean;
  /** The broken checks for users; undefined where there are none. */
  readonly reason: string | undefined;
}

/**
 * What a model's checks say of rows before they are committed.
 *
 * @param versions Of the tables that the model reads, by full name.
 * @throws IgarapeError CONFIG_INVALID for a check that does not fit the table
 */
export async function check(
  tables: LayerTables,
  model: Model,
  { all, changed }: Candidates,
  versions: ReadonlyMap<string, number>,
): Promise<Checked> {
  const { checks } = model.header;
  const found: BrokenCheck[] = [];
  for (const [candidate, chosen] of [
    [changed ?? all, checks.filter(holdsForTheRest)],
    [all, checks.filter((each) => !holdsForTheRest(each))],
  ] as const)
    found.push(...(await runChecks(tables, chosen, { table: model, candidate, versions })));
  return judged(
    tables,
    model,
    found.toSorted((left, right) => checks.indexOf(left.check) - checks.indexOf(right.check)),
  );
}

/**
 * What is told of a table that stays as it is: a check that reads other tables, or the clock, may no longer hold of the
 * rows that it has. These stay, and the next ones do not come in before it holds again.
 *
 * @throws IgarapeError CONFIG_INVALID for a check that does not fit the table
 */
export async function checkStanding(
  tables: LayerTables,
  model: Model,
  unchanged: LayerReport,
): Promise<LayerReport> {
  const checks = model.header.checks.filter((check) => readsMore(check, model));
  const delta = checks.length === 0 ? undefined : await tables.find(model);
  if (delta === undefined) return unchanged;
  await using rows = await delta.read();
  const broken = await runChecks(tables, checks, { table: model, candidate: rows.sql });
  const { isHeld, reason } = judged(tables, model, broken);
  if (reason === undefined) return unchanged;
  return isHeld ? heldReport(unchanged.version, reason) : { ...unchanged, reason };
}

function judged({ edge }: LayerTables, model: Model, broken: readonly BrokenCheck[]): Checked {
  const errors = broken.filter((each) => each.check.severity === 'error');
  const told = errors.length > 0 ? errors : broken;
  const reason = told.length === 0 ? undefined : describeBroken(told);
  if (errors.length === 0 && reason !== undefined)
    edge.log.warn({ table: fullName(model) }, `${fullName(model)}: ${reason}`);
  return { isHeld: errors.length > 0, reason };
}

/** True for a check of single rows that every row was held to that the table has already. */
function holdsForTheRest({ rule, severity }: Check): boolean {
  return severity === 'error' && (rule.kind === 'not_null' || rule.kind === 'accepted_values');
}

/** True for a check whose outcome does not follow from the table's rows alone. */
function readsMore({ rule }: Check, model: Model): boolean {
  if (rule.kind !== 'relationship') return rule.kind === 'sql';
  const to = parseFullName(rule.toTable);
  return to !== undefined && !sameTable(to, model);
}
