import type { JSX } from 'preact';
import type { CubeRows, CubeShape } from '../../src/explore/cube.ts';
import { shown, useAnswer } from '../ask.ts';
import { type Period, periodOf, periodsOf, worthOf } from '../charts/period.ts';
import { type Line, Series } from '../charts/series.tsx';
import { Spark } from '../charts/small.tsx';
import { Text } from '../grid.tsx';
import { Answer, Card, Choices, SameInTools, Select, Table, Title } from '../parts.tsx';
import { legibleValue } from '../legible.ts';
import { capital } from '../messages.ts';
import { linkTo, type Route, setQuery } from '../route.ts';
import { useSpeech } from '../speech.ts';
import { tableWays } from '../tools.ts';

/** Measures of gold tables over their dates; what may not be added up is not. */
export function CubesScreen({ route }: { readonly route: Route }): JSX.Element {
  const { t } = useSpeech();
  return (
    <Answer of={useAnswer('/api/cubes')}>
      {(cubes) => {
        const cube = cubes.find(({ table }) => table === route.path[1]) ?? cubes[0];
        if (cube === undefined) return <p class="waiting">{t.noCubes}</p>;
        return <CubeView cube={cube} cubes={cubes} route={route} />;
      }}
    </Answer>
  );
}

/** In the address, for all groups together. */
const WHOLE = '*';

/** By what a measure can be shown: what the cube has rows of, or what may be added up. */
function splitsOf({ groups, levels }: CubeShape, adds: CubeRows['measure']['adds']): (string | null)[] {
  const isShown = (by: readonly string[]): boolean =>
    levels.some((level) => level.by.length === by.length && by.every((name) => level.by.includes(name))) ||
    (adds !== 'nothing' && levels.some((level) => by.every((name) => level.by.includes(name))));
  return [...(isShown([]) ? [null] : []), ...groups.filter((name) => isShown([name]))];
}

function CubeView({
  cube,
  cubes,
  route,
}: {
  readonly cube: CubeShape;
  readonly cubes: readonly CubeShape[];
  readonly route: Route;
}): JSX.Element {
  const { t } = useSpeech();
  const measure = cube.measures.find(({ name }) => name === route.query['measure']) ?? cube.measures[0];
  const splits = splitsOf(cube, measure?.adds ?? 'nothing');
  const asked = route.query['by'];
  const wanted = asked === WHOLE ? null : asked;
  const by = (wanted !== undefined && splits.includes(wanted) ? wanted : splits[0]) ?? '';
  const found = useAnswer(
    '/api/cube',
    { table: cube.table, measure: measure?.name ?? '', by },
    measure !== undefined && splits.length > 0,
  );
  const lake = shown(useAnswer('/api/overview'))?.lake ?? '';
  const canStack = by !== '' && measure?.adds !== 'nothing';
  const isStacked = canStack && route.query['as'] === 'stacked';
  const periods = periodsOf(shown(found)?.dates ?? []);
  const days =
    route.query['days'] === WHOLE
      ? undefined
      : (periods.find((each) => String(each) === route.query['days']) ?? periods.at(-1));
  const choose = (change: Record<string, string>): void =>
    setQuery({ path: ['cubes', cube.table], query: route.query }, change);
  return (
    <>
      <Title about={cube.description ?? undefined}>{cube.table}</Title>
      <Card>
        <div class="toolbar">
          <Select
            label={t.cubes}
            value={cube.table}
            onChoose={(table) => {
              location.hash = linkTo(['cubes', table]);
            }}
            of={cubes.map(({ table }) => ({ value: table, label: table }))}
          />
          <Select
            label={t.measure}
            value={measure?.name ?? ''}
            onChoose={(name) => choose({ measure: name })}
            of={cube.measures.map(({ name }) => ({ value: name, label: name }))}
          />
          <Select
            label={t.splitBy}
            value={by}
            onChoose={(name) => choose({ by: name === '' ? WHOLE : name })}
            of={splits.map((name) => ({ value: name ?? '', label: name ?? t.asWhole }))}
          />
          {periods.length === 0 ? null : (
            <Select
              label={t.period}
              value={String(days ?? WHOLE)}
              onChoose={(value) => choose({ days: value })}
              of={[
                ...periods.map((each) => ({ value: String(each), label: t.days(each) })),
                { value: WHOLE, label: t.all },
              ]}
            />
          )}
          {canStack ? (
            <Choices
              label={t.stacked}
              value={isStacked ? 'stacked' : 'lines'}
              onChoose={(as) => choose({ as })}
              of={[
                { value: 'lines', label: t.lines },
                { value: 'stacked', label: t.stacked },
              ]}
            />
          ) : null}
        </div>
        {splits.length === 0 ? (
          <p class="waiting">{t.notSplit}</p>
        ) : (
          <Answer of={found}>
            {(rows) => <Chart rows={rows} period={periodOf(rows, days)} isStacked={isStacked} />}
          </Answer>
        )}
        <SameInTools ways={tableWays(lake, cube.table, undefined)} />
      </Card>
      {splits.length === 0 ? null : (
        <Answer of={found}>
          {(rows) => <Pivot rows={rows} period={periodOf(rows, days)} days={days} />}
        </Answer>
      )}
    </>
  );
}

interface Shown {
  readonly rows: CubeRows;
  readonly period: Period;
}

function Chart({ rows, period, isStacked }: Shown & { readonly isStacked: boolean }): JSX.Element {
  const { t, count } = useSpeech();
  if (rows.dates.length === 0) return <p class="waiting">{t.noRows}</p>;
  const lines: Line[] = rows.series.map(({ key }, index) => ({
    name: legibleValue(rows.by === null ? rows.measure.name : (key ?? t.none)),
    values: period.values[index] ?? [],
  }));
  const { dates, values } = period.before;
  // Of several series the pivot tells it.
  const past =
    lines.length === 1 && dates.length > 0
      ? [{ name: t.before, pastDates: dates, values: values[0] ?? [] } satisfies Line]
      : [];
  return (
    <>
      <Series label={rows.measure.name} dates={period.dates} of={[...lines, ...past]} isStacked={isStacked} />
      <p class="dim">
        {rows.rest === 0 ? '' : `${t.othersLeftOut(count(rows.rest))}. `}
        {rows.measure.adds === 'nothing' ? t.noTotal : ''}
      </p>
    </>
  );
}

const SHOWN_DATES = 7;

function Pivot({ rows, period, days }: Shown & { readonly days: number | undefined }): JSX.Element {
  const { t, count, day } = useSpeech();
  const dates = period.dates.slice(-SHOWN_DATES);
  const isSum = rows.measure.adds === 'groups and dates';
  const isCompared = days !== undefined && period.before.dates.length > 0;
  return (
    <Card title={t.pivot}>
      <Table
        label={t.pivot}
        kind="pivot"
        head={[
          rows.by ?? rows.measure.name,
          '',
          ...dates.map((date) => ({ number: day(date) })),
          ...(isSum ? [{ number: t.total }] : []),
          ...(isCompared ? [{ number: isSum ? capital(t.before) : t.daysBefore(days) }] : []),
        ]}
      >
        {rows.series.map(({ key }, index) => {
          const values = period.values[index] ?? [];
          return (
            <tr key={key}>
              <td>
                <i class={`swatch series-${index % 10}`} />{' '}
                <Text of={rows.by === null ? rows.measure.name : (key ?? t.none)} />
              </td>
              <td>
                <Spark values={values} label={rows.measure.name} />
              </td>
              {values.slice(-dates.length).map((value, place) => (
                <td key={dates[place]} class="right">
                  {value === null ? <span class="dim">–</span> : count(value)}
                </td>
              ))}
              {isSum ? (
                <td class="right">
                  <b>{count(worthOf(values, true) ?? 0)}</b>
                </td>
              ) : null}
              {isCompared ? (
                <td class="right">
                  <Against
                    now={worthOf(values, isSum)}
                    before={worthOf(period.before.values[index] ?? [], isSum)}
                  />
                </td>
              ) : null}
            </tr>
          );
        })}
      </Table>
    </Card>
  );
}

/** A number of the period before, and by how much it has grown since. */
function Against({
  now,
  before,
}: {
  readonly now: number | null;
  readonly before: number | null;
}): JSX.Element {
  const { count, growth } = useSpeech();
  if (before === null) return <span class="dim">–</span>;
  return (
    <>
      {count(before)} {now === null || before <= 0 ? null : <b>{growth(now / before - 1)}</b>}
    </>
  );
}
