import type { FoundTable } from './discover.ts';
import { LAYERS } from '../../medallion/layer.ts';

/** The folder of models, beside the configuration. */
export const MODELS_FOLDER = 'models';

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
  readonly key: readonly string[];
  readonly dateField?: string;
}

export type DraftTimer =
  | { readonly unit: 'seconds' | 'minutes' | 'hours' | 'days'; readonly value: number }
  | { readonly cron: string; readonly timezone: string };

/** The configuration to write: what is as the defaults are is left out. */
export function draftConfig(answers: Answers): Record<string, unknown> {
  return {
    $schema: './node_modules/igarape/igarape.schema.json',
    source: answers.source,
    lake: answers.lake,
    ...(answers.workDir === undefined ? {} : { work_dir: answers.workDir }),
    ...(answers.timer === undefined ? {} : { timer: answers.timer }),
    ...(answers.lakehouse === true ? { layers: LAYERS, models: `./${MODELS_FOLDER}` } : {}),
    tables: answers.tables.map(draftTable),
  };
}

/** The variables that the configuration may need, to be copied to `.env` and filled in. */
export function draftEnvExample(answers: Answers): string {
  const lines = ['# Copy to .env, beside igarape.json, and fill in. Never commit .env.'];
  if (answers.source.type === 'kaggle') {
    lines.push(
      '',
      '# Kaggle: not needed for public data sets. kaggle.com > Settings > API.',
      '# KAGGLE_API_TOKEN=',
      '# or',
      '# KAGGLE_USERNAME=',
      '# KAGGLE_KEY=',
    );
  }
  if (answers.source.type === 's3' || answers.lake.startsWith('s3://')) {
    lines.push(
      '',
      '# AWS: not needed where a profile, SSO or a role gives credentials.',
      '# AWS_ACCESS_KEY_ID=',
      '# AWS_SECRET_ACCESS_KEY=',
      '# AWS_REGION=',
      '# Another S3 server:',
      '# AWS_ENDPOINT_URL_S3=',
    );
  }
  if (lines.length === 1) lines.push('', '# This configuration needs no credentials.');
  return `${lines.join('\n')}\n`;
}

function draftTable(table: DraftTable): Record<string, unknown> {
  const [only, ...others] = table.key;
  return {
    name: table.name,
    ...(table.file === undefined ? {} : { file: table.file }),
    ...(table.separator === undefined || table.separator === ',' ? {} : { sep: table.separator }),
    ...(table.encoding === undefined || table.encoding === 'utf-8' ? {} : { encoding: table.encoding }),
    ...table.options,
    pk: only !== undefined && others.length === 0 ? only : table.key,
    ...(table.dateField === undefined ? {} : { date_field: table.dateField }),
  };
}
