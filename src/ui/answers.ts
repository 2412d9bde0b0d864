import { IgarapeError } from '../core/errors.ts';
import { changedColumns } from '../explore/changed-positions.ts';
import { changes } from '../explore/changes.ts';
import { cubeRows, cubes } from '../explore/cube.ts';
import { findKey } from '../explore/find-key.ts';
import { graph } from '../explore/graph.ts';
import { keyHistory } from '../explore/key-history.ts';
import { profile } from '../explore/profile.ts';
import type { Operation } from '../explore/published.ts';
import type { LakeReader } from '../explore/reader.ts';
import { type ProjectStatusRequest, status } from '../explore/status.ts';
import { tablePage } from '../explore/table-page.ts';
import { asPastRun } from '../lake/past-runs.ts';
import { readCycles } from '../pipeline/journal/journal.ts';
import { projectModels } from '../pipeline/models.ts';
import type { AnswerPath, Answers, Question, RunDetail } from './api.ts';
import { listTables } from '../pipeline/tables.ts';
import { diff } from '../explore/version-diff.ts';
import { versionsOf } from './versions.ts';

/** What an answer is made from. */
export interface Asked {
  readonly reader: LakeReader;
  readonly version: string;
  readonly allowRun: boolean;
  readonly nextRun: ProjectStatusRequest['nextRun'];
}

type Answering = {
  readonly [Path in AnswerPath]: (
    asked: Asked,
    question: Question,
    signal: AbortSignal | undefined,
  ) => Promise<Answers[Path]>;
};

const OPERATIONS: readonly Operation[] = ['D', 'U', 'I'];

/** As many runs as the overview shows. */
const SHOWN_RUNS = 400;

const SHOWN_CYCLES = 50;

/** Every question that the page may ask; each is answered without a change of anything. */
export const ANSWERS: Answering = {
  '/api/overview': async ({ reader, version, allowRun }) => {
    const { newest, runs } = await reader.runs();
    return {
      lake: reader.storage.uri,
      version,
      allowRun,
      runs: runs.slice(0, SHOWN_RUNS).map((entry) => asPastRun(entry, entry.report)),
      tables: Object.entries(newest?.tables ?? {}).map(([name, { base, primaryKey }]) => ({
        name,
        rows: base.rows,
        key: primaryKey,
      })),
    };
  },
  '/api/status': async ({ reader, nextRun }, _question, signal) => {
    const request = { lastRuns: 1, ...(nextRun === undefined ? {} : { nextRun }) };
    return reader.kept(JSON.stringify(['status', await reader.revision()]), signal, () =>
      status(reader, request),
    );
  },
  '/api/run': async ({ reader }, { run = '' }): Promise<RunDetail> => {
    const { runs } = await reader.runs();
    const index = runs.findIndex((entry) => String(entry.run) === run);
    const entry = runs[index];
    if (entry === undefined) throw new IgarapeError('USAGE', `The lake has no run ${run}.`);
    const [cycle = null] = await readCycles(reader.storage, { runs: [entry.run], limit: 1 });
    return {
      run: asPastRun(entry, entry.report),
      cycle,
      previous: runs[index + 1]?.run ?? null,
      next: runs[index - 1]?.run ?? null,
    };
  },
  '/api/cycles': async ({ reader }, _question, signal) =>
    reader.kept(JSON.stringify(['cycles', await reader.revision()]), signal, () =>
      readCycles(reader.storage, { limit: SHOWN_CYCLES }),
    ),
  '/api/changes': async ({ reader }, question, signal) => {
    const { run, table = '', ops = '', q = '', changed = '', before } = question;
    const operations = OPERATIONS.filter((each) => ops.includes(each));
    return changes(
      reader,
      {
        run: Number(run),
        table,
        ...(operations.length === 0 ? {} : { operations }),
        ...(changed === '' ? {} : { changed }),
        search: q,
        before: before === '1',
        ...placeOf(question),
      },
      signal,
    );
  },
  '/api/columns': async ({ reader }, { run, table = '' }, signal) =>
    changedColumns(reader, { run: Number(run), table }, signal),
  '/api/key': async ({ reader }, { table = '', ...key }, signal) =>
    keyHistory(reader, table, keyIn(key), signal),
  '/api/find': async ({ reader }, { q = '' }, signal) => ({ keys: await findKey(reader, q, 20, signal) }),
  '/api/graph': async ({ reader }, _question, signal) =>
    reader.kept(JSON.stringify(['graph', await reader.revision()]), signal, async () => {
      const found = await graph(reader);
      const { models } = await reader.quick((engine) => projectModels(engine, reader.project.config));
      return {
        ...found,
        sql: Object.fromEntries(models.map(({ layer, name, sql }) => [`${layer}.${name}`, sql])),
      };
    }),
  '/api/rows': async ({ reader }, question, signal) => {
    const { table = '', at, sort = '', desc, q = '' } = question;
    return tablePage(
      reader,
      {
        table,
        ...(at === undefined || at === '' ? {} : { at: Number(at) }),
        ...(sort === '' ? {} : { sort, descending: desc === '1' }),
        search: q,
        ...placeOf(question),
      },
      signal,
    );
  },
  '/api/profile': async ({ reader }, { table = '', at = '' }, signal) =>
    profile(reader, { table, ...(at === '' ? {} : { at: Number(at) }) }, signal),
  '/api/versions': async ({ reader }, { table = '' }) => versionsOf(reader, table),
  '/api/tables': async ({ reader }, _question, signal) =>
    reader.kept(JSON.stringify(['tables', await reader.revision()]), signal, (edge) =>
      listTables(reader.project, edge),
    ),
  '/api/diff': async ({ reader }, { table = '', from = '', to = '', limit = '1000' }, signal) =>
    diff(
      reader,
      {
        table,
        from: from === '' ? null : wholeNumber(from),
        to: wholeNumber(to),
        limit: Math.min(wholeNumber(limit), MOST_ROWS),
      },
      signal,
    ),
  '/api/cubes': async ({ reader }) => cubes(reader),
  '/api/cube': async ({ reader }, { table = '', measure = '', by = '', from = '', to = '' }) =>
    cubeRows(reader, {
      table,
      measure,
      ...(by === '' ? {} : { by }),
      ...(from === '' ? {} : { from }),
      ...(to === '' ? {} : { to }),
    }),
  '/api/told': async () => (await import('../core/language/pt-br/all.ts')).PT_BR.reported,
};

export function isAnswerPath(path: string): path is AnswerPath {
  return Object.hasOwn(ANSWERS, path);
}

/** `k.idCliente=7`: the values of a key, by column. */
function keyIn(question: Question): Record<string, string> {
  return Object.fromEntries(
    Object.entries(question).flatMap(([name, value]) =>
      name.startsWith('k.') ? [[name.slice(2), value]] : [],
    ),
  );
}

const MOST_ROWS = 1000;

function placeOf({ offset = '0', limit = '100' }: Question): { offset: number; limit: number } {
  return { offset: wholeNumber(offset), limit: Math.min(wholeNumber(limit), MOST_ROWS) };
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new IgarapeError('USAGE', `${JSON.stringify(text)} is no whole number.`);
}
