import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Language, Parser } from '@vscode/tree-sitter-wasm';
import { expect, test } from 'vitest';
import { runCli } from '../support/cli.ts';
import { fencesOf } from './fences.ts';

const ROOT = join(import.meta.dirname, '../..');
const PAGES = [
  'README.md',
  'README.pt-BR.md',
  ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`),
];
const FENCES = PAGES.filter((name) => name.endsWith('.md')).flatMap((page) =>
  fencesOf(readFileSync(join(ROOT, page), 'utf8'))
    .filter(({ info }) => info.startsWith('powershell'))
    .map(({ text }) => ({ page, text })),
);

const parser = await (async () => {
  const wasm = (name: string): string =>
    createRequire(import.meta.url).resolve(`@vscode/tree-sitter-wasm/wasm/${name}`);
  await Parser.init({ locateFile: wasm });
  return new Parser().setLanguage(await Language.load(wasm('tree-sitter-powershell.wasm')));
})();

function isPowerShell(script: string): boolean {
  return parser.parse(script)?.rootNode.hasError === false;
}

test('the parser knows PowerShell from what is none', () => {
  for (const script of ['igarape run | | more', 'if ($x { igarape run }', '$x = (igarape run'])
    expect([script, isPowerShell(script)]).toEqual([script, false]);
});

test.each(FENCES)('the PowerShell of $page is PowerShell', ({ text }) => {
  expect(isPowerShell(text)).toBe(true);
});

test('what completes commands there is PowerShell', async () => {
  const { stdout } = await runCli(['completion', 'powershell'], { cwd: ROOT });
  expect(stdout).toContain('Register-ArgumentCompleter');
  expect(isPowerShell(stdout)).toBe(true);
});
