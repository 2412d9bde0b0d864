import { isCronPattern } from '../../config/cron.ts';
import { isTableName, TABLE_NAME_RULE } from '../../config/table-name.ts';
import type { FoundTable } from './discover.ts';
import type { Answers, DraftSource, DraftTable, DraftTimer } from './draft.ts';
import type { Prompt } from './prompt.ts';
import { defaultPlaces, draftFound, openSourceFolder, type Proposal, type Skipped } from './proposal.ts';

const OTHER_KEY = '';

/**
 * The questions of `init`, in order: where from, which tables with which keys, where to, when. `example`: what is
 * proposed of a data set that was not looked into.
 */
export async function askAnswers(directory: string, prompt: Prompt, example: Answers): Promise<Proposal> {
  const source = await askSource(prompt, example);
  const { tables, skipped, notes } =
    source.type === 'files'
      ? await askFound(directory, source.path, prompt)
      : { tables: [], skipped: [], notes: [] };
  const named = tables.length > 0 ? tables : await askNamed(source, prompt, example);
  const places = defaultPlaces(directory, source.type === 'files' ? source.path : 'data');
  const lake = await prompt.text({
    message: 'Where is the lake? A folder, or s3://bucket/prefix',
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

async function askSource(prompt: Prompt, { source }: Answers): Promise<DraftSource> {
  const type = await prompt.select({
    message: 'Where do the snapshots come from?',
    choices: [
      { value: 'kaggle', label: 'A Kaggle data set' },
      { value: 'files', label: 'A folder or an archive on this machine' },
      { value: 'http', label: 'An archive or file behind an address' },
      { value: 's3', label: 'A bucket' },
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
          'Which data set? owner/slug',
          example,
          looksLike(/^[^/\s]+\/[^/\s]+$/, 'owner/slug'),
        ),
      };
    }
    case 'files':
      return { type, path: await ask('Which folder or archive?', './data') };
    case 'http':
      return {
        type,
        url: await ask('Which address?', 'https://', looksLike(/^https?:\/\/[^/]/, 'https://host/path')),
      };
    case 's3':
    default:
      return {
        type,
        uri: await ask(
          'Which bucket and prefix?',
          's3://',
          looksLike(/^s3:\/\/[^/]{2}/, 's3://bucket/prefix'),
        ),
      };
  }
}

async function askFound(
  directory: string,
  path: string,
  prompt: Prompt,
): Promise<{ tables: DraftTable[]; skipped: readonly Skipped[]; notes: readonly string[] }> {
  const folder = await openSourceFolder(directory, path);
  if (folder.tables.length === 0) return { tables: [], skipped: folder.skipped, notes: [] };
  const chosen = await prompt.selectMany({
    message: 'Which tables?',
    choices: folder.tables.map(({ name, file, columns }) => ({
      value: name,
      label: name,
      hint: `${file}, ${columns.length} columns`,
    })),
    initial: folder.tables.map(({ name }) => name),
  });
  const tables: DraftTable[] = [];
  for (const table of folder.tables) {
    if (chosen.includes(table.name)) tables.push(draftFound(folder, table, await askKey(table, prompt)));
  }
  const notes = folder.tables.flatMap((table) => (chosen.includes(table.name) ? table.notes : []));
  return { tables, skipped: folder.skipped, notes };
}

async function askKey(table: FoundTable, prompt: Prompt): Promise<readonly string[]> {
  const message = `Which columns tell one row of ${table.name} from another?`;
  if (table.keys.length > 0) {
    const choices = table.keys
      .slice(0, 5)
      .map((key, index) => ({ value: String(index), label: key.join(', ') }));
    const answer = await prompt.select({
      message,
      choices: [...choices, { value: OTHER_KEY, label: 'Others' }],
    });
    const key = table.keys[Number(answer)];
    if (answer !== OTHER_KEY && key !== undefined) return key;
  }
  const known = new Set(table.columns);
  const check = (answer: string): string | undefined => {
    const unknown = splitList(answer).find((column) => !known.has(column));
    if (unknown !== undefined) return `There is no column ${unknown}. There are: ${table.columns.join(', ')}`;
    return notEmpty(answer);
  };
  return splitList(await prompt.text({ message: `${message} (a, b)`, initial: '', check }));
}

async function askNamed(source: DraftSource, prompt: Prompt, example: Answers): Promise<DraftTable[]> {
  const isExample = source.type === 'kaggle' && JSON.stringify(source) === JSON.stringify(example.source);
  const names = splitList(
    await prompt.text({
      message: 'Which tables? Their files’ names without the ending (a, b)',
      initial: isExample ? example.tables.map(({ name }) => name).join(', ') : '',
      check: (answer) => {
        const bad = splitList(answer).find((name) => !isTableName(name));
        return bad === undefined ? notEmpty(answer) : `${bad} is not ${TABLE_NAME_RULE}`;
      },
    }),
  );
  const tables: DraftTable[] = [];
  for (const name of new Set(names)) {
    const known = isExample ? example.tables.find((table) => table.name === name) : undefined;
    const key = await prompt.text({
      message: `Which columns tell one row of ${name} from another? (a, b)`,
      initial: known?.key.join(', ') ?? 'id',
      check: notEmpty,
    });
    const separator = await prompt.text({
      message: `What separates the columns of ${name}?`,
      initial: known?.separator ?? ',',
      check: notEmpty,
    });
    tables.push({ ...known, name, key: splitList(key), separator });
  }
  return tables;
}

async function askTimer(prompt: Prompt): Promise<DraftTimer | undefined> {
  const answer = await prompt.select({
    message: 'How often, with run --schedule?',
    choices: [
      { value: 'hourly', label: 'Every hour' },
      { value: 'six', label: 'Every 6 hours' },
      { value: 'daily', label: 'Every day' },
      { value: 'cron', label: 'By a cron pattern' },
      { value: 'never', label: 'Not at all: something else starts it' },
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
      const cron = await prompt.text({ message: 'Which pattern?', initial: '0 */6 * * *', check: isPattern });
      return { cron, timezone: Intl.DateTimeFormat().resolvedOptions().timeZone };
    }
    case 'never':
    default:
      return undefined;
  }
}

function isPattern(answer: string): string | undefined {
  return isCronPattern(answer) ? undefined : 'This is no cron pattern that comes due';
}

function notEmpty(answer: string): string | undefined {
  return answer.trim() === '' ? 'An answer is needed' : undefined;
}

function looksLike(pattern: RegExp, example: string): (answer: string) => string | undefined {
  return (answer) => (pattern.test(answer.trim()) ? undefined : `It looks like ${example}`);
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
