import { phaseOf } from '../core/language/phase.ts';
import type { Progress } from '../core/log.ts';
import { followShare, type RunShare } from '../pipeline/run-share.ts';
import { say } from './language.ts';

/** Follows the steps of a run: how far it is, and with what it is busy, `2 of 5 comparing clientes`. */
export function followRun(
  hasLayers: boolean,
): (progress: Progress) => { readonly share: number; readonly phase: string } {
  const follow = followShare(hasLayers);
  return (progress) => {
    const { share, place } = follow(progress);
    const isOfTable = progress.table !== undefined && progress.step !== 'commit';
    return { share, phase: `${isOfTable ? placeText(place) : ''}${phaseOf(progress, say)}` };
  };
}

function placeText({ done, total }: RunShare['place']): string {
  return total > 1 ? `${say(`${Math.min(done + 1, total)} of ${total}`)} ` : '';
}
