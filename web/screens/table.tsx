import type { JSX } from 'preact';
import type { TableProfile } from '../../src/explore/profile.ts';
import type { VersionsAnswer } from '../../src/ui/api.ts';
import { ask, isReport, shown, useAnswer, useRevision } from '../ask.ts';
import { Histogram } from '../charts/small.tsx';
import { Grid, type GridRow, Text } from '../grid.tsx';
import {
  Answer,
  Card,
  Changed,
  Choices,
  Facts,
  RunLink,
  SameInTools,
  Search,
  Select,
  Table,
  Title,
  When,
} from '../parts.tsx';
import { linkTo, type Route, setQuery } from '../route.ts';
import { useSpeech } from '../speech.ts';
import { isLayered, tableWays } from '../tools.ts';
import { differenceLink, DifferenceTab } from './difference.tsx';
import { keyLink } from './key.tsx';

const TABS = ['columns', 'rows', 'versions', 'difference'] as const;

/** One table: what is in its columns, its rows at any version, and how it came to be. */
export function TableScreen({ route }: { readonly route: Route }): JSX.Element {
  const { t, count } = useSpeech();
  const table = route.path[1] ?? '';
  const tab = TABS.find((each) => each === route.query['tab']) ?? 'columns';
  const versions = useAnswer('/api/versions', { table });
  const overview = shown(useAnswer('/api/overview'));
  const status = shown(useAnswer('/api/status'));
  const rows = status?.layers?.[table]?.rows ?? status?.tables[table]?.rows;
  const at = route.query['at'];
  return (
    <>
      <Title
        about={rows == null ? undefined : t.rowsOf(count(rows))}
        aside={
          <a class="button" href={linkTo(['lineage', table])}>
            {t.lineage}
          </a>
        }
      >
        {table}
      </Title>
      <div class="toolbar">
        <Choices
          label={table}
          value={tab}
          onChoose={(value) => setQuery(route, { tab: value })}
          of={TABS.filter((value) => value !== 'difference' || !isReport()).map((value) => ({
            value,
            label: t[value],
          }))}
        />
        {tab === 'versions' || tab === 'difference' ? null : (
          <VersionChoice route={route} table={table} versions={shown(versions)?.versions ?? []} />
        )}
      </div>
      {tab === 'columns' ? (
        <Profile key={at} table={table} at={at ?? ''} />
      ) : tab === 'rows' ? (
        <Rows
          key={at}
          table={table}
          route={route}
          keys={overview?.tables.find(({ name }) => name === table.replace(/^bronze\./, ''))?.key ?? []}
        />
      ) : (
        <Answer of={versions}>
          {(answer) =>
            tab === 'versions' ? (
              <Versions table={table} answer={answer} />
            ) : (
              <DifferenceTab table={table} route={route} versions={answer.versions} />
            )
          }
        </Answer>
      )}
      {tab === 'difference' ? null : (
        <SameInTools
          ways={tableWays(overview?.lake ?? '', table, at === undefined ? undefined : Number(at))}
        />
      )}
    </>
  );
}

function VersionChoice({
  route,
  table,
  versions,
}: {
  readonly route: Route;
  readonly table: string;
  readonly versions: VersionsAnswer['versions'];
}): JSX.Element | null {
  const { t, time } = useSpeech();
  if (isReport()) return null;
  const isOfLayer = isLayered(table);
  return (
    <Select
      label={t.version}
      value={route.query['at'] ?? ''}
      onChoose={(at) => setQuery(route, { at })}
      of={[
        { value: '', label: t.newest },
        ...versions.map(({ version, at }) => ({
          value: String(version),
          label: `${isOfLayer ? `v${version}` : t.run(version)} · ${time(at)}`,
        })),
      ]}
    />
  );
}

function Profile({ table, at }: { readonly table: string; readonly at: string }): JSX.Element {
  const { t, count } = useSpeech();
  const found = useAnswer('/api/profile', { table, at });
  const sampled = shown(found)?.sampled ?? null;
  return (
    <Card
      title={t.columns}
      aside={<span class="dim">{sampled === null ? '' : t.sampled(count(sampled))}</span>}
    >
      <Answer of={found}>{(profile) => <Columns profile={profile} />}</Answer>
    </Card>
  );
}

function Columns({ profile }: { readonly profile: TableProfile }): JSX.Element {
  const { t, count, percent } = useSpeech();
  const rows = profile.sampled ?? profile.rows;
  return (
    <Table
      label={t.columns}
      kind="profile"
      head={[t.column, { number: t.nulls }, { number: t.different }, '', t.range, t.frequent]}
    >
      {profile.columns.map(({ name, type, nulls, distinct, min, max, histogram, top }) => (
        <tr key={name}>
          <td>
            <b>
              <Text of={name} />
            </b>{' '}
            <small>{type.toLowerCase()}</small>
          </td>
          <td class="right">
            {nulls === 0 ? <span class="dim">0</span> : percent(nulls / Math.max(rows, 1))}
          </td>
          <td class="right">{count(distinct)}</td>
          <td>
            {histogram === null ? null : (
              <Histogram bins={histogram} label={`${name}: ${min ?? ''} – ${max ?? ''}`} />
            )}
          </td>
          <td>
            <span class="clip">
              <Text of={min} />
            </span>
            <span class="clip">
              <Text of={max} />
            </span>
          </td>
          <td>
            {distinct > rows * 0.9
              ? null
              : top.slice(0, 4).map(({ value, rows: n }) => (
                  <span key={value} class="chip">
                    <span class="value">
                      <Text of={value} />
                    </span>
                    <span class="dim">{percent(n / Math.max(rows, 1))}</span>
                  </span>
                ))}
          </td>
        </tr>
      ))}
    </Table>
  );
}

function Rows({
  table,
  route,
  keys,
}: {
  readonly table: string;
  readonly route: Route;
  readonly keys: readonly string[];
}): JSX.Element {
  const { t, count } = useSpeech();
  const { at = '', q = '', sort = '', desc = '' } = route.query;
  const question = { table, at, q, sort, desc };
  const revision = useRevision();
  return (
    <Card>
      <Answer of={useAnswer('/api/rows', { ...question, limit: '100' })}>
        {(page) => (
          <>
            <div class="toolbar">
              <Search label={t.searchRows} value={q} onSearch={(text) => setQuery(route, { q: text })} />
              <span class="grow" />
              {page.capped ? <span class="dim">{t.firstHits(count(page.total))}</span> : null}
              {isReport() && page.rows.length < page.total ? (
                <span class="dim">{t.truncated(count(page.rows.length))}</span>
              ) : null}
            </div>
            <Grid
              of={JSON.stringify(question)}
              revision={revision}
              label={table}
              total={isReport() ? page.rows.length : page.total}
              columns={page.columns.map((column) => ({ ...column, key: keys.includes(column.name) }))}
              shown={page.columns.map((_, index) => index)}
              load={async function* (offset, limit, signal): AsyncGenerator<readonly GridRow[]> {
                const asked = { ...question, offset: String(offset), limit: String(limit) };
                const rows = isReport()
                  ? page.rows.slice(offset, offset + limit)
                  : (await ask('/api/rows', asked, signal)).rows;
                yield rows.map((cells) => ({ cells }));
              }}
              linkOf={(row) =>
                keyLink(
                  table.replace(/^bronze\./, ''),
                  keys,
                  page.columns.map(({ name }, index) => [name, row.cells[index] ?? null]),
                )
              }
              {...(isReport()
                ? {}
                : {
                    sort: {
                      by: sort,
                      isDescending: desc === '1',
                      onSort: (name: string) =>
                        setQuery(route, { sort: name, desc: sort === name && desc !== '1' ? '1' : '' }),
                    },
                  })}
            />
          </>
        )}
      </Answer>
    </Card>
  );
}

function Versions({
  table,
  answer,
}: {
  readonly table: string;
  readonly answer: VersionsAnswer;
}): JSX.Element {
  const { t, time, count, size } = useSpeech();
  const { versions, schema, health } = answer;
  const isOfLayer = isLayered(table);
  return (
    <>
      {health === null ? null : (
        <Card title={t.health}>
          <Facts
            of={[
              [t.files, count(health.files)],
              [t.smallFiles, count(health.smallFiles)],
              [t.size, size(health.sizeBytes)],
              [t.deletedRows, count(health.deletedRows)],
              [t.oldestVersion, `v${health.oldestVersion}`],
            ]}
          />
        </Card>
      )}
      {schema.length < 2 ? null : (
        <Card title={t.schemaChanges}>
          <ol class="time-line">
            {schema.slice(1).map(({ run, at, added, retyped, dropped }) => (
              <li key={run}>
                <RunLink run={run} table={table} /> <span class="dim">{time(at)}</span>{' '}
                {added.map(({ name, type }) => (
                  <span key={name} class="chip">
                    + <Text of={name} /> <span class="dim">{type}</span>
                  </span>
                ))}
                {retyped.map(({ name, from, to }) => (
                  <span key={name} class="chip">
                    ~ <Text of={name} /> {from} → {to}
                  </span>
                ))}
                {dropped.map((name) => (
                  <span key={name} class="chip">
                    − <Text of={name} />
                  </span>
                ))}
              </li>
            ))}
          </ol>
        </Card>
      )}
      <Card title={t.versions}>
        <Table label={t.versions} head={[t.version, t.at, t.operation, '', '']}>
          {versions.map((version, index) => (
            <tr key={version.version}>
              <td>{isOfLayer ? `v${version.version}` : <RunLink run={version.version} table={table} />}</td>
              <td>
                <When at={version.at} />
              </td>
              <td>{version.operation}</td>
              <td>
                {version.changes !== null ? (
                  <Changed {...version.changes} />
                ) : (
                  <span class="dim">
                    {version.replaced === null ? '–' : t.rowsReplaced(count(version.replaced))}
                  </span>
                )}
              </td>
              <td>
                <a href={linkTo(['tables', table], { tab: 'rows', at: String(version.version) })}>{t.rows}</a>
                {isReport() ? null : (
                  <>
                    {' · '}
                    <a href={differenceLink(table, versions[index + 1]?.version, version.version)}>
                      {t.difference}
                    </a>
                  </>
                )}
              </td>
            </tr>
          ))}
        </Table>
      </Card>
    </>
  );
}
