import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { SqlAnswer } from '../../src/ui/api.ts';
import { Refused, send, shown, useAnswer } from '../ask.ts';
import type { Editor, EditorModule, KnownTable } from '../editor.ts';
import { Grid, type GridRow } from '../grid.tsx';
import { read, write } from '../language.ts';
import { legibleValue } from '../legible.ts';
import { Card, Copy, Problem, SameInTools, Title } from '../parts.tsx';
import { type Route, setQuery } from '../route.ts';
import { useSpeech } from '../speech.ts';
import { identifier, queryWays } from '../tools.ts';

const KEPT = 'igarape.sql';

/** SQL over the lake, in a sealed engine. */
export function SqlScreen({ route }: { readonly route: Route }): JSX.Element {
  const { t, count } = useSpeech();
  const box = useRef<HTMLDivElement>(null);
  const editor = useRef<Editor>(undefined);
  const running = useRef<AbortController>(undefined);
  const [answer, setAnswer] = useState<SqlAnswer>();
  const [answers, setAnswers] = useState(0);
  const [error, setError] = useState<Refused>();
  const [isRunning, setRunning] = useState(false);
  const asked = useAnswer('/api/overview');
  const overview = shown(asked);
  const status = shown(useAnswer('/api/status'));
  const tables = overview?.tables.map(({ name }) => name) ?? [];
  const [table = ''] = tables;
  const known = useRef<readonly KnownTable[]>([]);
  const named = shown(useAnswer('/api/tables'));
  known.current =
    named?.map(({ name, columns }) => ({
      name,
      columns: columns.map((column) => {
        const label = identifier(column.name);
        return { name: column.name, label, displayLabel: legibleValue(label) };
      }),
    })) ?? [...tables, ...Object.keys(status?.layers ?? {})].map((name) => ({ name, columns: [] }));
  const start = route.query['q'] ?? read(KEPT) ?? (table === '' ? '' : `SELECT *\nFROM ${table}\nLIMIT 100`);

  const run = (sql: string): void => {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    write(KEPT, sql);
    setQuery(route, { q: sql });
    setRunning(true);
    setError(undefined);
    const show = (found: SqlAnswer): void => {
      setAnswer(found);
      setAnswers((n) => n + 1);
    };
    send<SqlAnswer>('/api/sql', { sql }, controller.signal)
      .then(show)
      .catch((thrown: unknown) => {
        if (thrown instanceof Refused) setError(thrown);
      })
      .finally(() => {
        if (running.current === controller) setRunning(false);
      });
  };

  useEffect(() => () => running.current?.abort(), []);

  const isToOpen = overview !== undefined || asked.kind === 'refused';
  useEffect(() => {
    const { current } = box;
    if (current === null || !isToOpen) return undefined;
    let isLeft = false;
    const open = ({ openEditor }: EditorModule): void => {
      if (isLeft) return;
      editor.current = openEditor(current, { text: start, label: t.sql, onRun: run });
      editor.current.complete(known.current);
    };
    import('../editor.ts').then(open).catch(() => undefined);
    return () => {
      isLeft = true;
      editor.current?.close();
      editor.current = undefined;
    };
  }, [isToOpen]);
  useEffect(() => editor.current?.complete(known.current), [JSON.stringify(known.current)]);

  const sql = route.query['q'] ?? '';
  return (
    <>
      <Title about={t.sqlHint}>{t.sql}</Title>
      <Card>
        <div ref={box} class="editor" />
        <div class="toolbar">
          <button type="button" class="button primary" onClick={() => run(editor.current?.text() ?? start)}>
            {t.runQuery}
          </button>
          {isRunning ? (
            <button type="button" class="button" onClick={() => running.current?.abort()}>
              {t.stopIt}
            </button>
          ) : null}
          <span class="grow" />
          {answer === undefined ? null : (
            <>
              <span class="dim">
                {answer.truncated
                  ? t.truncated(count(answer.rows.length))
                  : t.rowsOf(count(answer.rows.length))}
              </span>
              <Copy text={asCsv(answer)} />
            </>
          )}
        </div>
        {error === undefined ? null : <Problem error={error} />}
        {answer === undefined ? null : (
          <Grid
            of={String(answers)}
            label={t.sql}
            total={answer.rows.length}
            columns={answer.columns.map((column) => ({ ...column, key: false }))}
            shown={answer.columns.map((_, index) => index)}
            load={async function* (offset, limit): AsyncGenerator<readonly GridRow[]> {
              yield answer.rows.slice(offset, offset + limit).map((cells) => ({ cells }));
            }}
          />
        )}
        {sql === '' ? null : <SameInTools ways={queryWays(sql)} />}
      </Card>
    </>
  );
}

function asCsv({ columns, rows }: SqlAnswer): string {
  const line = (cells: readonly (string | null)[]): string =>
    cells
      .map((cell) => (cell === null ? '' : /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
      .join(',');
  return [line(columns.map(({ name }) => name)), ...rows.map(line)].join('\n');
}
