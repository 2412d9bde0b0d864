import * as z from 'zod';
import type { KeyPath } from './problem.ts';
import { configSchema } from './schema.ts';

type Shape = z.core.JSONSchema._JSONSchema;

/** The keys that are allowed at a path, of all forms that what stands there may take. */
export function keysAt(path: KeyPath): readonly string[] {
  let forms = formsOf(z.toJSONSchema(configSchema, { io: 'input' }));
  for (const part of path) {
    forms = forms.flatMap((form) => {
      const inner = typeof part === 'number' ? form.items : form.properties?.[part];
      return [inner].flat().flatMap(formsOf);
    });
  }
  return [...new Set(forms.flatMap((form) => Object.keys(form.properties ?? {})))];
}

function formsOf(shape: Shape | undefined): z.core.JSONSchema.BaseSchema[] {
  if (shape === undefined || typeof shape === 'boolean') return [];
  return [shape, ...[...(shape.anyOf ?? []), ...(shape.oneOf ?? [])].flatMap(formsOf)];
}
