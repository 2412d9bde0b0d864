import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isCronPattern } from '../../src/config/cron.ts';
import { useTempDir } from '../support/tmp.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const FOLDER = join(ROOT, 'examples', 'scheduling');
const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');
const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

describe.each(['scheduling.md', 'scheduling.pt-BR.md'])('docs/%s', (page) => {
  test.each(readdirSync(FOLDER))('shows %s as it is', (name) => {
    expect(fences(readFileSync(join(ROOT, 'docs', page), 'utf8'))).toContain(read(name));
  });
});

test('the crontab has an environment and a line that cron can read', () => {
  const [path, line, ...rest] = read('crontab').trimEnd().split('\n');
  expect(path).toMatch(/^PATH=\S+$/);
  const [, pattern = '', command = ''] = /^((?:\S+ ){4}\S+) (.+)$/.exec(line ?? '') ?? [];
  expect(isCronPattern(pattern)).toBe(true);
  expect(command).toMatch(/^igarape run /);
  // To cron a percent sign ends the command.
  expect(command).not.toContain('%');
  expect(rest).toEqual([]);
});

const dir = useTempDir();

test.skipIf(!hasSystemd)(
  'systemd accepts the service and the timer (skipped where systemd-analyze is missing)',
  () => {
    const service = read('igarape.service')
      .replace('/usr/local/bin/igarape', process.execPath)
      .replace('User=igarape\n', '');
    writeFileSync(join(dir(), 'igarape.service'), service);
    writeFileSync(join(dir(), 'igarape.timer'), read('igarape.timer'));
    const units = ['igarape.service', 'igarape.timer'].map((name) => join(dir(), name));
    const verified = spawnSync('systemd-analyze', ['verify', ...units], { encoding: 'utf8' });
    expect(verified.stderr).not.toContain(dir());
    expect(verified.status).toBe(0);
    const [, calendar = ''] = /^OnCalendar=(.+)$/m.exec(read('igarape.timer')) ?? [];
    expect(spawnSync('systemd-analyze', ['calendar', calendar]).status).toBe(0);
  },
);

test('the Windows task is well-formed, plain ASCII, and names no encoding that its bytes could contradict', () => {
  const xml = read('igarape-task.xml');
  expect(xml).toMatch(/^<\?xml version="1.0"\?>\n<Task [^>]+>/);
  expect(xml).toMatch(/^[\n -~]+$/);
  expect(unbalancedTag(xml)).toBeUndefined();
  expect(/<Arguments>(.*)<\/Arguments>/.exec(xml)?.[1]).toBe(
    String.raw`node_modules\igarape\bin\igarape.js run`,
  );
});

test('the image is built from files that the repository has, and runs the loop as a plain user', () => {
  const dockerfile = read('Dockerfile');
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names = '']) =>
    names.split(' '),
  );
  expect(copied).toContain('src');
  expect(copied.filter((name) => !existsSync(join(ROOT, name)))).toEqual([]);
  expect(dockerfile).toMatch(/^USER node$/m);
  expect(dockerfile).toMatch(/^ENTRYPOINT \["igarape"\]\nCMD \["run", "--schedule"\]$/m);
});

test('the composition builds that image from the repository and leaves time to stop', () => {
  const compose = read('compose.yaml');
  const [, context = ''] = /^ +context: (\S+)$/m.exec(compose) ?? [];
  const [, dockerfile = ''] = /^ +dockerfile: (\S+)$/m.exec(compose) ?? [];
  expect(existsSync(join(FOLDER, context, dockerfile))).toBe(true);
  const [, grace = ''] = /^ +stop_grace_period: (\d+)s$/m.exec(compose) ?? [];
  expect(Number(grace)).toBeGreaterThan(10);
});

test('the workflow has a cron line, one run at a time, and takes secrets from the repository', () => {
  const workflow = read('github-actions.yml');
  expect(isCronPattern(/^ +- cron: '(.+)'$/m.exec(workflow)?.[1] ?? '')).toBe(true);
  expect(workflow).toMatch(/^concurrency:\n {2}group: /m);
  expect(workflow).toMatch(/^ +- run: npx igarape run$/m);
  for (const [, value = ''] of workflow.matchAll(/^ +[A-Z_]+: (.+)$/gm)) {
    expect(value).toMatch(/^\$\{\{ (?:secrets|vars)\.[A-Z_]+ \}\}$/);
  }
});

test.each(['compose.yaml', 'github-actions.yml'])('%s is indented by two spaces, without tabs', (name) => {
  for (const line of read(name).trimEnd().split('\n')) expect(line).toMatch(/^(?: {2})*\S/);
});

function fences(markdown: string): string[] {
  return [...markdown.matchAll(/^```\w+\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);
}

/** The first tag of an XML text that is not closed, or closes another. */
function unbalancedTag(xml: string): string | undefined {
  const open: string[] = [];
  for (const [, slash, name = ''] of xml.matchAll(/<(\/?)([A-Za-z]+)[^>]*>/g)) {
    if (slash === '') open.push(name);
    else if (open.pop() !== name) return name;
  }
  return open.at(-1);
}
