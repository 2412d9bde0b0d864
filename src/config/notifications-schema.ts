import type { Told } from '../core/language/sentence.ts';
import * as z from 'zod';
import { check, rule } from './rule.ts';
import type { WrittenNotifications } from './written.ts';

const text = (allowed: Told): z.ZodString => check((written) => written.trim() !== '', allowed);

const webhook = {
  url: z
    .string()
    .refine(
      isHookAddress,
      rule('an address that begins with http:// or https://, or with a variable: ${NAME}'),
    )
    .meta({ description: 'The address that gets a POST. `${NAME}` in it is a variable of the environment.' }),
  headers: z
    .record(z.string(), z.string())
    .default({})
    .meta({ description: 'Headers, by name. `${NAME}` in them is a variable of the environment.' }),
};

const hook = z.union([
  z
    .strictObject({
      command: text('a command').meta({
        description: 'A command of the shell, which gets the JSON on its standard input.',
      }),
    })
    .meta({ title: 'command' }),
  z.strictObject(webhook).meta({ title: 'webhook' }),
]);

const lineageNamespace = text('a text that is not empty')
  .default('igarape')
  .meta({ description: 'The namespace of the job.' });

/** Who is told how a run went. */
export const notificationsSchema: z.ZodType<WrittenNotifications> = z
  .strictObject({
    on_failure: hook
      .optional()
      .meta({ description: 'Called where a run ends with an error, or a table of it failed.' }),
    on_hold: hook.optional().meta({ description: 'Called where a guard or a check holds a table.' }),
    on_success: hook.optional().meta({ description: 'Called where a run ends with exit code 0.' }),
    openlineage: z
      .union([
        z.strictObject({ ...webhook, namespace: lineageNamespace }).meta({ title: 'url' }),
        z
          .strictObject({
            file: text('a path').meta({ description: 'A file that gets a line for each event.' }),
            namespace: lineageNamespace,
          })
          .meta({ title: 'file' }),
      ])
      .optional()
      .meta({ description: 'Where events of OpenLineage go: an address, or a file.' }),
  })
  .prefault({})
  .meta({ description: 'Who is told how a run went; see notifications.md.' });

function isHookAddress(written: string): boolean {
  if (/^\$\{\w+\}/.test(written)) return true;
  const filled = written.replaceAll(/\$\{\w+\}/g, 'x');
  return /^https?:\/\/[^/]/i.test(filled) && URL.canParse(filled);
}
