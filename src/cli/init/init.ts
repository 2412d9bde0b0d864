import type { Told } from '../../core/language/sentence.ts';
import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { showPath } from '../../config/problem.ts';
import { resolveConfig } from '../../config/resolve.ts';
import { IgarapeError, systemErrorCode, systemReason } from '../../core/errors.ts';
import { say } from '../language.ts';
import { packageFile } from '../package-file.ts';
import { askAnswers } from './ask.ts';
import { defaultAnswers, EXAMPLE, LAKEHOUSE_EXAMPLE } from './defaults.ts';
import { type Answers, draftConfig, draftEnvExample, draftGitIgnore, MODELS_FOLDER } from './draft.ts';
import { writeModels, type WrittenFiles } from './models.ts';
import type { LookInto } from './look-into.ts';
import type { Prompt } from './prompt.ts';

export interface InitOptions {
  /** Take the defaults and ask nothing; what exists is then never replaced. */
  readonly yes: boolean;
  /** Feed bronze, silver and gold too, with models to begin with. */
  readonly lakehouse?: boolean;
  /** Take a public data set as the source. */
  readonly example?: boolean;
  /** Where the files are written; sources are looked for here. */
  readonly directory: string;
  /** The folder that is the source, from the directory. */
  readonly source?: string;
  /** The configuration's name in the directory; `igarape.json` by default. */
  readonly file?: string;
  /** Undefined where nobody can be asked. */
  readonly prompt?: Prompt;
  /** How a source that is no folder is looked into; without it, its tables are named by hand. */
  readonly lookInto?: LookInto;
}

export interface InitResult {
  /** Names of the files written, in the directory. */
  readonly written: readonly string[];
  /** Names of files that were there already and were left alone. */
  readonly kept: readonly string[];
  readonly source: Answers['source'];
  readonly lake: string;
  readonly tables: readonly { readonly name: string; readonly pk: readonly string[] }[];
  /** Files that look like tables but were left out, and why. */
  readonly skipped: readonly { readonly file: string; readonly reason: string }[];
  readonly notes: readonly string[];
}

const DEFAULT_FILE = 'igarape.json';
const ENV_EXAMPLE = '.env.example';
const GIT_IGNORE = '.gitignore';

/**
 * Writes the configuration, `.env.example` and, for a lakehouse, models, from questions or from what the directory holds. Throws `USAGE` where
 * the configuration exists and nobody agrees to replace it, or where nobody can be asked.
 */
export async function init(options: InitOptions): Promise<InitResult> {
  const { directory, prompt, file = DEFAULT_FILE, lakehouse = false } = options;
  if (!options.yes && prompt === undefined) {
    throw new IgarapeError('USAGE', 'igarape init asks questions, and there is no terminal to ask on', {
      hint: 'Take the defaults with `igarape init --yes`.',
    });
  }
  const asked = options.yes ? undefined : prompt;
  const replace = await mayReplace(directory, file, asked);
  const example = lakehouse ? LAKEHOUSE_EXAMPLE : EXAMPLE;
  const {
    answers: answered,
    skipped,
    notes = [],
  } = options.example === true
    ? { answers: example, skipped: [] }
    : asked === undefined
      ? await defaultAnswers(directory, options.source, options.lookInto)
      : await askAnswers(directory, asked, {
          example,
          source: options.source,
          lookInto: options.lookInto,
        });
  const answers = { ...answered, lakehouse };
  const config = draftConfig(answers, await schemaFor(directory));
  checkDraft(config, directory);
  const { isEnvNew, isIgnoreNew, models } = await write(
    { directory, file, flag: replace ? 'w' : 'wx' },
    config,
    answers,
  ).catch((error: unknown) => {
    throw unwritable(directory, error);
  });
  const inFolder = (path: string): string => `${MODELS_FOLDER}/${path}`;
  return {
    written: [
      file,
      ...(isEnvNew ? [ENV_EXAMPLE] : []),
      ...(isIgnoreNew ? [GIT_IGNORE] : []),
      ...models.written.map(inFolder),
    ],
    kept: [
      ...(isEnvNew ? [] : [ENV_EXAMPLE]),
      ...(isIgnoreNew ? [] : [GIT_IGNORE]),
      ...models.kept.map(inFolder),
    ],
    source: answers.source,
    lake: answers.lake,
    tables: answers.tables.map(({ name, key }) => ({ name, pk: key })),
    skipped,
    notes: [...notes, ...(await notesOn(directory, file))],
  };
}

async function write(
  { directory, file, flag }: { readonly directory: string; readonly file: string; readonly flag: 'w' | 'wx' },
  config: object,
  answers: Answers,
): Promise<{ isEnvNew: boolean; isIgnoreNew: boolean; models: WrittenFiles }> {
  await writeFile(join(directory, file), `${JSON.stringify(config, undefined, 2)}\n`, { flag });
  return {
    isEnvNew: await writeNew(join(directory, ENV_EXAMPLE), draftEnvExample(answers)),
    isIgnoreNew: await writeNew(join(directory, GIT_IGNORE), draftGitIgnore(answers)),
    models:
      answers.lakehouse === true
        ? await writeModels(join(directory, MODELS_FOLDER), answers.tables)
        : { written: [], kept: [] },
  };
}

/** What the system refused to write, as an error for the user. */
function unwritable(directory: string, error: unknown): unknown {
  if (error instanceof IgarapeError || systemErrorCode(error) === undefined) return error;
  const path = error instanceof Error && 'path' in error ? String(error.path) : directory;
  return new IgarapeError('USAGE', `${path} cannot be written: ${systemReason(error)}.`, {
    hint: 'Give this user the right to write there, or run `igarape init` in another folder.',
    cause: error,
  });
}

/** The JSON Schema that an editor finds: the project's own package, else the one that this program is of. */
async function schemaFor(directory: string): Promise<string> {
  const own = './node_modules/igarape/igarape.schema.json';
  if (await exists(join(directory, own))) return own;
  return pathToFileURL(packageFile('igarape.schema.json')).href;
}

async function mayReplace(directory: string, file: string, prompt: Prompt | undefined): Promise<boolean> {
  if (!(await exists(join(directory, file)))) return false;
  const agreed = await prompt?.confirm({
    message: say(`${file} exists already. Replace it?`),
    initial: false,
  });
  if (agreed === true) return true;
  throw new IgarapeError('USAGE', `${file} exists already in ${directory}; nothing was written`, {
    hint: 'Move it away, or run `igarape init` in another folder.',
  });
}

function checkDraft(config: object, directory: string): void {
  const resolved = resolveConfig(config, directory);
  if (resolved.kind === 'valid') return;
  const problems = resolved.problems.map(({ path, message }) => `  ${showPath(path)}: ${message}`);
  throw new IgarapeError(
    'USAGE',
    { quoted: ['These answers make no configuration:' satisfies Told, ...problems].join('\n') },
    {
      hint: 'Run `igarape init` again; nothing was written.',
    },
  );
}

async function notesOn(directory: string, file: string): Promise<string[]> {
  if (file !== DEFAULT_FILE || !(await exists(join(directory, 'config.json')))) return [];
  return [`There is a config.json too: ${file} goes before it. Remove one, or name it with --config.`];
}

async function writeNew(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return false;
    throw error;
  }
}
