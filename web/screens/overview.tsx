import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Overview } from '../../src/ui/api.ts';
import type { ProjectStatus } from '../../src/explore/status.ts';
import { type Asked, shown, useAnswer } from '../ask.ts';
import { Heat } from '../charts/heat.tsx';
import { RunBars } from '../charts/run-bars.tsx';
import { Spark } from '../charts/small.tsx';
import { Answer, Card, Changed, Choices, Code, Pill, RunLink, Table } from '../parts.tsx';
import { linkTo } from '../route.ts';
import { useSpeech } from '../speech.ts';
import { troublesOf } from '../troubles.ts';

export function OverviewScreen(): JSX.Element {
  const overview = useAnswer('/api/overview');
  const status = useAnswer('/api/status');
  return <Answer of={overview}>{(answer) => <Shown overview={answer} asked={status} />}</Answer>;
}

function Shown({
  overview,
  asked,
}: {
  readonly overview: Overview;
  readonly asked: Asked<ProjectStatus>;
}): JSX.Element {
  const { t } = useSpeech();
  const [days, setDays] = useState('90');
  const { runs, tables } = overview;
  const status = shown(asked);
  if (runs.length === 0) {
    return (
      <Card title="igarapé">
        <p>{t.emptyLake}</p>
        <Code text="igarape run" />
      </Card>
    );
  }
  const since = Date.parse(runs[0]?.at ?? '') - Number(days) * 86_400_000;
  const inRange = runs.filter(({ at }) => Date.parse(at) >= since);
  return (
    <>
      <h1 class="sr">{t.overview}</h1>
      <Answer of={asked}>{(found) => <Banner status={found} />}</Answer>
      <Tiles overview={overview} status={status} />
      <Card
        title={t.changedByDay}
        aside={
          <Choices
            label={t.changedByDay}
            value={days}
            onChoose={setDays}
            of={['30', '90', '365'].map((value) => ({ value, label: value }))}
          />
        }
      >
        <Heat runs={runs} tables={tables.map(({ name }) => name)} days={Number(days)} />
      </Card>
      <Card title={t.changesByRun}>
        <RunBars runs={inRange} />
      </Card>
      <Freshness overview={overview} status={status} />
    </>
  );
}

/** So many tables that need somebody are named. */
const NAMED = 5;

/** What needs somebody, before everything else. */
function Banner({ status }: { readonly status: ProjectStatus }): JSX.Element {
  const { t, told, count } = useSpeech();
  const troubles = troublesOf(status);
  const [first] = troubles;
  if (first === undefined) {
    return (
      <div class="banner well">
        <i class="glyph">✓</i> {t.allUpToDate}
      </div>
    );
  }
  return (
    <div class="banner held">
      <i class="glyph">!</i>
      <div>
        <b>
          {troubles
            .slice(0, NAMED)
            .map(({ table }) => table)
            .join(', ')}
        </b>{' '}
        {troubles.length <= NAMED ? null : <>{t.moreTables(count(troubles.length - NAMED))} </>}
        {first.operation === 'held' ? t.waitsForYou : t[first.operation]}
        <span class="line">{told(first.reason)}</span>
      </div>
      <a class="button primary" href={linkTo(['held'])}>
        {t.whyHeld}
      </a>
    </div>
  );
}

function Tiles({
  overview: { tables, runs },
  status,
}: {
  readonly overview: Overview;
  readonly status: ProjectStatus | undefined;
}): JSX.Element {
  const { t, short, count, ago, time } = useSpeech();
  const [newest] = runs;
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const layers = Object.values(status?.layers ?? {});
  return (
    <div class="tiles">
      <Tile value={count(tables.length)} label={t.tables} />
      <Tile value={short(rows)} label={t.rowsNow} />
      <Tile value={count((newest?.run ?? -1) + 1)} label={t.runs} />
      <Tile
        value={newest === undefined ? '–' : ago(newest.at)}
        label={`${t.lastRun} · ${time(newest?.at ?? '1970')}`}
      />
      {status === undefined ? (
        <Tile value="…" label={t.layers} />
      ) : status.nextRun === null ? (
        <Tile value={count(layers.length)} label={t.layers} />
      ) : (
        <Tile value={ago(status.nextRun.at)} label={t.nextRun} />
      )}
    </div>
  );
}

function Tile({ value, label }: { readonly value: string; readonly label: string }): JSX.Element {
  return (
    <div class="tile">
      <b>{value}</b>
      <span>{label}</span>
    </div>
  );
}

/** The number of rows of a table after each run, from what the runs say of themselves; oldest first. */
function courseOf({ runs, tables }: Overview, name: string): number[] {
  let rows = tables.find((table) => table.name === name)?.rows ?? 0;
  const course = [rows];
  for (const { tables: reports } of runs) {
    const report = reports[name];
    if (report === undefined || report.operation === 'held' || report.operation === 'failed') continue;
    if (report.operation === 'full-load') break;
    rows -= report.inserted - report.deleted;
    course.unshift(rows);
  }
  return course;
}

function Freshness({
  overview,
  status,
}: {
  readonly overview: Overview;
  readonly status: ProjectStatus | undefined;
}): JSX.Element {
  const { t, count, ago } = useSpeech();
  return (
    <Card title={t.freshness}>
      <Table label={t.freshness} head={[t.table, { number: t.rows }, '', t.newest, t.lastRun, '']}>
        {overview.tables.map(({ name, rows }) => {
          const found = status?.tables[name];
          return (
            <tr key={name}>
              <td>
                <a href={linkTo(['tables', name])}>{name}</a>{' '}
                {found?.trouble == null ? null : (
                  <Pill tone={found.trouble.operation}>{t[found.trouble.operation]}</Pill>
                )}
              </td>
              <td class="right">{count(rows)}</td>
              <td>
                <Spark values={courseOf(overview, name)} label={t.rowsOf(count(rows))} />
              </td>
              <td>
                {found?.newest == null ? (
                  <span class="dim">{status === undefined ? '…' : '–'}</span>
                ) : (
                  <>
                    <span class="dim">{found.newest.column}</span> {found.newest.value.slice(0, 16)}
                  </>
                )}
              </td>
              <td>
                {found?.lastChange == null ? (
                  <span class="dim">{status === undefined ? '…' : '–'}</span>
                ) : (
                  <>
                    <div>
                      <RunLink run={found.lastChange.run} table={name} />
                    </div>
                    <small>{ago(found.lastChange.at)}</small>
                  </>
                )}
              </td>
              <td>{found?.lastChange == null ? null : <Changed {...found.lastChange} />}</td>
            </tr>
          );
        })}
      </Table>
    </Card>
  );
}
