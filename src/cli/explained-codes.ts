import { readFile } from 'node:fs/promises';
import type { Language } from './language.ts';
import { packageFile } from './package-file.ts';

/** An error's code, as the documents explain it. */
export interface ExplainedCode {
  readonly code: string;
  readonly exitCode: number;
  readonly meaning: string;
  readonly remedy: string;
}

/**
 * Every code that the program may end with: the table of the package's own document in that language, without its marks.
 */
export async function explainedCodes(language: Language): Promise<readonly ExplainedCode[]> {
  const name = language === 'en' ? 'setup.md' : `setup.${language}.md`;
  const page = await readFile(packageFile(`docs/${name}`), 'utf8');
  return [...page.matchAll(/^\| `([A-Z_]+)` \| (\d+) \| (.+?) \| (.+?) \|$/gm)].map(
    ([, code = '', exitCode = '', meaning = '', remedy = '']) => ({
      code,
      exitCode: Number(exitCode),
      meaning: plain(meaning, name),
      remedy: plain(remedy, name),
    }),
  );
}

/** A line of Markdown as text: of a link to another page its words and where it leads. */
function plain(markdown: string, page: string): string {
  return markdown
    .replaceAll(/\[([^\]]+)\]\((?:#[^)]*)\)/g, `$1 (docs/${page})`)
    .replaceAll(/\[([^\]]+)\]\(([^)]+)\)/g, '$1 (docs/$2)')
    .replaceAll('`', '');
}
