import type { JSX } from 'preact';
import type { Cell } from '../../src/explore/cells.ts';
import type { KeyHistory, KeyVersion } from '../../src/explore/key-history.ts';
import { isReport, useAnswer } from '../ask.ts';
import { Value } from '../grid.tsx';
import { Answer, Card, Pill, RunLink, SameInTools, Sign, Title } from '../parts.tsx';
import { legibleValue } from '../legible.ts';
import { linkTo, type Route } from '../route.ts';
import { useSpeech } from '../speech.ts';
import { keyWays } from '../tools.ts';

/** The address of a row's history; undefined where its key is not known, and in a report, which has none. */
export function keyLink(
  table: string,
  key: readonly string[],
  cells: readonly (readonly [string, Cell])[],
): string | undefined {
  const values = cells.flatMap(([name, value]) =>
    key.includes(name) && value !== null ? [[`k.${name}`, value] as const] : [],
  );
  return isReport() || key.length === 0 || values.length < key.length
    ? undefined
    : linkTo(['key', table], Object.fromEntries(values));
}

/** What happened to one row, newest first. */
export function KeyScreen({ route }: { readonly route: Route }): JSX.Element {
  const table = route.path[1] ?? '';
  return (
    <Answer of={useAnswer('/api/key', { table, ...route.query })}>
      {(history) => <Shown history={history} route={route} />}
    </Answer>
  );
}

function Shown({ history, route }: { readonly history: KeyHistory; readonly route: Route }): JSX.Element {
  const { t, time, ago } = useSpeech();
  const { table, columns, versions } = history;
  const last = versions.at(-1);
  const key = Object.entries(route.query).map(([name, value]) => [name.replace(/^k\./, ''), value] as const);
  const values =
    key.length === 1 ? (key[0]?.[1] ?? '') : key.map(([name, value]) => `${name}=${value}`).join(' ');
  return (
    <>
      <Title
        about={
          <>
            <a href={linkTo(['tables', table])}>{table}</a> ·{' '}
            <bdi>{legibleValue(key.map(([name]) => name).join(', '))}</bdi>
          </>
        }
        aside={
          last === undefined ? null : last.operation === 'D' ? (
            <Pill tone="failed">{t.keyGone}</Pill>
          ) : (
            <Pill tone="well">{t.keyNow}</Pill>
          )
        }
      >
        <bdi class="mono">{legibleValue(values)}</bdi>
      </Title>
      {versions.length === 0 ? <p class="waiting">{t.keyNever}</p> : null}
      <Card title={t.keyHistory}>
        <ol class="time-line">
          {versions.toReversed().map((version, index) => (
            <li key={`${version.run} ${index}`} class={`at-${version.operation}`}>
              <div class="when">
                <Sign of={version.operation} /> <RunLink run={version.run} table={table} />
                <span class="dim">
                  {time(version.at)} · {ago(version.at)}
                </span>
              </div>
              <Values
                version={version}
                before={versions[versions.length - 2 - index]}
                columns={columns.map(({ name }) => name)}
                keys={columns.filter((column) => column.key).map(({ name }) => name)}
              />
            </li>
          ))}
        </ol>
        <SameInTools ways={keyWays(table, key)} />
      </Card>
    </>
  );
}

function Values({
  version,
  before,
  columns,
  keys,
}: {
  readonly version: KeyVersion;
  readonly before: KeyVersion | undefined;
  readonly columns: readonly string[];
  readonly keys: readonly string[];
}): JSX.Element {
  const { operation, cells, changed } = version;
  const isUpdate = operation === 'U' || changed.length > 0;
  const shown = columns.flatMap((name, index) =>
    keys.includes(name) || (isUpdate && !changed.includes(index)) ? [] : [{ name, index }],
  );
  return (
    <dl class={operation === 'D' ? 'values gone' : 'values'}>
      {shown.map(({ name, index }) => (
        <div key={name}>
          <dt>
            <bdi>{legibleValue(name)}</bdi>
          </dt>
          <dd>
            <Value
              now={cells[index] ?? null}
              before={before?.cells[index]}
              isKnown={changed.includes(index)}
            />
          </dd>
        </div>
      ))}
    </dl>
  );
}
