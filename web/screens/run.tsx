import type { JSX } from 'preact';
import type { CycleRecord } from '../../src/pipeline/journal/record.ts';
import type { RunDetail } from '../../src/ui/api.ts';
import { ask, isReport, shown, useAnswer } from '../ask.ts';
import { Grid, type GridRow, Text } from '../grid.tsx';
import { Answer, Card, Changed, Choices, Facts, SameInTools, Search, Sign, Table, Title } from '../parts.tsx';
import { linkTo, type Route, setQuery } from '../route.ts';
import { byInterest } from '../troubles.ts';
import { useSpeech } from '../speech.ts';
import { changeWays } from '../tools.ts';
import { keyLink } from './key.tsx';

/** What a run has changed: by table, by column, and row by row with what was before. */
export function RunScreen({ route }: { readonly route: Route }): JSX.Element {
  const run = route.path[1] ?? '';
  return (
    <Answer of={useAnswer('/api/run', { run })}>{(detail) => <Shown detail={detail} route={route} />}</Answer>
  );
}

function Shown({ detail, route }: { readonly detail: RunDetail; readonly route: Route }): JSX.Element {
  const { t, told, time, ago, short, duration } = useSpeech();
  const { run, cycle, previous, next } = detail;
  const published = Object.entries(run.tables).find(([, { file }]) => file !== null);
  const table = route.query['table'] ?? published?.[0];
  return (
    <>
      <Title
        about={
          <>
            {time(run.at)} · {ago(run.at)} · {t.sourceVersion} <code>{run.source.version}</code> · {t.writer}{' '}
            {run.writer}
            {cycle === null ? null : (
              <> · {duration(Date.parse(cycle.endedAt) - Date.parse(cycle.startedAt))}</>
            )}
          </>
        }
        aside={
          <>
            <Neighbour run={previous} table={table} label={t.previous} sign="←" />
            <Neighbour run={next} table={table} label={t.next} sign="→" />
          </>
        }
      >
        {t.run(run.run)}
      </Title>
      <nav class="cards" aria-label={t.tables} tabIndex={0}>
        {byInterest(run.tables).map(([name, report]) => {
          const isOpen = report.file !== null;
          const inside = (
            <>
              <b>{name}</b>
              {report.operation === 'full-load' ? (
                <span>
                  {t.fullLoad} <b class="of-F">{short(report.inserted)}</b>
                </span>
              ) : report.operation === 'held' || report.operation === 'failed' ? (
                <span class="of-D">{t[report.operation]}</span>
              ) : (
                <Changed {...report} />
              )}
            </>
          );
          return isOpen ? (
            <a
              key={name}
              class={name === table ? 'small-card on' : 'small-card'}
              aria-current={name === table ? 'true' : undefined}
              href={linkTo(['runs', run.run], { table: name })}
            >
              {inside}
            </a>
          ) : (
            <div key={name} class="small-card" title={told(report.reason ?? '')}>
              {inside}
            </div>
          );
        })}
      </nav>
      {table === undefined || run.tables[table]?.file == null ? null : (
        <>
          {run.tables[table].updated === 0 ? null : (
            <ChangedColumnsCard key={`${run.run} ${table}`} run={run.run} table={table} route={route} />
          )}
          <Rows
            key={`rows of ${run.run} ${table}`}
            run={run.run}
            table={table}
            route={route}
            updated={run.tables[table].updated}
          />
        </>
      )}
      {cycle === null ? null : <CycleCard cycle={cycle} />}
    </>
  );
}

/** How long the steps of the run's cycle took, and what it did to the layers. */
function CycleCard({ cycle: { steps, layers = {} } }: { readonly cycle: CycleRecord }): JSX.Element {
  const { t, told, duration } = useSpeech();
  return (
    <Card title={t.layerTables}>
      <Facts of={steps.map(({ name, durationMs }) => [t.cycleStep(name), duration(durationMs)])} />
      {Object.keys(layers).length === 0 ? null : (
        <Table
          label={t.layerTables}
          head={[t.table, t.operation, '', { number: t.version }, { number: t.took }]}
        >
          {Object.entries(layers).map(([name, report]) => (
            <tr key={name}>
              <td>
                <a href={linkTo(['tables', name])}>{name}</a>
              </td>
              <td>
                {t.layerOperation(report.operation)}{' '}
                {report.reason === undefined ? null : <span class="dim">{told(report.reason)}</span>}
              </td>
              <td>
                <Changed {...report} />
              </td>
              <td class="right">{report.version === null ? '–' : `v${report.version}`}</td>
              <td class="right">{duration(report.durationMs)}</td>
            </tr>
          ))}
        </Table>
      )}
    </Card>
  );
}

function Neighbour({
  run,
  table,
  label,
  sign,
}: {
  readonly run: number | null;
  readonly table: string | undefined;
  readonly label: string;
  readonly sign: string;
}): JSX.Element | null {
  if (run === null) return null;
  return (
    <a
      class="button"
      aria-label={label}
      title={label}
      href={linkTo(['runs', run], table === undefined ? {} : { table })}
    >
      {sign}
    </a>
  );
}

function ChangedColumnsCard({
  run,
  table,
  route,
}: {
  readonly run: number;
  readonly table: string;
  readonly route: Route;
}): JSX.Element {
  const { t, count } = useSpeech();
  const found = useAnswer('/api/columns', { run: String(run), table });
  const chosen = route.query['changed'] ?? '';
  const updated = shown(found)?.updated ?? 0;
  return (
    <Card
      title={t.whichColumns}
      aside={<span class="dim">{updated === 0 ? '' : t.ofUpdated(count(updated))}</span>}
    >
      <Answer of={found}>
        {({ columns }) =>
          columns.length === 0 ? (
            <p class="dim">{t.nothingChanged}</p>
          ) : (
            <div class="bars" role="group" aria-label={t.whichColumns} tabIndex={0}>
              {columns.map(({ name, changed }) => (
                <button
                  key={name}
                  type="button"
                  class="bar-line"
                  aria-pressed={name === chosen}
                  disabled={isReport()}
                  onClick={() => setQuery(route, { changed: name === chosen ? '' : name, ops: 'U' })}
                >
                  <span>
                    <Text of={name} />
                  </span>
                  <span class="track">
                    <i style={{ width: `${(100 * changed) / Math.max(updated, 1)}%` }} />
                  </span>
                  <b>{count(changed)}</b>
                </button>
              ))}
            </div>
          )
        }
      </Answer>
    </Card>
  );
}

const FEW = 100;

const ALL = 'DUI';

function Rows({
  run,
  table,
  route,
  updated,
}: {
  readonly run: number;
  readonly table: string;
  readonly route: Route;
  readonly updated: number;
}): JSX.Element {
  const { t, count } = useSpeech();
  // Updates are what shows most of a run: what was, and what is.
  const { ops = updated > 0 && !isReport() ? 'U' : ALL, q = '', changed = '', narrow = '' } = route.query;
  const question = { run: String(run), table, ops, q, changed };
  const first = useAnswer('/api/changes', { ...question, limit: String(FEW), before: isReport() ? '1' : '' });
  const columns = shown(useAnswer('/api/columns', { run: String(run), table }));
  const often = columns?.columns.map(({ name }) => name) ?? [];
  return (
    <Card
      title={table}
      aside={
        <code class="clip" title={shown(first)?.file}>
          {shown(first)?.file}
        </code>
      }
    >
      <Answer of={first}>
        {(page) => {
          const order = page.columns.map((_, index) => index);
          const rank = (index: number): number => {
            const column = page.columns[index];
            if (column?.key === true) return -1;
            const place = often.indexOf(column?.name ?? '');
            return place < 0 ? often.length : place;
          };
          const sorted = order.toSorted((left, right) => rank(left) - rank(right));
          const narrowed = sorted.filter((index) => rank(index) < often.length);
          const isNarrow = narrow === '1' && often.length > 0;
          const key = page.columns.filter((column) => column.key).map(({ name }) => name);
          const load = async function* (
            offset: number,
            limit: number,
            signal: AbortSignal,
          ): AsyncGenerator<readonly GridRow[]> {
            if (isReport()) {
              yield page.rows.slice(offset, offset + limit);
              return;
            }
            const asked = { ...question, offset: String(offset), limit: String(limit) };
            const { rows } = await ask('/api/changes', asked, signal);
            yield rows;
            if (rows.every(({ operation }) => operation !== 'U')) return;
            yield (await ask('/api/changes', { ...asked, before: '1' }, signal)).rows;
          };
          const total = isReport() ? page.rows.length : page.total;
          return (
            <>
              <div class="toolbar">
                <Choices
                  label={t.operation}
                  value={ops}
                  onChoose={(value) => setQuery(route, { ops: value, changed: value === 'U' ? changed : '' })}
                  of={[
                    { value: ALL, label: t.all },
                    ...(['I', 'U', 'D'] as const).map((each) => ({
                      value: each,
                      isOff: isReport() || page.counts[each] === 0,
                      label: (
                        <>
                          <Sign of={each} /> {count(page.counts[each])}
                        </>
                      ),
                    })),
                  ]}
                />
                <Search label={t.searchRows} value={q} onSearch={(text) => setQuery(route, { q: text })} />
                {often.length === 0 ? null : (
                  <label class="check">
                    <input
                      type="checkbox"
                      checked={isNarrow}
                      onChange={() => setQuery(route, { narrow: isNarrow ? '' : '1' })}
                    />
                    {t.onlyChanged}
                  </label>
                )}
                <span class="grow" />
                {page.capped ? <span class="dim">{t.firstHits(count(page.total))}</span> : null}
                {total < page.total ? <span class="dim">{t.truncated(count(total))}</span> : null}
              </div>
              <Grid
                of={JSON.stringify([question, page.file])}
                label={table}
                total={total}
                columns={page.columns}
                shown={isNarrow ? narrowed : sorted}
                load={load}
                changed={often}
                linkOf={(row) =>
                  keyLink(
                    table,
                    key,
                    page.columns.map(({ name }, index) => [name, row.cells[index] ?? null]),
                  )
                }
              />
              <Tools run={run} table={table} file={page.file} />
            </>
          );
        }}
      </Answer>
    </Card>
  );
}

function Tools({
  run,
  table,
  file,
}: {
  readonly run: number;
  readonly table: string;
  readonly file: string;
}): JSX.Element {
  const lake = shown(useAnswer('/api/overview'))?.lake ?? '';
  return <SameInTools ways={changeWays(lake, file, table, run)} />;
}
