import { fullName, parseFullName, sameTable } from '../layer.ts';
import type { LayerTables } from '../layer-tables.ts';
import type { Model } from '../models/model.ts';
import { heldReport, type LayerReport } from '../report.ts';
import type { Check } from './check.ts';
import { describeBroken } from './describe-broken.ts';
import { runChecks } from './run-checks.ts';

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
  if (broken.length === 0) return unchanged;
  const errors = broken.filter(({ check }) => check.severity === 'error');
  const { version } = unchanged;
  if (errors.length > 0) return heldReport(version, describeBroken(errors));
  const reason = describeBroken(broken);
  tables.edge.log.warn({ table: fullName(model) }, `${fullName(model)}: ${reason}`);
  return { ...unchanged, reason };
}

/** True for a check whose outcome does not follow from the table's rows alone. */
function readsMore({ rule }: Check, model: Model): boolean {
  if (rule.kind !== 'relationship') return rule.kind === 'sql';
  const to = parseFullName(rule.toTable);
  return to !== undefined && !sameTable(to, model);
}
