import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createServer, type Server } from 'node:net';

/**
 * Starts a program that ends with this process, however that one ends: a shell kills it once its standard input closes,
 * and ends by itself when the program does. SIGKILL, for the server takes its time to end otherwise.
 */
export function spawnTied(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  log: string,
): ChildProcess {
  const script =
    'exec 3<&0; "$@" 3<&- & child=$!; { read -r _ <&3; kill -9 $child; } 2>/dev/null & keeper=$!; wait $child; kill $keeper 2>/dev/null';
  const output = openSync(log, 'a');
  try {
    return spawn('sh', ['-c', script, 'sh', program, ...args], {
      env: { ...process.env, ...env },
      stdio: ['pipe', output, output],
    });
  } finally {
    closeSync(output);
  }
}

export async function stopTied(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = new Promise((resolve) => child.once('exit', resolve));
  child.stdin?.end();
  await closed;
}

/** All are open at once before they are given back, so that they differ. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listenAnywhere));
  const ports = servers.map((server) => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
    return address.port;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function listenAnywhere(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}
