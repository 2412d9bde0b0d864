import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { isNumberType } from '../src/core/schema.ts';
import type { Cell } from '../src/explore/cells.ts';
import { useWidth } from './charts/width.ts';
import { legibleValue } from './legible.ts';
import { type Load, PAGE, usePages } from './pages.ts';
import { Problem, Sign } from './parts.tsx';
import { useSpeech } from './speech.ts';
import { mayBeCut, needOf, widthsOf } from './widths.ts';

export interface GridColumn {
  readonly name: string;
  readonly type: string;
  readonly key: boolean;
}

export interface GridRow {
  readonly operation?: 'I' | 'U' | 'D';
  readonly cells: readonly Cell[];
  readonly before?: readonly Cell[] | null;
}

export interface GridRequest {
  /** Another text, and it is another view: it begins at its first row. */
  readonly of: string;
  /** Another number, and its rows are loaded anew. */
  readonly revision?: number;
  readonly total: number;
  readonly columns: readonly GridColumn[];
  /** Indexes of the columns that are shown, in their order. */
  readonly shown: readonly number[];
  readonly label: string;
  readonly load: Load<GridRow>;
  readonly linkOf?: (row: GridRow) => string | undefined;
  /** Columns in which a value may stand beside what it was. */
  readonly changed?: readonly string[];
  readonly sort?: {
    readonly by: string;
    readonly isDescending: boolean;
    readonly onSort: (name: string) => void;
  };
}

const ROW = 30;
const HEAD = 34;
/** Browsers draw no taller elements than some 16 million pixels: beyond this, scrolling stands for more rows. */
const TALLEST = 8_000_000;
const SHOWN_HEIGHT = 480;

/** Rows of any number: only those in sight are there, and are asked for by their position. */
export function Grid(request: GridRequest): JSX.Element {
  const { of, revision = 0, total, columns, shown, label, load, linkOf, changed = [], sort } = request;
  const { t, count } = useSpeech();
  const [top, setTop] = useState(0);
  const [at, setAt] = useState<number>();
  const [box, width] = useWidth<HTMLDivElement>(0);
  const height = Math.min(SHOWN_HEIGHT, HEAD + Math.max(total, 1) * ROW + 16);
  const inside = height - HEAD;
  const tall = Math.min(total * ROW, TALLEST);
  const hidden = Math.max(tall - inside, 1);
  const first = Math.max(0, Math.min((top / hidden) * Math.max(total * ROW - inside, 0), total * ROW)) / ROW;
  const from = Math.floor(first);
  const to = Math.min(total, from + Math.ceil(inside / ROW) + 1);
  const wanted = [...new Set([Math.floor(from / PAGE), Math.floor(Math.max(to - 1, 0) / PAGE)])];
  const { pages, error } = usePages({ of, revision, wanted: total === 0 ? [] : wanted }, load);
  const known = [...pages.values()].flatMap(({ rows }) => rows);
  const rowAt = (row: number): GridRow | undefined => pages.get(Math.floor(row / PAGE))?.rows[row % PAGE];

  useEffect(() => {
    setAt(undefined);
    if (box.current !== null) box.current.scrollTop = 0;
    setTop(0);
  }, [of]);
  const goTo = (row: number): void => {
    const next = Math.max(0, Math.min(total - 1, row));
    setAt(next);
    const { current } = box;
    if (current === null) return;
    const visible = Math.floor(inside / ROW) - 1;
    const start = next < from ? next : next > from + visible ? next - visible : undefined;
    if (start === undefined) return;
    const space = Math.max(total * ROW - inside, 1);
    current.scrollTop = Math.min(((start * ROW) / space) * hidden, hidden);
  };
  const move = (event: KeyboardEvent): void => {
    const page = Math.floor(inside / ROW);
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: (at ?? -1) + 1,
      ArrowUp: (at ?? 1) - 1,
      PageDown: (at ?? 0) + page,
      PageUp: (at ?? 0) - page,
      Home: 0,
      End: total - 1,
    };
    const next = moves[event.key];
    const row = at === undefined ? undefined : rowAt(at);
    const link = row === undefined ? undefined : linkOf?.(row);
    if (event.key === 'Enter' && link !== undefined) location.hash = link;
    if (next === undefined) return;
    event.preventDefault();
    goTo(next);
  };
  const hasOperation = known.some(({ operation }) => operation !== undefined);
  // Of the rows that came first: those that come later are not to move the columns.
  const begin = useRef<{ readonly of: string; readonly rows: readonly GridRow[] }>({ of, rows: [] });
  if (begin.current.of !== of || begin.current.rows.length === 0)
    begin.current = { of, rows: known.slice(0, PAGE) };
  const { rows: sampled } = begin.current;
  const isCompared = sampled.some(({ operation }) => operation === 'U');
  const sign = hasOperation ? [SIGN_WIDTH] : [];
  const needs = shown.map((index) => {
    const column = columns[index];
    const most = Math.max(0, ...sampled.map(({ cells }) => cells[index]?.length ?? 1));
    return needOf(column, most, isCompared && column !== undefined && changed.includes(column.name));
  });
  const tracks = [...sign, ...widthsOf(needs, width - (sign[0] ?? 0))];
  const template = { gridTemplateColumns: tracks.map((track) => `${track}px`).join(' ') };
  if (total === 0) return <p class="waiting">{t.noRows}</p>;
  return (
    <div>
      <div
        ref={box}
        class="grid"
        role="grid"
        aria-label={label}
        aria-rowcount={total + 1}
        aria-colcount={shown.length}
        tabIndex={0}
        style={{ height: `${height}px` }}
        onScroll={(event) => setTop(event.currentTarget.scrollTop)}
        onKeyDown={move}
      >
        <div class="row head" role="row" style={template}>
          {hasOperation ? <span class="cell" role="columnheader" aria-label={t.operation} /> : null}
          {shown.map((index) => (
            <Head key={index} column={columns[index]} sort={sort} />
          ))}
        </div>
        <div class="body" style={{ height: `${tall}px` }} role="rowgroup">
          {Array.from({ length: Math.max(to - from, 0) }, (_, index) => {
            const number = from + index;
            const row = rowAt(number);
            const place = total * ROW <= TALLEST ? number * ROW : top + (number - first) * ROW;
            return (
              <div
                key={number}
                class={number === at ? 'row at' : 'row'}
                role="row"
                aria-rowindex={number + 2}
                style={{ ...template, transform: `translateY(${place}px)` }}
                onClick={() => setAt(number)}
              >
                {row === undefined ? (
                  <span class="cell ghost" role="gridcell" />
                ) : (
                  <Cells row={row} columns={columns} shown={shown} link={linkOf?.(row)} />
                )}
              </div>
            );
          })}
        </div>
      </div>
      {error === undefined ? null : <Problem error={error} isAskedAgain={error.retryable} />}
      <p class="foot">
        {count(from + 1)}–{count(Math.min(to, total))} / {count(total)}
      </p>
    </div>
  );
}

function Head({
  column,
  sort,
}: {
  readonly column: GridColumn | undefined;
  readonly sort: GridRequest['sort'];
}): JSX.Element | null {
  const { t } = useSpeech();
  if (column === undefined) return null;
  const isSorted = sort?.by === column.name;
  const name = (
    <>
      {column.key ? <i class="key-mark">◆</i> : null}
      <bdi>{legibleValue(column.name)}</bdi>{' '}
      <small>{column.type.toLowerCase().replace('timestamp with time zone', 'timestamptz')}</small>
      {isSorted ? (sort.isDescending ? ' ↓' : ' ↑') : ''}
    </>
  );
  const order = isSorted ? (sort.isDescending ? 'descending' : 'ascending') : 'none';
  return (
    <span class={isNumberType(column.type) ? 'cell right' : 'cell'} role="columnheader" aria-sort={order}>
      {sort === undefined ? (
        name
      ) : (
        <button
          type="button"
          class="sort"
          tabIndex={-1}
          title={t.sortBy(column.name)}
          onClick={() => sort.onSort(column.name)}
        >
          {name}
        </button>
      )}
    </span>
  );
}

function Cells({
  row,
  columns,
  shown,
  link,
}: {
  readonly row: GridRow;
  readonly columns: readonly GridColumn[];
  readonly shown: readonly number[];
  readonly link: string | undefined;
}): JSX.Element {
  return (
    <>
      {row.operation === undefined ? null : (
        <span class="cell" role="gridcell">
          <Sign of={row.operation} />
        </span>
      )}
      {shown.map((index) => {
        const column = columns[index];
        const value = (
          <Value now={row.cells[index] ?? null} before={row.before?.[index]} isKnown={row.before != null} />
        );
        return (
          <span
            key={index}
            class={isNumberType(column?.type ?? '') ? 'cell right' : 'cell'}
            role="gridcell"
            title={titleOf(row.cells[index])}
          >
            {column?.key === true && link !== undefined ? (
              <a href={link} tabIndex={-1}>
                {value}
              </a>
            ) : (
              value
            )}
          </span>
        );
      })}
    </>
  );
}

/** A value that may be cut, to be seen as a whole. */
function titleOf(value: Cell | undefined): string | undefined {
  return value == null || !mayBeCut(value) ? undefined : legibleValue(value.slice(0, 2000));
}

/** A value, and beside it what it was where that differs. */
export function Value({
  now,
  before = null,
  isKnown,
}: {
  readonly now: Cell;
  readonly before?: Cell | undefined;
  readonly isKnown: boolean;
}): JSX.Element {
  if (!isKnown || before === now) return <Text of={now} />;
  return (
    <span class="was">
      <del>
        <Text of={before} />
      </del>
      <ins>
        <Text of={now} />
      </ins>
    </span>
  );
}

export function Text({ of }: { readonly of: Cell }): JSX.Element {
  if (of === null) return <i class="null">∅</i>;
  return of === '' ? <i class="null">""</i> : <bdi>{legibleValue(of)}</bdi>;
}

const SIGN_WIDTH = 40;
