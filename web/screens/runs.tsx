import type { JSX } from 'preact';
import type { TableReport } from '../../src/lake/ledger-entry.ts';
import type { PastRun } from '../../src/lake/past-runs.ts';
import type { CycleRecord } from '../../src/pipeline/journal/record.ts';
import { isReport, useAnswer, useSend } from '../ask.ts';
import { RunBars } from '../charts/run-bars.tsx';
import { Answer, Card, Changed, Pill, Problem, RunLink, Table, Title, TroubleChip, When } from '../parts.tsx';
import { capital } from '../messages.ts';
import { linkTo } from '../route.ts';
import { useSpeech } from '../speech.ts';
import { byInterest } from '../troubles.ts';

/** The committed runs, newest first. */
export function RunsScreen(): JSX.Element {
  const { t } = useSpeech();
  const cycles = useAnswer('/api/cycles');
  return (
    <Answer of={useAnswer('/api/overview')}>
      {({ runs, allowRun }) => (
        <>
          <Actions allowRun={allowRun} />
          <Card title={t.changesByRun}>
            <RunBars runs={runs} />
          </Card>
          <Card>
            <Table label={t.runs} kind="runs" head={[t.oneRun, t.at, capital(t.sourceVersion), t.tables]}>
              {runs.map(({ run, at, source, tables }) => (
                <tr key={run}>
                  <td>
                    <RunLink run={run} />
                  </td>
                  <td>
                    <When at={at} />
                  </td>
                  <td>
                    <code>{source.version.slice(0, 16)}</code>
                  </td>
                  <td>
                    <TableChips run={run} tables={tables} />
                  </td>
                </tr>
              ))}
            </Table>
          </Card>
          <Card title={t.cycles}>
            <Answer of={cycles}>{(found) => <Cycles of={found} />}</Answer>
          </Card>
        </>
      )}
    </Answer>
  );
}

/** The title, with what may be set going. */
function Actions({ allowRun }: { readonly allowRun: boolean }): JSX.Element {
  const { t } = useSpeech();
  const [begin, error] = useSend();
  return (
    <>
      <Title
        aside={
          <>
            {isReport() ? null : (
              <a class="button" href={linkTo(['plan'])}>
                {t.plan}
              </a>
            )}
            {allowRun ? (
              <>
                <button type="button" class="button" onClick={() => begin('/api/do/verify', {})}>
                  {t.verify}
                </button>
                <button type="button" class="button primary" onClick={() => begin('/api/do/run', {})}>
                  {t.runNow}
                </button>
              </>
            ) : null}
          </>
        }
      >
        {t.runs}
      </Title>
      {error === undefined ? null : <Problem error={error} />}
    </>
  );
}

/** How cycles went, those that committed nothing among them. */
function Cycles({ of }: { readonly of: readonly CycleRecord[] }): JSX.Element {
  const { t, told, duration } = useSpeech();
  if (of.length === 0) return <p class="dim">{t.noRun}</p>;
  return (
    <Table label={t.cycles} head={[t.at, { number: t.took }, t.outcome, t.runs, t.tables]}>
      {of.map(({ startedAt, endedAt, exitCode, runs, tables, layers = {}, error }) => (
        <tr key={startedAt}>
          <td>
            <When at={startedAt} />
          </td>
          <td class="right">{duration(Date.parse(endedAt) - Date.parse(startedAt))}</td>
          <td>
            <Pill tone={exitCode === 0 ? 'well' : exitCode === 4 ? 'held' : 'failed'}>
              {t.exitCode(exitCode)}
            </Pill>
          </td>
          <td>
            {runs.length === 0 ? (
              <span class="dim">–</span>
            ) : (
              runs.map((run) => <RunLink key={run} run={run} />)
            )}
          </td>
          <td>
            {error === null ? null : <span class="reason">{told(error.message)}</span>}
            {[...Object.entries(tables), ...Object.entries(layers)].map(([name, { operation }]) => (
              <TroubleChip key={name} table={name} operation={operation} />
            ))}
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** So many tables of a run are named. */
const NAMED = 12;

function TableChips({ run, tables }: Pick<PastRun, 'run' | 'tables'>): JSX.Element {
  const { t, count } = useSpeech();
  const told = byInterest(tables).filter(([, { operation }]) => operation !== 'unchanged');
  const more = told.length - NAMED;
  return (
    <>
      {told.slice(0, NAMED).map(([name, report]) => (
        <TableChip key={name} run={run} name={name} report={report} />
      ))}
      {more <= 0 ? null : (
        <a class="chip" href={linkTo(['runs', run])}>
          {t.moreTables(count(more))}
        </a>
      )}
    </>
  );
}

/** What a run did to a table. */
function TableChip({
  run,
  name,
  report,
}: {
  readonly run: number;
  readonly name: string;
  readonly report: TableReport;
}): JSX.Element {
  const { short } = useSpeech();
  const { operation } = report;
  if (operation === 'held' || operation === 'failed')
    return <TroubleChip table={name} operation={operation} />;
  return (
    <a class="chip" href={linkTo(['runs', run], { table: name })}>
      {name}{' '}
      {operation === 'full-load' ? <b class="of-F">{short(report.inserted)}</b> : <Changed {...report} />}
    </a>
  );
}
