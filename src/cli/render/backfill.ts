import type { BackfilledVersion, BackfillReport } from '../../pipeline/backfill.ts';
import type { GoldBackfillReport } from '../../pipeline/backfill-gold.ts';
import { say, told } from '../language.ts';
import { changeCounts, count, plural } from './format.ts';
import { stateWord } from './state.ts';
import { type Layout, wrapped } from './layout.ts';

/** `version 3  run 2  clientes +12 ~4 -1  produtos unchanged` */
export function renderVersion(version: BackfilledVersion, layout: Layout): string {
  return wrapped(versionLine(version), layout, '  ');
}

function versionLine(version: BackfilledVersion): string {
  if ('error' in version) return say(`version ${version.version}  skipped: ${told(version.error.message)}`);
  const tables = Object.entries(version.tables).map(([name, { operation, reason, ...counts }]) => {
    if (operation === 'cdc') return `${name} ${changeCounts(counts)}`;
    if (operation === 'full-load') return `${name} ${plural(counts.inserted, 'row')}`;
    const state = `${name} ${stateWord(operation)}`;
    return reason === undefined ? state : `${state} (${told(reason)})`;
  });
  return [
    say(`version ${version.version}`),
    version.run === null ? say('no run') : say(`run ${version.run}`),
    ...tables,
  ].join('  ');
}

/** The versions themselves are shown as they come. */
export function renderBackfill({ from, resumedAfter, versions }: BackfillReport): string {
  const resumed = resumedAfter === null ? '' : say(`, resumed after version ${resumedAfter}`);
  const committed = versions.filter((version) => 'run' in version && version.run !== null).length;
  if (versions.length === 0) return say(`backfill from version ${from}${resumed}: nothing is left to do`);
  return say(
    `backfill from version ${from}${resumed}: ${plural(versions.length, 'version')} walked, ${plural(committed, 'run')} committed`,
  );
}

export function renderGoldBackfill(report: GoldBackfillReport, layout: Layout): string {
  const { model, dates, resumedAfter, operation, reason } = report;
  const resumed = resumedAfter === undefined ? '' : say(`, resumed after ${resumedAfter}`);
  const lines = [
    `${model}  ${stateWord(operation)}  ${say(`${count(dates)} dates computed`)}${resumed}  ${changeCounts(report)}`,
    ...(reason === undefined ? [] : [told(reason)]),
  ];
  return wrapped(lines.join('\n'), layout, '  ');
}
