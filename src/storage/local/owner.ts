import { createHash, randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { systemErrorCode } from '../../core/errors.ts';

/**
 * Names by which processes that share a folder tell what is whose. A process number alone does not: two containers, or
 * two machines, have the same ones. So a name begins with where process numbers mean the same (this boot of this
 * machine, this container), and ends in a random part that nobody else has.
 */
export function ownName(): string {
  return `${PLACE}.${process.pid}.${TOKEN}`;
}

/** Whose a name is, as {@link ownName} gives it; of processes elsewhere, which cannot be asked, only that they are. */
export type Owner = 'own' | 'living' | 'gone' | 'elsewhere';

export function ownerOf(name: string): Owner {
  const [, place, pid, token] = /^([\da-f]+)\.(\d+)\.([\da-f-]+)/.exec(name) ?? [];
  if (place !== PLACE) return 'elsewhere';
  if (Number(pid) === process.pid) return token === TOKEN ? 'own' : 'gone';
  return isAlive(Number(pid)) ? 'living' : 'gone';
}

const TOKEN = randomUUID();

const PLACE = createHash('sha256').update(placeParts().join('\n')).digest('hex').slice(0, 16);

/** Where a name of the system is missing, as outside Linux, the machine's own name has to do. */
function placeParts(): string[] {
  const parts = [hostname()];
  for (const read of [
    () => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'),
    () => readlinkSync('/proc/self/ns/pid'),
  ]) {
    try {
      parts.push(read());
    } catch {
      parts.push('');
    }
  }
  return parts;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemErrorCode(error) !== 'ESRCH';
  }
}
