import type { Equality } from './equalities.ts';

/** How one goes from rows of a table in FROM to the rows of another that may stand with them in one row. */
export interface Step {
  readonly from: number;
  readonly to: number;
  /** Columns that are equal, of the one and of the other. */
  readonly on: readonly (readonly [string, string])[];
  /** True where the one may stand without any row of the other. */
  readonly isOuter: boolean;
}

/**
 * The steps by which every table is reached that can be reached, from some where a row surely stands in each row that
 * matters. Against an outer join goes only who surely has a row of its right side.
 */
export function stepsFrom(starts: Iterable<number>, equalities: readonly Equality[]): Step[] {
  /** Whether a row of the table surely stands there. */
  const reached = new Map<number, boolean>([...starts].map((mention) => [mention, true]));
  const queue = [...reached.keys()];
  const steps: Step[] = [];
  for (let from = queue.shift(); from !== undefined; from = queue.shift()) {
    const isSure = reached.get(from) === true;
    const next = new Map<number, { on: (readonly [string, string])[]; isOuter: boolean }>();
    for (const { left, right, isOuter } of equalities) {
      const forward = left.mention === from;
      const backward = right.mention === from && (!isOuter || isSure);
      if (!forward && !backward) continue;
      const [own, other] = forward ? [left, right] : [right, left];
      if (reached.has(other.mention)) continue;
      const step = next.get(other.mention) ?? { on: [], isOuter: true };
      step.on.push([own.name, other.name]);
      step.isOuter &&= isOuter && forward;
      next.set(other.mention, step);
    }
    for (const [to, { on, isOuter }] of next) {
      reached.set(to, isSure && !isOuter);
      steps.push({ from, to, on, isOuter: isOuter || !isSure });
      queue.push(to);
    }
  }
  return steps;
}

/** Of steps those that lead to some tables. */
export function stepsTo(targets: ReadonlySet<number>, steps: readonly Step[]): Step[] {
  const needed = new Set(targets);
  const kept: Step[] = [];
  for (const step of steps.toReversed()) {
    if (!needed.has(step.to)) continue;
    needed.add(step.from);
    kept.unshift(step);
  }
  return kept;
}
