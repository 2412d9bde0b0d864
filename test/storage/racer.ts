import { once } from 'node:events';
import { openStorage } from '../../src/storage/open.ts';
import type { RaceOrder } from './race.ts';

// A process of a race: see race.ts.
const order: RaceOrder = JSON.parse(process.argv[2] ?? '');
const { location, env, key, puts } = order;
const storage = await openStorage(location, env);
await storage.read(key);
process.stdout.write('ready\n');
await once(process.stdin, 'data');
const bodies = Array.from({ length: puts }, (_, index) => Buffer.from(`${process.pid}-${index}`));
const results = await Promise.all(bodies.map((body) => storage.putIfAbsent(key, body)));
process.stdout.write(`won ${results.filter(Boolean).length}\n`);
process.stdin.destroy();
