import type { JSX } from 'preact';
import type { CubeRows, CubeShape } from '../../src/explore/cube.ts';
import { shown, useAnswer } from '../ask.ts';
import { type Line, Series } from '../charts/series.tsx';
import { Spark } from '../charts/small.tsx';
import { Answer, Card, Choices, SameInTools, Select, Table, Title } from '../parts.tsx';
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
            onChoose={(name) =>
              setQuery({ path: ['cubes', cube.table], query: route.query }, { measure: name })
            }
            of={cube.measures.map(({ name }) => ({ value: name, label: name }))}
          />
          <Select
            label={t.splitBy}
            value={by}
            onChoose={(name) =>
              setQuery(
                { path: ['cubes', cube.table], query: route.query },
                { by: name === '' ? WHOLE : name },
              )
            }
            of={splits.map((name) => ({ value: name ?? '', label: name ?? t.asWhole }))}
          />
          {canStack ? (
            <Choices
              label={t.stacked}
              value={isStacked ? 'stacked' : 'lines'}
              onChoose={(as) => setQuery({ path: ['cubes', cube.table], query: route.query }, { as })}
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
          <Answer of={found}>{(rows) => <Chart rows={rows} isStacked={isStacked} />}</Answer>
        )}
        <SameInTools ways={tableWays(lake, cube.table, undefined)} />
      </Card>
      {splits.length === 0 ? null : <Answer of={found}>{(rows) => <Pivot rows={rows} />}</Answer>}
    </>
  );
}

function Chart({ rows, isStacked }: { readonly rows: CubeRows; readonly isStacked: boolean }): JSX.Element {
  const { t, count } = useSpeech();
  if (rows.dates.length === 0) return <p class="waiting">{t.noRows}</p>;
  const only = rows.series.length === 1 ? rows.series[0] : undefined;
  const lines: Line[] = rows.series.map(({ key, values }) => ({
    name: rows.by === null ? rows.measure.name : (key ?? t.none),
    values,
  }));
  const half = Math.floor(rows.dates.length / 2);
  // The second half of the dates over the first: whether it went up or down, by the same number of days.
  const past =
    only === undefined || half < 2
      ? []
      : [{ name: t.before, isPast: true, values: only.values.slice(0, half) } satisfies Line];
  const isCompared = past.length > 0;
  const dates = isCompared ? rows.dates.slice(rows.dates.length - half) : rows.dates;
  const shownLines = isCompared
    ? [...lines.map((line) => ({ ...line, values: line.values.slice(rows.dates.length - half) })), ...past]
    : lines;
  return (
    <>
      <Series label={rows.measure.name} dates={dates} of={shownLines} isStacked={isStacked} />
      <p class="dim">
        {rows.rest === 0 ? '' : `${t.othersLeftOut(count(rows.rest))}. `}
        {rows.measure.adds === 'nothing' ? t.noTotal : ''}
      </p>
    </>
  );
}

const SHOWN_DATES = 8;

function Pivot({ rows }: { readonly rows: CubeRows }): JSX.Element {
  const { t, count, day } = useSpeech();
  const dates = rows.dates.slice(-SHOWN_DATES);
  const hasTotal = rows.measure.adds === 'groups and dates';
  return (
    <Card title={t.pivot}>
      <Table
        label={t.pivot}
        head={[
          rows.by ?? rows.measure.name,
          '',
          ...(hasTotal ? [{ number: t.total }] : []),
          ...dates.map((date) => ({ number: day(date) })),
        ]}
      >
        {rows.series.map(({ key, values, total }, index) => (
          <tr key={key}>
            <td>
              <i class={`swatch series-${index % 10}`} />{' '}
              {rows.by === null ? rows.measure.name : (key ?? t.none)}
            </td>
            <td>
              <Spark values={values} label={rows.measure.name} />
            </td>
            {hasTotal ? (
              <td class="right">
                <b>{total === null ? '' : count(total)}</b>
              </td>
            ) : null}
            {values.slice(-dates.length).map((value, place) => (
              <td key={dates[place]} class="right">
                {value === null ? <span class="dim">–</span> : count(value)}
              </td>
            ))}
          </tr>
        ))}
      </Table>
    </Card>
  );
}
