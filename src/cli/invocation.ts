import { relative, sep } from 'node:path';

/**
 * How a shell in `cwd` calls the program again, by the script that this process was started with: a checkout's own
 * script by node, a package that npm has put into a project by npx, and else by its name.
 */
export function invocation(
  script: string,
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const way = relative(cwd, script);
  const isInstalled = script.split(sep).includes('node_modules');
  if (!isInstalled && script.endsWith(`${sep}igarape.js`)) return `node ${quotePath(way)}`;
  return env['npm_command'] === 'exec' || way.startsWith('node_modules') ? 'npx igarape' : 'igarape';
}

/** A path as an argument in a shell. */
export function quotePath(path: string): string {
  return /^[\w./\\:~-]+$/.test(path) ? path : `"${path}"`;
}
