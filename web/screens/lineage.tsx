import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { GraphAnswer } from '../../src/ui/api.ts';
import type { LineageTable } from '../../src/medallion/models/lineage.ts';
import { placesOf } from '../../src/explore/lineage-layout.ts';
import type { CycleRecord } from '../../src/pipeline/journal/record.ts';
import type { ProjectStatus } from '../../src/explore/status.ts';
import { ARROWS } from '../arrows.ts';
import { shown, useAnswer } from '../ask.ts';
import { useWidth } from '../charts/width.ts';
import { Answer, Card, Changed, type Counts, Facts, Pill, Problem, type Tone, toneOf } from '../parts.tsx';
import { legible } from '../legible.ts';
import { linkTo, type Route } from '../route.ts';
import { useSpeech } from '../speech.ts';

const [NODE_HEIGHT, ROW, LEAST_WIDTH, NARROW, HEAD] = [78, 94, 176, 700, 30];
/** Between columns, by what there is room for. */
const GAP = { least: 28, most: 72 } as const;

/** What is made of what, and how far each table has come. */
export function LineageScreen({ route }: { readonly route: Route }): JSX.Element {
  const status = useAnswer('/api/status');
  return (
    <Answer of={useAnswer('/api/graph')}>
      {(graph) => (
        <>
          {status.kind === 'refused' ? (
            <Problem error={status.error} isAskedAgain={status.error.retryable} />
          ) : null}
          <Shown graph={graph} status={shown(status)} picked={route.path[1]} />
        </>
      )}
    </Answer>
  );
}

interface State {
  readonly rows: number | null;
  readonly version: string;
  readonly tone: Tone;
  readonly word: string;
  /** What the last change was. */
  readonly last: (Counts & { readonly at: string }) | undefined;
}

function Shown({
  graph,
  status,
  picked,
}: {
  readonly graph: GraphAnswer;
  readonly status: ProjectStatus | undefined;
  readonly picked: string | undefined;
}): JSX.Element {
  const { t } = useSpeech();
  const stateOf = useStates(status);
  const table = graph.tables.find(({ name }) => name === picked);
  const tones = graph.tables.map(({ name }) => stateOf(name).tone);
  const behind = tones.filter((tone) => tone === 'late').length;
  const held = tones.filter((tone) => tone === 'held' || tone === 'failed').length;
  return (
    <>
      <Card
        title={t.lineage}
        aside={
          status === undefined ? null : held > 0 ? (
            <Pill tone="held">{`${t.heldTables}: ${held}`}</Pill>
          ) : behind > 0 ? (
            <Pill tone="late">{t.behind(behind)}</Pill>
          ) : (
            <Pill tone="well">{t.upToDate}</Pill>
          )
        }
      >
        <Drawing graph={graph} picked={table?.name} stateOf={stateOf} />
        {graph.tables.every(({ layer }) => layer === 'raw') ? <p class="dim">{t.noLayers}</p> : null}
        {table === undefined ? <p class="dim">{t.pick}</p> : null}
      </Card>
      {table === undefined ? null : (
        <Picked table={table} graph={graph} state={stateOf(table.name)} status={status} />
      )}
    </>
  );
}

function useStates(status: ProjectStatus | undefined): (name: string) => State {
  const { t } = useSpeech();
  const cycles = shown(useAnswer('/api/cycles')) ?? [];
  return (name) => {
    if (status === undefined) return { rows: null, version: '', tone: 'plain', word: '', last: undefined };
    const layer = status.layers?.[name];
    const raw = status.tables[name];
    const trouble = layer?.trouble ?? raw?.trouble;
    const rows = layer?.rows ?? raw?.rows ?? null;
    const version =
      layer === undefined
        ? raw?.lastChange == null
          ? ''
          : `#${raw.lastChange.run}`
        : layer.version === null
          ? ''
          : `v${layer.version}`;
    const last = layer === undefined ? (raw?.lastChange ?? undefined) : lastChangeOf(cycles, name);
    if (trouble != null)
      return {
        rows,
        version,
        last,
        tone: toneOf(trouble.operation),
        word: t[trouble.operation],
      };
    const late = Object.entries(layer?.sources ?? {}).filter(
      ([source, { applied, newest, pendingFiles = 0 }]) =>
        source === 'ledger' || source === 'files' ? pendingFiles > 0 : (newest ?? -1) > (applied ?? -1),
    );
    return late.length === 0
      ? { rows, version, last, tone: 'well', word: t.upToDate }
      : { rows, version, last, tone: 'late', word: t.behind(late.length) };
  };
}

/** The tables that one is made of, and those that are made of it, however far. */
function wayOf(tables: readonly LineageTable[], name: string): ReadonlySet<string> {
  const way = new Set([name]);
  const up = (each: string): void => {
    for (const source of tables.find((table) => table.name === each)?.sources ?? []) {
      if (way.has(source)) continue;
      way.add(source);
      up(source);
    }
  };
  const down = (each: string): void => {
    for (const table of tables) {
      if (!table.sources.includes(each) || way.has(table.name)) continue;
      way.add(table.name);
      down(table.name);
    }
  };
  up(name);
  const above = [...way];
  down(name);
  return new Set([...above, ...way]);
}

function Drawing({
  graph: { tables },
  picked,
  stateOf,
}: {
  readonly graph: GraphAnswer;
  readonly picked: string | undefined;
  readonly stateOf: (name: string) => State;
}): JSX.Element {
  const { t, short } = useSpeech();
  const [element, width] = useWidth<HTMLDivElement>(1000);
  const places = placesOf(tables);
  const columns = Math.max(0, ...places.map(({ column }) => column)) + 1;
  const counts = Array.from(
    { length: columns },
    (_, index) => places.filter(({ column }) => column === index).length,
  );
  const most = Math.max(1, ...counts);
  // On a phone the stream runs from top to bottom.
  const isNarrow = width < NARROW;
  const room = (width - columns * LEAST_WIDTH) / Math.max(columns - 1, 1);
  const gap = Math.max(GAP.least, Math.min(GAP.most, room));
  const nodeWidth = isNarrow
    ? Math.max(140, Math.min(220, width / Math.min(most, 2) - 12))
    : Math.max(LEAST_WIDTH, (width - (columns - 1) * gap) / columns);
  const inner = isNarrow
    ? Math.max(width, most * (nodeWidth + 12))
    : columns * nodeWidth + (columns - 1) * gap;
  const height = isNarrow ? columns * (ROW + 56) : HEAD + most * ROW;
  const at = (name: string): { x: number; y: number } => {
    const place = places.find((each) => each.name === name);
    const { column = 0, row = 0 } = place ?? {};
    const middle = (most - (counts[column] ?? 0)) / 2;
    return isNarrow
      ? {
          x: (inner / Math.max(counts[column] ?? 1, 1)) * (row + 0.5) - nodeWidth / 2,
          y: 26 + column * (ROW + 56),
        }
      : { x: column * (nodeWidth + gap), y: HEAD + (row + middle) * ROW };
  };
  useEffect(() => {
    const node = picked === undefined ? null : document.getElementById(`table-${picked}`);
    node?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [picked, isNarrow]);
  const way = picked === undefined ? undefined : wayOf(tables, picked);
  const layerAt = (column: number): LineageTable['layer'] | undefined =>
    tables.find(({ name }) => places.find((place) => place.name === name)?.column === column)?.layer;
  const move = (event: KeyboardEvent, name: string): void => {
    const place = places.find((each) => each.name === name);
    const [dx, dy] = ARROWS[event.key] ?? [0, 0];
    if (place === undefined || (dx === 0 && dy === 0)) return;
    event.preventDefault();
    const beside = places.filter(({ column }) => column === place.column + dx);
    const next =
      beside.find(({ row }) => row === place.row + dy) ?? beside.at(Math.min(place.row, beside.length - 1));
    if (next !== undefined) document.getElementById(`table-${next.name}`)?.focus();
  };
  return (
    <div ref={element} class="scroll" tabIndex={-1}>
      <div class="drawing" style={{ width: `${inner}px`, height: `${height}px` }}>
        <svg width={inner} height={height} aria-hidden="true">
          {tables.flatMap(({ name, sources }) =>
            sources.map((source) => {
              const [from, to] = [at(source), at(name)];
              const isOn = way !== undefined && way.has(name) && way.has(source);
              const kind = way === undefined ? '' : isOn ? ' on' : ' off';
              return (
                <path
                  key={`${source} ${name}`}
                  class={`edge${kind}${stateOf(name).tone === 'late' ? ' late' : ''}`}
                  d={isNarrow ? downward(from, to, nodeWidth) : sideward(from, to, nodeWidth)}
                />
              );
            }),
          )}
        </svg>
        {Array.from({ length: columns }, (_, column) => {
          const layer = layerAt(column);
          const place = isNarrow ? { x: 0, y: column * (ROW + 56) } : { x: column * (nodeWidth + gap), y: 0 };
          return layer === undefined ? null : (
            <span
              key={column}
              class={`layer ${layer}`}
              style={{ transform: `translate(${place.x}px, ${place.y}px)` }}
            >
              {layer === 'raw' ? t.source : layer}
            </span>
          );
        })}
        {tables.map(({ name, layer }) => {
          const { x, y } = at(name);
          const state = stateOf(name);
          const kind = name === picked ? ' picked' : way?.has(name) === false ? ' off' : '';
          return (
            <a
              key={name}
              id={`table-${name}`}
              class={`node ${layer}${kind}`}
              href={linkTo(['lineage', name])}
              style={{
                transform: `translate(${x}px, ${y}px)`,
                width: `${nodeWidth}px`,
                height: `${NODE_HEIGHT}px`,
              }}
              onKeyDown={(event) => move(event, name)}
            >
              <span class="two">
                <b>{layer === 'raw' ? name : name.slice(layer.length + 1)}</b>
                <small>{state.version}</small>
              </span>
              <span class="two">
                <small>{state.rows === null ? '–' : t.rowsOf(short(state.rows))}</small>
                {state.tone === 'well' || state.tone === 'plain' ? null : (
                  <Pill tone={state.tone}>{state.word}</Pill>
                )}
              </span>
              {state.last === undefined ? null : <Changed {...state.last} />}
            </a>
          );
        })}
      </div>
    </div>
  );
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function sideward(from: Point, to: Point, width: number): string {
  const [x1, y1, x2, y2] = [from.x + width, from.y + NODE_HEIGHT / 2, to.x, to.y + NODE_HEIGHT / 2];
  const bend = (x2 - x1) / 2;
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}

function downward(from: Point, to: Point, width: number): string {
  const [x1, y1, x2, y2] = [from.x + width / 2, from.y + NODE_HEIGHT, to.x + width / 2, to.y];
  const bend = (y2 - y1) / 2;
  return `M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}`;
}

function Picked({
  table,
  graph,
  state,
  status,
}: {
  readonly table: LineageTable;
  readonly graph: GraphAnswer;
  readonly state: State;
  readonly status: ProjectStatus | undefined;
}): JSX.Element {
  const { t, told, count, size, ago } = useSpeech();
  const { name, description, build, sources } = table;
  const layer = status?.layers?.[name];
  const raw = status?.tables[name];
  const feeds = graph.tables.filter((each) => each.sources.includes(name)).map((each) => each.name);
  const trouble = layer?.trouble ?? raw?.trouble;
  const sql = graph.sql[name];
  const { last } = state;
  return (
    <Card
      title={name}
      aside={
        <>
          <a class="button" href={linkTo(['tables', name])}>
            {t.columns}
          </a>
          <a class="button" href={linkTo(['tables', name], { tab: 'rows' })}>
            {t.rows}
          </a>
          {table.layer === 'gold' ? (
            <a class="button" href={linkTo(['cubes', name])}>
              {t.cubes}
            </a>
          ) : null}
          <a class="button" aria-label={t.close} title={t.close} href={linkTo(['lineage'])}>
            ×
          </a>
        </>
      }
    >
      {description === null ? null : <p>{description}</p>}
      {trouble == null ? null : <p class="problem">{told(trouble.reason)}</p>}
      <Facts
        of={[
          [t.rows, state.rows === null ? '–' : count(state.rows)],
          [t.version, state.version === '' ? '–' : state.version],
          ...(layer?.sizeBytes == null ? [] : [[t.size, size(layer.sizeBytes)] as const]),
          ...(last === undefined
            ? []
            : [
                [
                  t.lastChange,
                  <>
                    {ago(last.at)} <Changed {...last} />
                  </>,
                ] as const,
              ]),
          ...(build === null
            ? []
            : [
                [
                  t.howBuilt,
                  build.kind === 'incremental' ? t.incremental : `${t.rebuilt}: ${told(build.reason)}`,
                ] as const,
              ]),
          ...(sources.length === 0 ? [] : [[t.madeOf, <Names of={sources} />] as const]),
          ...(feeds.length === 0 ? [] : [[t.feeds, <Names of={feeds} />] as const]),
        ]}
      />
      {sql === undefined ? null : (
        <details>
          <summary>{t.model}</summary>
          <pre tabIndex={0}>{legible(sql)}</pre>
        </details>
      )}
    </Card>
  );
}

/** What the last of the cycles that changed a layer's table has changed in it. */
function lastChangeOf(cycles: readonly CycleRecord[], name: string): (Counts & { at: string }) | undefined {
  for (const { endedAt, layers } of cycles) {
    const report = layers?.[name];
    if (report !== undefined && report.inserted + report.updated + report.deleted > 0)
      return { ...report, at: endedAt };
  }
  return undefined;
}

function Names({ of }: { readonly of: readonly string[] }): JSX.Element {
  return (
    <>
      {of.map((name, index) => (
        <span key={name}>
          {index === 0 ? '' : ', '}
          <a href={linkTo(['lineage', name])}>{name}</a>
        </span>
      ))}
    </>
  );
}
