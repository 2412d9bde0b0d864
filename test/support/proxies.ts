import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach } from 'vitest';

/** Servers of the loopback interface that end with each test of a file, and their connections with them; call once. */
export function useProxies(): {
  readonly sockets: Set<Socket>;
  readonly listen: (server: Server) => Promise<number>;
  /** A proxy that does `answer` once a request has come, and counts who came. */
  readonly openProxy: (
    answer: (socket: Socket, request: string) => void,
  ) => Promise<{ readonly port: number; readonly count: () => number }>;
} {
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    for (const server of servers.splice(0)) server.close();
  });
  const listen = async (server: Server): Promise<number> => {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };
  return {
    sockets,
    listen,
    openProxy: async (answer) => {
      let connections = 0;
      const server = createServer((socket) => {
        connections += 1;
        sockets.add(socket);
        socket.on('error', () => undefined);
        socket.once('data', (chunk) => answer(socket, chunk.toString('latin1')));
      });
      return { port: await listen(server), count: () => connections };
    },
  };
}
