import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pythonWith } from '../test/support/external.ts';
import { sparkPython } from '../test/support/python.ts';

/** The upsert of a change file into a bronze table by an engine that is there. */
export interface OtherEngine {
  readonly name: string;
  /** Seconds of the merge alone, without the start of the process. */
  readonly upsert: (table: string, changes: string) => number;
}

/** The engines that can be had here; of the others it is said why not. */
export async function otherEngines(): Promise<OtherEngine[]> {
  const engines: OtherEngine[] = [];
  const deltaRs = await pythonWith('delta-rs', ['deltalake==1.6.6', 'pyarrow==26.0.1']);
  if (deltaRs.here)
    engines.push({ name: 'delta-rs', upsert: (...args) => seconds(deltaRs.value, ['delta-rs', ...args]) });
  else console.log(`Without delta-rs: ${deltaRs.reason}`);
  const spark = await sparkPython();
  if (spark.here) {
    const { python, jars } = spark.value;
    engines.push({
      name: 'Spark with Delta',
      upsert: (...args) => seconds(python, ['spark', ...args, jars]),
    });
  } else console.log(`Without Spark: ${spark.reason}`);
  return engines;
}

function seconds(python: string, args: readonly string[]): number {
  const child = spawnSync(python, [join(import.meta.dirname, 'upsert.py'), ...args], {
    encoding: 'utf8',
    env: { ...process.env, SPARK_LOCAL_IP: '127.0.0.1', PYTHONUTF8: '1' },
  });
  if (child.status !== 0) throw new Error(`${args.join(' ')} ended with ${child.status}:\n${child.stderr}`);
  const answer: unknown = JSON.parse(child.stdout.trim().split('\n').at(-1) ?? '');
  if (typeof answer === 'object' && answer !== null && 'seconds' in answer) return Number(answer.seconds);
  throw new Error(`${args.join(' ')} told no seconds.`);
}
