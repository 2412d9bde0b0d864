import { existsSync } from 'node:fs';
import { resolve as resolvePath } from 'node:path';
import { isCronPattern, isTimezone } from '../../config/cron.ts';
import { isTableName, TABLE_NAME_RULE } from '../../config/table-name.ts';
import { IgarapeError } from '../../core/errors.ts';
import { say, told } from '../language.ts';
import { plural } from '../render/format.ts';
import type { FoundTable } from './look.ts';
import { isFile, nearHere, nothingFound } from './defaults.ts';
import { type Answers, type DraftSource, type DraftTable, type DraftTimer, WHOLE_ROW } from './draft.ts';
import type { Prompt } from './prompt.ts';
import type { LookInto } from './look-into.ts';
import {
  defaultPlaces,
  draftFound,
  openSourceFolder,
  type Proposal,
  type Skipped,
  type SourceFolder,
} from './proposal.ts';

const OTHER_KEY = '';
const LEFT_OUT = '-';

/**
 * The questions of `init`, in order: where from, which tables with which keys, where to, when. `example`: what is
 * proposed of a data set that was not looked into.
 */
export async function askAnswers(
  directory: string,
  prompt: Prompt,
  {
    example,
    source: folder,
    lookInto,
  }: {
    readonly example: Answers;
    readonly source?: string | undefined;
    readonly lookInto: LookInto | undefined;
  },
): Promise<Proposal> {
  const source: DraftSource =
    folder === undefined ? await askSource(directory, prompt, example) : { type: 'files', path: folder };
  const { tables, skipped, notes } = await askFound(
    await openAny(directory, source, lookInto, prompt),
    prompt,
  );
  const named = tables.length > 0 ? tables : await askNamed(source, prompt, example);
  const places = defaultPlaces(directory, source.type === 'files' ? source.path : 'data');
  const lake = await prompt.text({
    message: say('Where is the lake? A folder, or s3://bucket/prefix'),
    initial: places.lake,
    check: notEmpty,
  });
  const timer = await askTimer(prompt);
  return {
    answers: {
      source,
      tables: named,
      lake,
      ...(places.workDir === undefined ? {} : { workDir: places.workDir }),
      ...(timer === undefined ? {} : { timer }),
    },
    skipped,
    notes,
  };
}

async function askSource(directory: string, prompt: Prompt, { source }: Answers): Promise<DraftSource> {
  const type = await prompt.select({
    message: say('Where do the snapshots come from?'),
    choices: [
      { value: 'kaggle', label: say('A Kaggle data set') },
      { value: 'files', label: say('A folder or an archive on this machine') },
      { value: 'http', label: say('An archive or file behind an address') },
      { value: 's3', label: say('A bucket') },
    ],
  });
  const ask = (message: string, initial: string, check = notEmpty): Promise<string> =>
    prompt.text({ message, initial, check });
  switch (type) {
    case 'kaggle': {
      const example = source.type === 'kaggle' ? source.dataset : '';
      return {
        type,
        dataset: await ask(
          say('Which data set? owner/slug'),
          example,
          looksLike(/^[^/\s]+\/[^/\s]+$/, 'owner/slug'),
        ),
      };
    }
    case 'files':
      return { type, path: await ask(say('Which folder or archive?'), './data', isThere(directory)) };
    case 'http':
      return {
        type,
        url: await ask(say('Which address?'), 'https://', looksLike(/^https?:\/\/[^/]/, 'https://host/path')),
      };
    case 's3':
    default:
      return {
        type,
        uri: await ask(
          say('Which bucket and prefix?'),
          's3://',
          looksLike(/^s3:\/\/[^/]{2}/, 's3://bucket/prefix'),
        ),
      };
  }
}

/** What a source holds; undefined where it could not be looked into. */
async function openAny(
  directory: string,
  source: DraftSource,
  lookInto: LookInto | undefined,
  prompt: Prompt,
): Promise<SourceFolder | undefined> {
  if (source.type === 'files' && !isFile(resolvePath(directory, source.path))) {
    const folder = await openSourceFolder(directory, source.path);
    if (folder.tables.length === 0) throw nothingFound(directory, [source.path], folder.skipped);
    return folder;
  }
  // A bucket may hold more than anybody wants to wait for.
  if (source.type === 's3' || lookInto === undefined) return undefined;
  try {
    return await lookInto(directory, source);
  } catch (error) {
    if (!(error instanceof IgarapeError)) throw error;
    prompt.tell(told(error.message));
    return undefined;
  }
}

async function askFound(
  folder: SourceFolder | undefined,
  prompt: Prompt,
): Promise<{ tables: DraftTable[]; skipped: readonly Skipped[]; notes: readonly string[] }> {
  if (folder === undefined || folder.tables.length === 0)
    return { tables: [], skipped: folder?.skipped ?? [], notes: [] };
  const chosen = await prompt.selectMany({
    message: say('Which tables?'),
    choices: folder.tables.map(({ name, file, columns }) => ({
      value: name,
      label: name,
      hint: `${file}, ${plural(columns.length, 'column')}`,
    })),
    initial: folder.tables.map(({ name }) => name),
  });
  const tables: DraftTable[] = [];
  for (const table of folder.tables) {
    const key = chosen.includes(table.name) ? await askKey(table, prompt) : undefined;
    if (key !== undefined) tables.push(draftFound(folder, table, key));
  }
  const notes = folder.tables.flatMap((table) => (chosen.includes(table.name) ? table.notes : []));
  return { tables, skipped: folder.skipped, notes };
}

/** Resolves undefined for a table that is to be left out. */
async function askKey(table: FoundTable, prompt: Prompt): Promise<readonly string[] | undefined> {
  const message = say(`Which columns tell one row of ${table.name} from another?`);
  if (table.keys.length > 0) {
    const choices = table.keys
      .slice(0, 5)
      .map((key, index) => ({ value: String(index), label: key.join(', ') }));
    const answer = await prompt.select({
      message,
      choices: [...choices, { value: OTHER_KEY, label: say('Others') }],
    });
    const key = table.keys[Number(answer)];
    if (answer !== OTHER_KEY && key !== undefined) return key;
  }
  const known = new Set(table.columns);
  const check = (answer: string): string | undefined => {
    if (isWholeRow(answer, table) || answer.trim() === LEFT_OUT) return undefined;
    const unknown = splitList(answer).find((column) => !known.has(column));
    if (unknown !== undefined)
      return say(`There is no column ${unknown}. There are: ${table.columns.join(', ')}`);
    return notEmpty(answer);
  };
  const initial = table.keys.length === 0 ? WHOLE_ROW : '';
  const answer = await prompt.text({
    message: `${message} ${say(`Columns, by comma, of: ${table.columns.join(', ')}. (${WHOLE_ROW}: all of them; ${LEFT_OUT}: leave the table out)`)}`,
    initial,
    check,
  });
  if (answer.trim() === LEFT_OUT) return undefined;
  return isWholeRow(answer, table) ? [] : splitList(answer);
}

function isWholeRow(answer: string, { columns }: FoundTable): boolean {
  return answer.trim() === WHOLE_ROW && !columns.includes(WHOLE_ROW);
}

async function askNamed(source: DraftSource, prompt: Prompt, example: Answers): Promise<DraftTable[]> {
  const isExample = source.type === 'kaggle' && JSON.stringify(source) === JSON.stringify(example.source);
  const names = splitList(
    await prompt.text({
      message: say('Which tables? Their files’ names without the ending (a, b)'),
      initial: isExample ? example.tables.map(({ name }) => name).join(', ') : '',
      check: (answer) => {
        const bad = splitList(answer).find((name) => !isTableName(name));
        return bad === undefined ? notEmpty(answer) : say(`${bad} is not ${TABLE_NAME_RULE}`);
      },
    }),
  );
  const tables: DraftTable[] = [];
  for (const name of new Set(names)) {
    const known = isExample ? example.tables.find((table) => table.name === name) : undefined;
    const key = await prompt.text({
      message: `${say(`Which columns tell one row of ${name} from another?`)} (a, b)`,
      initial: known?.key.join(', ') ?? 'id',
      check: notEmpty,
    });
    const separator = await prompt.text({
      message: say(`What separates the columns of ${name}?`),
      initial: known?.separator ?? ',',
      check: notEmpty,
    });
    tables.push({ ...known, name, key: splitList(key), separator });
  }
  return tables;
}

async function askTimer(prompt: Prompt): Promise<DraftTimer | undefined> {
  const answer = await prompt.select({
    message: say('How often, with run --schedule?'),
    choices: [
      { value: 'hourly', label: say('Every hour') },
      { value: 'six', label: say('Every 6 hours') },
      { value: 'daily', label: say('Every day') },
      { value: 'cron', label: say('By a cron pattern') },
      { value: 'never', label: say('Not at all: something else starts it') },
    ],
    initial: 'six',
  });
  switch (answer) {
    case 'hourly':
      return { unit: 'hours', value: 1 };
    case 'six':
      return { unit: 'hours', value: 6 };
    case 'daily':
      return { unit: 'days', value: 1 };
    case 'cron': {
      const cron = await prompt.text({
        message: say('Which pattern?'),
        initial: '0 */6 * * *',
        check: isPattern,
      });
      const timezone = await prompt.text({
        message: say('In which time zone?'),
        initial: Intl.DateTimeFormat().resolvedOptions().timeZone,
        check: (answer) =>
          isTimezone(answer.trim()) ? undefined : say('It looks like America/Sao_Paulo, or UTC'),
      });
      return { cron, timezone: timezone.trim() };
    }
    case 'never':
    default:
      return undefined;
  }
}

function isPattern(answer: string): string | undefined {
  return isCronPattern(answer) ? undefined : say('This is no cron pattern that comes due');
}

function isThere(directory: string): (answer: string) => string | undefined {
  return (answer) => {
    const path = answer.trim();
    if (path === '') return notEmpty(answer);
    if (existsSync(resolvePath(directory, path))) return undefined;
    const near = nearHere(directory, path);
    return near === undefined
      ? say(`There is no ${path} here`)
      : say(`There is no ${path} here; did you mean ${near}?`);
  };
}

function notEmpty(answer: string): string | undefined {
  return answer.trim() === '' ? say('An answer is needed') : undefined;
}

function looksLike(pattern: RegExp, example: string): (answer: string) => string | undefined {
  return (answer) => (pattern.test(answer.trim()) ? undefined : say(`It looks like ${example}`));
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
