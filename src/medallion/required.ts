import { fullName } from './layer.ts';
import type { Model } from './models/model.ts';

/** True for a table that stays as it is where only a computation of the whole would do, which nobody has asked for. */
export function mustFollow({ header }: Model, isFullRefresh: boolean): boolean {
  return header.incremental === 'required' && !isFullRefresh;
}

/** Why a table is made as a whole by its header. */
export const NEVER = 'its header says incremental: never';

/** Why such a table was left as it is. @param reason Why it would have been made as a whole. */
export function notRebuilt(model: Model, reason: string): string {
  return `it would have to be rebuilt, for ${reason}, and its header says incremental: required; run --models ${fullName(model)} --full-refresh makes it anew`;
}
