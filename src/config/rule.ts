import type { Told } from '../core/language/sentence.ts';
import * as z from 'zod';

/** What is allowed at a place of the configuration: the second half of "found …; allowed: …". */
export function rule(allowed: Told): { readonly error: string } {
  return { error: allowed };
}

/** A text for which something holds. */
export function check(holds: (text: string) => boolean, allowed: Told): z.ZodString {
  return z.string().refine(holds, rule(allowed));
}
