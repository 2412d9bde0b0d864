import type { Progress } from '../core/log.ts';

/** How far a run has come. */
export interface RunShare {
  /** From 0 to 1; never less than before. */
  readonly share: number;
  /** Of how many tables how many are done: of the source, or once it comes to these, of the layers. */
  readonly place: { readonly done: number; readonly total: number };
}

/** The layers come after the tables, and take about as long. */
const BEFORE_LAYERS = 0.5;
/** A data set that is fetched as a whole comes before its tables. */
const FETCHED = 0.2;
/** What of a table is done where a step of it begins, and how much the step adds. */
const STEPS = {
  download: { from: 0, adds: 0.3 },
  read: { from: 0.3, adds: 0.4 },
  write: { from: 0.7, adds: 0 },
  upload: { from: 0.75, adds: 0.25 },
} as const;

/** Follows the steps of a run, with the layers after its tables where it has such. */
export function followShare(hasLayers: boolean): (progress: Progress) => RunShare {
  const end = hasLayers ? BEFORE_LAYERS : 1;
  let begin = 0;
  let place = { done: 0, total: 1 };
  let share = 0;
  return (progress) => {
    share = Math.min(1, Math.max(share, reachedBy(progress)));
    return { share, place };
  };

  function reachedBy({ step, table, done, total }: Progress): number {
    const part = total === undefined || total === 0 ? 0 : Math.min(1, done / total);
    switch (step) {
      case 'look':
        return 0;
      case 'table':
      case 'layer':
        place = { done, total: Math.max(1, total ?? 1) };
        return step === 'table' ? tableShare(0) : end + (1 - end) * part;
      case 'spark':
        return end + (1 - end) * ((place.done + part) / place.total);
      case 'commit':
        return end * 0.99;
      case 'download':
        if (table !== undefined) return tableShare(ofStep(step, part));
        begin = FETCHED;
        return end * FETCHED * part;
      case 'read':
      case 'write':
      case 'upload':
        return tableShare(ofStep(step, part));
      default:
        return step satisfies never;
    }
  }

  function tableShare(inner: number): number {
    return end * (begin + (1 - begin) * ((place.done + inner) / place.total));
  }
}

function ofStep(step: keyof typeof STEPS, part: number): number {
  return STEPS[step].from + STEPS[step].adds * part;
}
