import type { LakeReader } from '../explore/reader.ts';
import type { Progress } from '../core/log.ts';
import type { Edge } from '../pipeline/context.ts';
import { runningElsewhere } from '../pipeline/running.ts';
import { progressTeller, type Tell } from './actions.ts';

/** Follows a run of another process on this machine, by what it says in the working folder. */
export class RunsElsewhere {
  readonly #reader: LakeReader;
  readonly #edge: Edge;
  readonly #tell: Tell;
  #run: { readonly startedAt: string; readonly follow: (progress: Progress) => void } | undefined;

  constructor({ reader, edge }: { readonly reader: LakeReader; readonly edge: Edge }, tell: Tell) {
    this.#reader = reader;
    this.#edge = edge;
    this.#tell = tell;
  }

  get isRunning(): boolean {
    return this.#run !== undefined;
  }

  /** Resolves true where the run that was under way has ended. */
  async look(): Promise<boolean> {
    const { workDir, layers } = this.#reader.project.config;
    const { clock } = this.#edge;
    const found = await runningElsewhere(workDir, clock());
    const isOther = found?.startedAt !== this.#run?.startedAt;
    if (isOther) {
      this.#run = found && {
        startedAt: found.startedAt,
        follow: progressTeller(this.#tell, layers.length > 0, clock),
      };
      this.#tell('running', { running: found === undefined ? null : 'elsewhere' });
    }
    if (found !== undefined) this.#run?.follow(found.progress);
    return isOther && found === undefined;
  }
}
