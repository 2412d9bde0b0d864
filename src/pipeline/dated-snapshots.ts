import type { TableConfig } from '../config/config.ts';
import type { LedgerEntry, TableState as KnownState } from '../lake/ledger-entry.ts';
import { microsOfDate, untakenNames } from '../source/dates.ts';
import type { DateWanted, SourceSnapshot, SourceVersion } from '../source/port.ts';
import type { RunContext, RunRequest } from './context.ts';

/** The earliest date that a table of dated snapshots has to take next: dates are taken one after the other. */
export function nextDate({ tables }: SourceSnapshot, entry: LedgerEntry | undefined): string | undefined {
  const dates = [...tables].flatMap(([name, state]) => {
    const date = state.kind === 'present' ? state.date?.value : undefined;
    return date === undefined || date === entry?.tables[name]?.seen.date ? [] : [date];
  });
  return dates.toSorted()[0];
}

/**
 * Tells of files that have a date and whose snapshots will not be taken. Those before the date that a backfill begins with
 * are told by its first run of the table alone: to leave them out was asked for.
 */
export function tellFilesLeftOut(
  { edge, request }: RunContext,
  snapshot: SourceSnapshot,
  entry: LedgerEntry | undefined,
): void {
  const step = nextDate(snapshot, entry);
  for (const [table, state] of snapshot.tables) {
    const date = 'date' in state ? state.date : undefined;
    if (date === undefined) continue;
    const seen = entry?.tables[table]?.seen;
    const from = request.dates?.from ?? seen?.datesFrom ?? '';
    const before = (date.earlier ?? []).filter((one) => one.date < from);
    if (seen?.date === undefined && date.value === step && before.length > 0) {
      const files = listed(before.map(({ name }) => name));
      edge.log.warn(
        { table, files: before.length },
        `${table}: left out are ${files}, of dates before ${from}, which the backfill begins with`,
      );
    }
    if (!date.isLast) continue;
    for (const file of date.misdated ?? []) {
      edge.log.warn(
        { table, file },
        `${file} is left out: what it has in the place of {date} is no date with the year first`,
      );
    }
    const asked = (date.earlier ?? []).filter((one) => one.date >= from);
    const left = untakenNames(seen ?? {}, asked);
    if (left.length > 0) {
      edge.log.warn(
        { table, files: left.length },
        `${table}: left out are ${listed(left)}, of dates before ${date.value}. A new lake, filled by igarape backfill, has every date`,
      );
    }
  }
}

function listed(names: readonly string[]): string {
  const shown = names.toSorted().slice(0, SHOWN_NAMES).join(', ');
  return names.length > SHOWN_NAMES ? `${shown} and ${names.length - SHOWN_NAMES} more` : shown;
}

const SHOWN_NAMES = 5;

/** A date as the version of its source. */
export function versionOf(date: string): SourceVersion {
  return { label: date, timeMicros: microsOfDate(date) };
}

/** The date after the one that was taken; after a backfill's step, whether that was taken or not. */
export function dateWanted(
  { dates, reload }: RunRequest,
  { name }: TableConfig,
  known: KnownState | undefined,
): DateWanted {
  const taken = reload?.includes(name) === true ? undefined : known?.seen.date;
  const [after] = [taken, dates?.after]
    .filter((date) => date !== undefined)
    .toSorted()
    .toReversed();
  return { ...dates, ...(after === undefined ? {} : { after }) };
}
