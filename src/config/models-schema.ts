import { ONCE } from '../core/once.ts';
import * as z from 'zod';
import { csvKeys } from './csv-schema.ts';
import { canonicalTypeName, TYPE_NAMES } from './type-name.ts';
import { rule } from './rule.ts';
import type { Written, WrittenSeed } from './written.ts';

/** Types that a user gives, by column. */
export const typesByColumn: z.ZodType<WrittenSeed['types']> = z
  .record(
    z.string(),
    z.string().refine((text) => canonicalTypeName(text) !== undefined, rule(TYPE_NAMES)),
  )
  .default({})
  .meta({ description: `Types that are given instead of found, by column: ${TYPE_NAMES}.` });

const { bad_lines: _refused, ...seedKeys } = csvKeys;
const seed = z.strictObject({ ...seedKeys, types: typesByColumn });

/** A seed of which the configuration says nothing. */
export const USUAL_SEED: WrittenSeed = seed.parse({}, ONCE);

/** Digits of a number that JavaScript cannot hold would be others without a word. */
const variable = z.union([
  z.string(),
  z.boolean(),
  z
    .number()
    .refine(
      (value) => Math.abs(value) <= Number.MAX_SAFE_INTEGER,
      rule('a number of that size as text, in quotes'),
    ),
]);

/** The keys of the configuration that are about models, besides where they are. */
export const modelKeys: { readonly [Key in 'seeds' | 'vars']: z.ZodType<Written[Key]> } = {
  seeds: z.record(z.string(), seed).default({}).meta({
    description:
      'How CSV files of `seeds/` in the folder of the models are to be read, by name without ending, where they are not as usual: `{ "targets": { "sep": ";" } }`.',
  }),
  vars: z
    .record(z.string(), z.union([variable, z.array(variable), z.null()]))
    .default({})
    .meta({
      description:
        'Values of the models\' variables, by name: `{ "since": "2024-01-01" }`. `--var since=2024-02-01` goes before them.',
    }),
};
