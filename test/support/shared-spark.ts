import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Spark } from './python.ts';
import { freePorts } from './server-process.ts';
import { type SparkServer, startSpark } from './spark-server.ts';

/** Where test files ask for the server. */
const DOOR = 'IGARAPE_TESTS_SPARK';

/** The Spark server of all test files: most of what a new one takes its time for, it has done for the first. */
export type SharedSpark = Pick<SparkServer, 'remote' | 'address'>;

/** Starts the server when the first file asks for it, and stops it after the last. */
export async function setup(): Promise<() => Promise<void>> {
  let starting: Promise<SparkServer> | undefined;
  const told = async (request: IncomingMessage): Promise<string> => {
    const spark: Spark = JSON.parse(await text(request));
    const { remote, address } = await (starting ??= startSpark(spark));
    return JSON.stringify({ remote, address });
  };
  const door = createServer((request, response) => {
    told(request).then(
      (answer) => response.end(answer),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  const [port = 0] = await freePorts(1);
  await once(door.listen(port, '127.0.0.1'), 'listening');
  process.env[DOOR] = `http://127.0.0.1:${port}`;
  return async () => {
    door.close();
    const server = await starting?.catch(() => undefined);
    await server?.stop();
  };
}

/** @throws Error with what Spark says where it does not start */
export async function sharedSpark(spark: Spark): Promise<SharedSpark> {
  const answer = await fetch(process.env[DOOR] ?? '', { method: 'POST', body: JSON.stringify(spark) });
  const found = await answer.text();
  if (!answer.ok) throw new Error(found);
  return JSON.parse(found);
}
