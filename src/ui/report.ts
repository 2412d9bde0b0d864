import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Told } from '../core/language/sentence.ts';
import { partOf } from '../core/language/translation.ts';
import type { Guard } from '../changes/guards.ts';
import type { LayerTrouble } from '../explore/status.ts';
import { isTrouble } from '../medallion/report.ts';
import type { PastRun } from '../lake/past-runs.ts';
import type { CycleRecord } from '../pipeline/journal/record.ts';
import { addressOf } from './address.ts';
import { ANSWERS, type Asked } from './answers.ts';
import type { AnswerPath, Answers, Question } from './api.ts';

export interface ReportRequest extends Asked {
  /** The folder of the page's files. */
  readonly assets: string;
  /** When it is made, ISO 8601. */
  readonly at: string;
  /** The newest runs, so many. */
  readonly runs: number;
  /** Whether rows of tables, and what follows from single values, go into it. */
  readonly rows: boolean;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

export interface Report {
  /** One page that needs no server and no network. */
  readonly html: string;
  /** Runs whose rows were left out, for the report would have been larger than was asked for. */
  readonly runsWithoutRows: readonly number[];
  /** Tables whose rows and profiles were left out for the same, after the rows of all runs. */
  readonly tablesWithoutRows: readonly string[];
}

const SHOWN_ROWS = '100';

/** The page with recorded answers: of the functions that answer it, so that both show the same. */
export async function makeReport(request: ReportRequest): Promise<Report> {
  const recorded = new Recorded(request);
  const { runs } = await recorded.record('/api/overview', {}, (answer) => ({
    ...answer,
    lake: shownLake(answer.lake),
    allowRun: false,
    runs: answer.runs.slice(0, request.runs).map((run) => (request.rows ? run : withoutSamples(run))),
  }));
  const { tables, layers = {} } = await recorded.record('/api/status', {}, (answer) => ({
    ...answer,
    lake: shownLake(answer.lake),
    lastCycle: null,
    lastRuns: [],
    ...(request.rows
      ? {}
      : {
          tables: withoutValues(answer.tables),
          ...(answer.layers && { layers: withoutReasons(answer.layers) }),
        }),
  }));
  await recorded.record('/api/graph');
  await recorded.record('/api/cycles', {}, (cycles) =>
    cycles.map((cycle) => shownCycle(cycle, request.rows)),
  );
  for (const { run, tables: reports } of runs) {
    await recorded.record('/api/run', { run: String(run) }, (answer) => ({
      ...answer,
      run: request.rows ? answer.run : withoutSamples(answer.run),
      cycle: answer.cycle && shownCycle(answer.cycle, request.rows),
    }));
    for (const [table, { operation, file }] of Object.entries(reports)) {
      if (file === null) continue;
      const asked = { run: String(run), table };
      if (operation === 'cdc') await recorded.record('/api/columns', asked);
      if (request.rows)
        await recorded.record('/api/changes', { ...asked, ops: 'DUI', limit: SHOWN_ROWS, before: '1' });
    }
  }
  const names = [...Object.keys(tables), ...Object.keys(layers)].filter(
    (name) => (layers[name] ?? tables[name])?.rows != null,
  );
  for (const table of names) {
    await recorded.record('/api/versions', { table });
    if (!request.rows) continue;
    await recorded.record('/api/profile', { table });
    await recorded.record('/api/rows', { table, limit: SHOWN_ROWS });
  }
  if (request.rows) await recordCubes(recorded);
  recorded.put(
    '/api/told',
    partOf(await ANSWERS['/api/told'](request, {}, request.signal), recorded.reasons()),
  );
  const [script, style] = await Promise.all(
    ['main.js', 'style.css'].map((name) => readFile(join(request.assets, name), 'utf8')),
  );
  const page = (left: readonly Part[]): string =>
    pageOf(script ?? '', style ?? '', recorded.packed(left), request.at);
  const isTooLarge = (html: string): boolean => Buffer.byteLength(html) > request.maxBytes;
  const whole = page([]);
  if (!isTooLarge(whole)) return { html: whole, runsWithoutRows: [], tablesWithoutRows: [] };
  const sizes = recorded.sizes();
  const parts: readonly Part[] = [
    ...runs.toReversed().map(({ run }) => ({ run: String(run) })),
    ...names
      .toSorted((one, other) => (sizes.get(other) ?? 0) - (sizes.get(one) ?? 0))
      .map((table) => ({ table })),
  ];
  const fits = (count: number): boolean => !isTooLarge(page(parts.slice(0, count)));
  const left = parts.slice(0, fewest(parts.length, fits));
  return {
    html: page(left),
    runsWithoutRows: left.flatMap(({ run }) => (run === undefined ? [] : [Number(run)])),
    tablesWithoutRows: left.flatMap(({ table }) => (table === undefined ? [] : [table])),
  };
}

/** Rows that are left out together: those that a run has changed, or those of a table as it is. */
interface Part {
  readonly run?: string;
  readonly table?: string;
}

/** The least number for which something holds, as for every greater one; `most` where it holds for none. */
function fewest(most: number, holds: (count: number) => boolean): number {
  let [from, to] = [0, most];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    if (holds(middle)) to = middle;
    else from = middle + 1;
  }
  return from;
}

/** Each measure by each group that the page offers; what cannot be shown so, it does not ask for. */
async function recordCubes(recorded: Recorded): Promise<void> {
  const cubes = await recorded.record('/api/cubes');
  for (const { table, measures, groups } of cubes) {
    for (const { name } of measures)
      for (const by of ['', ...groups])
        await recorded.record('/api/cube', { table, measure: name, by }).catch(() => undefined);
  }
}

const REASONS: ReadonlySet<string> = new Set(['reason', 'message']);

class Recorded {
  readonly #request: ReportRequest;
  readonly #answers = new Map<string, unknown>();

  constructor(request: ReportRequest) {
    this.#request = request;
  }

  async record<Path extends AnswerPath>(
    path: Path,
    question: Question = {},
    change: (answer: Answers[Path]) => Answers[Path] = (answer) => answer,
  ): Promise<Answers[Path]> {
    this.#request.signal.throwIfAborted();
    const answer = change(await ANSWERS[path](this.#request, question, this.#request.signal));
    this.#answers.set(addressOf(path, question), answer);
    return answer;
  }

  put<Path extends AnswerPath>(path: Path, answer: Answers[Path]): void {
    this.#answers.set(path, answer);
  }

  /** By table, how long the JSON of its rows and values is. */
  sizes(): ReadonlyMap<string, number> {
    const sizes = new Map<string, number>();
    for (const [address, answer] of this.#answers) {
      const [path = '', query] = address.split('?');
      if (!OF_TABLES.has(path)) continue;
      const table = new URLSearchParams(query).get('table') ?? '';
      sizes.set(table, (sizes.get(table) ?? 0) + JSON.stringify(answer).length);
    }
    return sizes;
  }

  /** What the answers say of troubles and of how tables are built. */
  reasons(): string[] {
    const reasons: string[] = [];
    JSON.stringify([...this.#answers.values()], (key, value: unknown) => {
      if (REASONS.has(key) && typeof value === 'string') reasons.push(value);
      return value;
    });
    return reasons;
  }

  /** What is to be opened, without some parts of it. */
  packed(left: readonly Part[]): string {
    const kept = [...this.#answers].filter(([address]) => !isOf(address, left));
    return gzipSync(JSON.stringify(Object.fromEntries(kept)), { level: 9 }).toString('base64');
  }
}

const OF_RUNS = '/api/changes';
const OF_TABLES: ReadonlySet<string> = new Set(['/api/rows', '/api/profile']);

/** Whether an answer is one of those that are left out with some parts. */
function isOf(address: string, parts: readonly Part[]): boolean {
  const [path = '', query] = address.split('?');
  const asked = new URLSearchParams(query);
  if (path === OF_RUNS) return parts.some(({ run }) => run === asked.get('run'));
  return OF_TABLES.has(path) && parts.some(({ table }) => table === asked.get('table'));
}

/** Where a lake on this disk lies is nobody else's to know. */
function shownLake(uri: string): string {
  return uri.includes('://') ? uri : `${basename(dirname(uri))}/${basename(uri)}`;
}

/** Reasons quote rows as examples. */
function withoutSamples(run: PastRun): PastRun {
  const tables = Object.entries(run.tables).map(([name, report]) => [
    name,
    report.reason === undefined ? report : { ...report, reason: withoutExamples(report.reason) },
  ]);
  return { ...run, tables: Object.fromEntries(tables) };
}

function withoutValues(tables: Answers['/api/status']['tables']): Answers['/api/status']['tables'] {
  return Object.fromEntries(
    Object.entries(tables).map(([name, table]) => [
      name,
      {
        ...table,
        newest: null,
        trouble: table.trouble && { ...table.trouble, reason: withoutExamples(table.trouble.reason) },
      },
    ]),
  );
}

function withoutReasons(
  layers: NonNullable<Answers['/api/status']['layers']>,
): NonNullable<Answers['/api/status']['layers']> {
  return Object.fromEntries(
    Object.entries(layers).map(([name, layer]) => [
      name,
      {
        ...layer,
        trouble: layer.trouble && { ...layer.trouble, reason: reasonWithoutValues(layer.trouble) },
      },
    ]),
  );
}

/** Which machine it was, and what went wrong there, is nobody else's to know either. */
function shownCycle(cycle: CycleRecord, rows: boolean): CycleRecord {
  const shown = { ...cycle, host: '', error: null };
  if (rows) return shown;
  const tables = Object.entries(cycle.tables).map(([name, { held, ...report }]) => [
    name,
    {
      ...report,
      ...(report.reason === undefined ? {} : { reason: withoutExamples(report.reason) }),
      ...(held === undefined ? {} : { held: { ...held, guards: withoutValuesOf(held.guards), samples: [] } }),
    },
  ]);
  const layers = Object.entries(cycle.layers ?? {}).map(([name, { reason, ...report }]) => {
    const { operation } = report;
    return [
      name,
      isTrouble(operation) ? { ...report, reason: reasonWithoutValues({ operation, reason }) } : report,
    ];
  });
  return { ...shown, tables: Object.fromEntries(tables), layers: Object.fromEntries(layers) };
}

const LEFT_OUT: Told = 'Why is not told here, for the report has no values of rows: igarape status tells it.';

/** What holds a layer's table counts rows before it quotes them; an error quotes whatever it was about. */
function reasonWithoutValues({
  operation,
  reason = '',
}: Pick<LayerTrouble, 'operation'> & { readonly reason?: string | undefined }): string {
  if (operation === 'failed') return LEFT_OUT;
  return reason.replace(operation === 'held' ? /(, e\.g\. ).*/s : /(: ).*/s, '$1…');
}

/** A guard of types tells a value for each. */
function withoutValuesOf(guards: readonly Guard[]): Guard[] {
  return guards.filter(({ rule }) => rule !== 'type-change' && rule !== 'frozen-schema');
}

/** A guard of types quotes a value for each. */
function withoutExamples(reason: string): string {
  return reason.replaceAll(/, for "(?:[^"\\]|\\.)*"/g, '').split(' For example: ')[0] ?? '';
}

/**
 * Its own script and style are known by their hashes; nothing else runs, and nothing is asked for: of the page's script
 * the editor alone is another file, which a report does not show.
 */
function pageOf(script: string, style: string, answers: string, at: string): string {
  const safe = script.replaceAll('</script', String.raw`<\/script`);
  const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const policy = `default-src 'none'; script-src ${hash(safe)}; style-src ${hash(style)}; img-src data:; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>igarapé</title>
<style>${style}</style>
</head>
<body>
<div id="app"></div>
<script type="application/octet-stream" id="answers" data-at="${at}">${answers}</script>
<script type="module">${safe}</script>
</body>
</html>
`;
}
