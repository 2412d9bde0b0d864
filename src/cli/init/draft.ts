import { say } from '../language.ts';
import type { FoundTable } from './look.ts';

/** The folder of models, beside the configuration. */
export const MODELS_FOLDER = 'models';

const FED_LAYERS = ['bronze', 'silver', 'gold'] as const;

/** What `init` has found out or asked. */
export interface Answers {
  readonly source: DraftSource;
  readonly tables: readonly DraftTable[];
  /** A folder, or `s3://bucket/prefix`. */
  readonly lake: string;
  /** Where the default would not do. */
  readonly workDir?: string;
  readonly timer?: DraftTimer;
  /** Feed the layers of Delta tables too, by models in `./models`. */
  readonly lakehouse?: boolean;
}

export type DraftSource =
  | { readonly type: 'kaggle'; readonly dataset: string }
  | { readonly type: 'files'; readonly path: string }
  | { readonly type: 'http'; readonly url: string }
  | { readonly type: 's3'; readonly uri: string };

export interface DraftTable {
  readonly name: string;
  readonly file?: string;
  readonly separator?: string;
  readonly encoding?: string;
  /** Other options that its file is to be read with. */
  readonly options?: FoundTable['options'];
  /** Empty where the whole row is the key. */
  readonly key: readonly string[];
  readonly dateField?: string;
  /** What its first table of gold may add up. */
  readonly cube?: FoundTable['cube'];
}

export type DraftTimer =
  | { readonly unit: 'seconds' | 'minutes' | 'hours' | 'days'; readonly value: number }
  | { readonly cron: string; readonly timezone: string };

/** The configuration to write: what is as the defaults are is left out. */
export function draftConfig(answers: Answers, schema: string): Record<string, unknown> {
  return {
    $schema: schema,
    source: answers.source,
    lake: answers.lake,
    ...(answers.workDir === undefined ? {} : { work_dir: answers.workDir }),
    ...(answers.timer === undefined ? {} : { timer: answers.timer }),
    ...(answers.lakehouse === true ? { layers: FED_LAYERS, models: `./${MODELS_FOLDER}` } : {}),
    tables: answers.tables.map(draftTable),
  };
}

/** The variables that the configuration may need, to be copied to `.env` and filled in. */
export function draftEnvExample(answers: Answers): string {
  const lines = [`# ${say('Copy to .env, beside igarape.json, and fill in. Never commit .env.')}`];
  if (answers.source.type === 'kaggle') {
    lines.push(
      '',
      `# ${say('Kaggle: not needed for public data sets. kaggle.com > Settings > API.')}`,
      '# KAGGLE_API_TOKEN=',
      `# ${say('or')}`,
      '# KAGGLE_USERNAME=',
      '# KAGGLE_KEY=',
    );
  }
  if (answers.source.type === 's3' || answers.lake.startsWith('s3://')) {
    lines.push(
      '',
      `# ${say('AWS: not needed where a profile, SSO or a role gives credentials.')}`,
      '# AWS_ACCESS_KEY_ID=',
      '# AWS_SECRET_ACCESS_KEY=',
      '# AWS_REGION=',
      `# ${say('Another S3 server:')}`,
      '# AWS_ENDPOINT_URL_S3=',
    );
  }
  if (lines.length === 1) lines.push('', `# ${say('This configuration needs no credentials.')}`);
  return `${lines.join('\n')}\n`;
}

/** What `pk` says where the whole row is the key. */
export const WHOLE_ROW = 'row';

/** What no repository should have: secrets, what is made anew, and a lake that lies in the project. */
export function draftGitIgnore({ lake, workDir }: Answers): string {
  const isInside = (path: string): boolean => /^(?!\/|\.\.|[a-z]:|\w+:\/\/)/i.test(path);
  const folders = [workDir ?? '.igarape', lake]
    .filter(isInside)
    .map((path) => `/${path.replace(/^\.\//, '').replace(/\/$/, '')}/`);
  return ['.env', ...folders, ''].join('\n');
}

function draftTable(table: DraftTable): Record<string, unknown> {
  const [only, ...others] = table.key;
  return {
    name: table.name,
    ...(table.file === undefined ? {} : { file: table.file }),
    ...(table.separator === undefined || table.separator === ',' ? {} : { sep: table.separator }),
    ...(table.encoding === undefined || table.encoding === 'utf-8' ? {} : { encoding: table.encoding }),
    ...table.options,
    pk: only === undefined ? WHOLE_ROW : others.length === 0 && only !== WHOLE_ROW ? only : table.key,
    ...(table.dateField === undefined ? {} : { date_field: table.dateField }),
  };
}
