import type { JSX } from 'preact';
import type { VersionDiff } from '../../src/explore/version-diff.ts';
import type { VersionsAnswer } from '../../src/ui/api.ts';
import { useAnswer } from '../ask.ts';
import { Grid } from '../grid.tsx';
import { Answer, Card, Changed, SameInTools, Select } from '../parts.tsx';
import { linkTo, type Route, setQuery } from '../route.ts';
import { useSpeech } from '../speech.ts';
import { differenceWays, isLayered } from '../tools.ts';

/** The address of how a table differs between two versions, or from none. */
export function differenceLink(table: string, from: number | undefined, to: number): string {
  return linkTo(['tables', table], {
    tab: 'difference',
    to: String(to),
    ...(from === undefined ? {} : { from: String(from) }),
  });
}

/** How a table differs between two of its versions: the newest and the one before where none are named. */
export function DifferenceTab({
  table,
  route,
  versions,
}: {
  readonly table: string;
  readonly route: Route;
  readonly versions: VersionsAnswer['versions'];
}): JSX.Element {
  const { t, time } = useSpeech();
  const to = route.query['to'] ?? String(versions[0]?.version ?? '');
  const older = versions.filter(({ version }) => version < Number(to));
  const from =
    route.query['from'] ?? (route.query['to'] === undefined ? String(older[0]?.version ?? '') : '');
  const choices = (of: VersionsAnswer['versions']): { value: string; label: string }[] =>
    of.map(({ version, at }) => ({
      value: String(version),
      label: `${isLayered(table) ? `v${version}` : t.run(version)} · ${time(at)}`,
    }));
  const found = useAnswer('/api/diff', { table, from, to }, to !== '');
  return (
    <Card>
      <div class="toolbar">
        <Select
          label={t.from}
          value={from}
          onChoose={(value) => setQuery(route, { from: value, to })}
          of={[...choices(older), { value: '', label: t.noRowsYet }]}
        />
        <Select
          label={t.to}
          value={to}
          onChoose={(value) => setQuery(route, { from: Number(from) < Number(value) ? from : '', to: value })}
          of={choices(versions)}
        />
      </div>
      {to === '' ? (
        <p class="waiting">{t.noRows}</p>
      ) : (
        <Answer of={found}>{(diff) => <Rows diff={diff} />}</Answer>
      )}
      {from === '' ? null : <SameInTools ways={differenceWays(table, from, to)} />}
    </Card>
  );
}

function Rows({ diff }: { readonly diff: VersionDiff }): JSX.Element {
  const { t, count } = useSpeech();
  const { table, from, to, columns, counts, rows } = diff;
  const isChanged = (index: number): boolean =>
    rows.some(({ cells, before }) => before !== null && before[index] !== cells[index]);
  const changed = columns.filter((_, index) => isChanged(index)).map(({ name }) => name);
  const rank = (index: number): number => {
    const column = columns[index];
    return column?.key === true ? 0 : changed.includes(column?.name ?? '') ? 1 : 2;
  };
  const order = columns.map((_, index) => index).toSorted((left, right) => rank(left) - rank(right));
  return (
    <>
      <p>
        <Changed inserted={counts.I} updated={counts.U} deleted={counts.D} />{' '}
        {rows.length < counts.I + counts.U + counts.D ? (
          <span class="dim">{t.truncated(count(rows.length))}</span>
        ) : null}
      </p>
      <Grid
        of={JSON.stringify([table, from, to])}
        label={t.difference}
        total={rows.length}
        columns={columns}
        shown={order}
        changed={changed}
        load={async function* (offset, limit): AsyncGenerator<VersionDiff['rows']> {
          yield rows.slice(offset, offset + limit);
        }}
      />
    </>
  );
}
