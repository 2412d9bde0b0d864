import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { fits, onTerminal } from '../support/cli.ts';
import { useTempDir } from '../support/tmp.ts';
import { writeFileAt } from '../support/write-file.ts';

const dir = useTempDir();
const ENTER = '\r';

async function publish(points: number): Promise<void> {
  const rows = ['id;nome;pontos;DtAtualizacao', `1;Ana;${points};2025-01-01`, '2;Bia;20;2025-01-02', ''];
  await writeFileAt(join(dir(), 'dados/clientes_da_loja_com_um_nome_comprido.csv'), rows.join('\n'));
}

interface Hour {
  readonly lang: 'en' | 'pt-BR';
  readonly columns: number;
  /** What the wizard asks, in order. */
  readonly questions: readonly RegExp[];
  /** Of each command a line that it shows. */
  readonly screens: readonly (readonly [args: readonly string[], line: RegExp])[];
}

const HOURS: readonly Hour[] = [
  {
    lang: 'pt-BR',
    columns: 80,
    questions: [
      /Quais tabelas\?/,
      /Que colunas distinguem uma linha/,
      /Onde fica o lake\?/,
      /Com que frequência/,
    ],
    screens: [
      [['plan'], /nada foi escrito; igarape run faz isto/],
      [['run'], /publicada como execução 0/],
      [['status'], /última mudança/],
      [['history'], /carga completa/],
      [['verify'], /1 execução com prova/],
      [['doctor'], /Está tudo bem\./],
      [['tables'], /colunas/],
      [['query', 'SELECT * FROM clientes_da_loja_com_um_nome_comprido'], /2 linhas/],
      [['run', '--help'], /Uso: igarape run \[opções\]/],
      [['run', '--tables', 'nix'], /erro\[USAGE\] Não há tabela "nix"/],
    ],
  },
  {
    lang: 'en',
    columns: 120,
    questions: [/Which tables\?/, /Which columns tell one row/, /Where is the lake\?/, /How often/],
    screens: [
      [['plan'], /nothing was written; igarape run does this/],
      [['run'], /committed as run 0/],
      [['status'], /last change/],
      [['query', 'SELECT * FROM clientes_da_loja_com_um_nome_comprido'], /2 rows/],
    ],
  },
];

test.each(HOURS)(
  'the first hour in $lang on a terminal of $columns columns, from init to a query',
  async (hour) => {
    const { lang, columns, questions, screens } = hour;
    const start = (args: readonly string[]): ReturnType<typeof onTerminal> =>
      onTerminal([...args, '--lang', lang], { cwd: dir(), columns });
    await publish(10);
    const wizard = start(['init', 'dados']);
    for (const question of questions) {
      await wizard.until((raw) => question.test(stripVTControlCharacters(raw)));
      wizard.write(ENTER);
    }
    expect(fits(await wizard.ended, columns)).toMatchObject({ exitCode: 0, wider: [] });
    for (const [args, line] of screens) {
      const end = await start(args).ended;
      expect({ args, ...fits(end, columns) }).toMatchObject({
        args,
        wider: [],
        text: expect.stringMatching(line),
      });
    }
  },
);
