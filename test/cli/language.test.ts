import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Language, languageOf, say, sayState, speak, told } from '../../src/cli/language.ts';
import { PT_BR } from '../../src/core/language/pt-br/all.ts';
import { DOCTOR } from '../../src/core/language/pt-br/doctor.ts';
import { PAGE } from '../../src/core/language/pt-br/page.ts';
import { WORDS } from '../../src/core/language/pt-br/words.ts';
import { type Catalogue, partOf, translation } from '../../src/core/language/translation.ts';
import { runCli } from '../support/cli.ts';
import { useTempDir } from '../support/tmp.ts';
import { openShop, publish } from './shop.ts';

const dir = useTempDir();
const PLACE = /\{([ns]?)\}/g;

async function inLanguage(language: Language): Promise<void> {
  await speak(language);
  onTestFinished(async () => speak('en'));
}

describe.each(Object.entries({ ...PT_BR, page: { ...WORDS, ...PAGE } }))(
  'the Portuguese of %s',
  (_name, catalogue: Catalogue) => {
    test('has the values of the English, each once', () => {
      const places = (text: string): number => [...text.matchAll(/\{(?:[ns]?|\d)\}/g)].length;
      const wrong = Object.entries(catalogue).filter(([english, told]) => places(english) !== places(told));
      expect(wrong).toEqual([]);
    });

    test('is found by its English with values in it, and is taken for no other sentence', () => {
      const translate = translation(catalogue);
      for (const [from, to] of Object.entries(catalogue)) {
        const kinds = [...from.matchAll(PLACE)].map(([, kind]) => kind);
        const given = kinds.map((kind, index) => (kind === 'n' ? `1,234.${index}` : `v_${index}x`));
        const shown = kinds.map((kind, index) => (kind === 'n' ? `1.234,${index}` : `v_${index}x`));
        expect(translate(filled(from, given))).toBe(filled(to, shown));
      }
    });
  },
);

test('of a list of findings each is found by itself, though the first could have the rest as its value', () => {
  const translate = translation(PT_BR.told);
  const findings = Object.entries(DOCTOR)
    .filter(([english]) => english.startsWith('{}') && !/; |\{s\}/.test(english))
    .map(([english, told]) => [english, told].map((text) => filled(text, ['a.csv', '2', 'c', 'd'])));
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...findings), { minLength: 2, maxLength: 5 }), (listed) => {
      const [english, portuguese] = [0, 1].map((side) => listed.map((finding) => finding[side]).join('; '));
      expect(translate(english ?? '')).toBe(portuguese);
      expect(translate(`files:x, version 1: ${english}`)).toBe(`files:x, versão 1: ${portuguese}`);
    }),
  );
});

test('the part of a catalogue for some texts says of them what all of it says', () => {
  const whole = translation(PT_BR.told);
  const texts = Object.keys(PT_BR.told).map(
    (english) => `silver.clientes: ${filled(english, ['1', '2', '3', '4', '5', '6'])} For example: {"id":1}.`,
  );
  for (let from = 0; from < texts.length; from += 50) {
    const some = texts.slice(from, from + 50);
    const part = partOf(PT_BR.told, some);
    expect(some.map(translation(part))).toEqual(some.map(whole));
    expect(Object.keys(part).length).toBeLessThan(texts.length / 4);
  }
});

function filled(text: string, values: readonly string[]): string {
  let next = 0;
  return text.replaceAll(/\{([ns]|\d)?\}/g, (_place, which: string | undefined) => {
    const place = which !== undefined && /\d/.test(which) ? Number(which) - 1 : next++;
    return values[place] ?? '';
  });
}

test.each([
  ['gold.totais is held.', 'gold.totais está retida.'],
  ['silver.vendas has failed.', 'silver.vendas falhou.'],
  ['row_count >= 1000000: 4 rows', 'row_count >= 1000000: 4 linhas'],
  [
    'unique(id): 1 row; not_null(nome): 12 rows, e.g. {id: 7, nome: null}',
    'unique(id): 1 linha; not_null(nome): 12 linhas, por exemplo {id: 7, nome: null}',
  ],
  [
    'its SQL aggregates all rows to one (line 2); its SQL has totals over all rows (line 12)',
    'o SQL dela agrega todas as linhas em uma (linha 2); o SQL dela tem totais sobre todas as linhas (linha 12)',
  ],
])('why a table of the layers is as it is: %s', (english, portuguese) => {
  expect(translation(PT_BR.told)(english)).toBe(portuguese);
});

test('what the catalogue does not have stays as it is, and English is told as it was written', async () => {
  expect(say('inserted')).toBe('inserted');
  await inLanguage('pt-BR');
  expect([say('inserted'), sayState('held'), told('Some Error: x')]).toEqual([
    'inseridas',
    'retida',
    'Some Error: x',
  ]);
});

test.each([
  [undefined, { LANG: 'pt_BR.UTF-8' }, 'pt-BR'],
  [undefined, { LANG: 'pt_BR.UTF-8', LC_ALL: 'C' }, 'en'],
  [undefined, {}, 'en'],
  ['en', { LANG: 'pt_BR.UTF-8' }, 'en'],
  ['pt-BR', { LANG: 'C' }, 'pt-BR'],
] as const)('--lang %s with %o is %s', (asked, env, language) => {
  expect(languageOf(asked, env)).toBe(language);
});

test('screens, help and wrong calls are Portuguese by LANG or --lang; JSON and logs are not', async () => {
  await openShop(dir());
  await publish(dir(), 'clients', [{ id: 1, name: 'Ana' }]);
  const run = await runCli(['run', '--lang', 'pt-BR'], { cwd: dir() });
  expect(run.stdout).toMatch(/tabela +operação +inseridas/);
  expect(run.stdout).toContain('publicada como execução 0');
  expect(run.stderr).toContain('"msg":"committed"');
  const env = { LANG: 'pt_BR.UTF-8' };
  const help = await runCli(['run', '--help'], { cwd: dir(), env });
  expect(help.stdout).toContain('Uso: igarape run [opções]');
  const wrong = await runCli(['rum'], { cwd: dir(), env });
  expect(wrong.stderr).toBe("erro[USAGE] Não há comando 'rum'.\n  Seria run? Veja: igarape --help\n");
  const both = await Promise.all(
    ['en', 'pt-BR'].map(async (lang) => runCli(['history', '--json', '--lang', lang], { cwd: dir() })),
  );
  expect(both[0]?.stdout).toBe(both[1]?.stdout);
});

test('what doctor finds is Portuguese to its last word', async () => {
  await openShop(dir(), { tables: ['clients', 'orders'].map((name) => ({ name, pk: 'id' })) });
  await publish(dir(), 'clients', [{ id: 1, name: 'Ana' }]);
  await publish(dir(), 'orders', [{ id: 1, name: 'Ana' }]);
  await runCli(['run'], { cwd: dir() });
  const { stdout } = await runCli(['doctor', '--lang', 'pt-BR'], { cwd: dir() });
  expect(stdout).toContain(
    'clients se lê de clients.csv, sem mudança; orders se lê de orders.csv, sem mudança',
  );
  expect(stdout).toMatch(/, \d+,\d GB livres\n/);
  expect(stdout).not.toMatch(/\b(?:is|and|unchanged|free)\b/);
});
