import type { IgarapeError } from '../../core/errors.ts';
import type { TableReport } from '../../lake/ledger-entry.ts';
import { sentence } from '../outcome.ts';
import { type RunReport, keptReports } from '../report.ts';

/** How a run went. */
export interface RunEnd {
  /** A UUID of this run alone, whether it committed or not. */
  readonly id: string;
  /** Where the lake is. */
  readonly lake: string;
  readonly startedMs: number;
  readonly endedMs: number;
  readonly exitCode: number;
  /** Null where the run ended with an error. */
  readonly report: RunReport | null;
  readonly error: IgarapeError | null;
  /** True where it was told to stop. */
  readonly isStopped: boolean;
}

export const NOTICES = ['failure', 'hold', 'success'] as const;

export type NoticeKind = (typeof NOTICES)[number];

/** What is sent of a run. */
export interface Notice {
  readonly event: NoticeKind;
  /** One or more sentences for people, cut where they are long; the key is the one that chat services show. */
  readonly text: string;
  readonly id: string;
  readonly lake: string;
  /** The number of the committed run; null where nothing was committed. */
  readonly run: number | null;
  readonly exitCode: number;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly endedAt: string;
  readonly source: RunReport['source'];
  readonly tables: Readonly<Record<string, TableReport>>;
  readonly layers: NonNullable<RunReport['layers']>;
  readonly error: { readonly code: string; readonly message: string; readonly hint: string | null } | null;
}

/** What is to be told of a run: that something failed, that something is held, or that all is well. */
export function noticesOf(end: RunEnd): Notice[] {
  if (end.isStopped) return [];
  const held = namesOf(end, 'held');
  const failed = namesOf(end, 'failed');
  const isFailure = failed.length > 0 || (end.exitCode !== 0 && end.exitCode !== 4);
  return [
    ...(isFailure ? [notice(end, 'failure', failureText(end, failed))] : []),
    ...(held.length > 0
      ? [
          notice(
            end,
            'hold',
            `igarape: ${held.join(', ')} ${held.length === 1 ? 'is' : 'are'} held.${reasons(end, held)}`,
          ),
        ]
      : []),
    ...(end.exitCode === 0 ? [notice(end, 'success', successText(end))] : []),
  ];
}

/** More of a text neither chat services nor an environment take; the tables of a notice say all. */
const LONGEST_TEXT = 4000;

function notice(end: RunEnd, event: NoticeKind, text: string): Notice {
  const { report, error } = end;
  return {
    event,
    text: cut(text),
    id: end.id,
    lake: end.lake,
    run: report?.run ?? null,
    exitCode: end.exitCode,
    startedAt: new Date(end.startedMs).toISOString(),
    endedAt: new Date(end.endedMs).toISOString(),
    source: report?.source ?? null,
    tables: keptReports(report?.tables ?? {}),
    layers: report?.layers ?? {},
    error: error === null ? null : { code: error.code, message: error.message, hint: error.hint ?? null },
  };
}

function cut(text: string): string {
  // Half of a character is none.
  return text.length > LONGEST_TEXT
    ? `${text.slice(0, LONGEST_TEXT).replace(/[\uD800-\uDBFF]$/, '')}…`
    : text;
}

function outcomesOf({ report }: RunEnd): [name: string, outcome: { operation: string; reason?: string }][] {
  return [...Object.entries(report?.tables ?? {}), ...Object.entries(report?.layers ?? {})];
}

function namesOf(end: RunEnd, operation: string): string[] {
  return outcomesOf(end).flatMap(([name, outcome]) => (outcome.operation === operation ? [name] : []));
}

function reasons(end: RunEnd, names: readonly string[]): string {
  return outcomesOf(end)
    .filter(([name, { reason }]) => names.includes(name) && reason !== undefined)
    .map(([name, { reason }]) => `\n${name}: ${reason}`)
    .join('');
}

function failureText(end: RunEnd, failed: readonly string[]): string {
  if (end.error !== null) return `igarape: the run failed. ${sentence(end.error)}`;
  return `igarape: ${failed.length === 0 ? 'the run' : failed.join(', ')} failed.${reasons(end, failed)}`;
}

function successText({ report }: RunEnd): string {
  const changed = Object.entries(report?.tables ?? {}).filter(
    ([, { operation }]) => operation !== 'unchanged',
  );
  if (report === null || report.run === null || changed.length === 0) return 'igarape: nothing changed.';
  const counts = changed.map(([name, t]) => `${name} +${t.inserted} ~${t.updated} -${t.deleted}`);
  return `igarape: run ${report.run} published ${counts.join(', ')}.`;
}
