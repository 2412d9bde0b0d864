import type { BackfilledVersion, BackfillReport } from '../../pipeline/backfill.ts';
import type { GoldBackfillReport } from '../../pipeline/backfill-gold.ts';

/** `version 3  run 2  clientes +12 ~4 -1  produtos unchanged` */
export function renderVersion(version: BackfilledVersion): string {
  if ('error' in version) return `version ${version.version}  skipped: ${version.error.message}`;
  const tables = Object.entries(version.tables).map(
    ([name, { operation, inserted, updated, deleted, reason }]) => {
      if (operation === 'cdc') return `${name} +${inserted} ~${updated} -${deleted}`;
      if (operation === 'full-load') return `${name} ${inserted.toLocaleString('en')} rows`;
      return reason === undefined ? `${name} ${operation}` : `${name} ${operation} (${reason})`;
    },
  );
  return [
    `version ${version.version}`,
    version.run === null ? 'no run' : `run ${version.run}`,
    ...tables,
  ].join('  ');
}

/** The versions themselves are shown as they come. */
export function renderBackfill({ from, resumedAfter, versions }: BackfillReport): string {
  const resumed = resumedAfter === null ? '' : `, resumed after version ${resumedAfter}`;
  const committed = versions.filter((version) => 'run' in version && version.run !== null).length;
  if (versions.length === 0) return `backfill from version ${from}${resumed}: nothing is left to do`;
  return `backfill from version ${from}${resumed}: ${versions.length} versions walked, ${committed} runs committed`;
}

export function renderGoldBackfill(report: GoldBackfillReport): string {
  const { model, dates, resumedAfter, operation, inserted, updated, deleted, reason } = report;
  const resumed = resumedAfter === undefined ? '' : `, resumed after ${resumedAfter}`;
  return [
    `${model}  ${operation}  ${dates} dates computed${resumed}  +${inserted} ~${updated} -${deleted}`,
    ...(reason === undefined ? [] : [reason]),
  ].join('\n');
}
