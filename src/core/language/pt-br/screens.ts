/** Headings, lines and words of screens. */
export const SCREENS = {
  // Tables.
  'not shown: {} (--wide shows all)': 'fora da tela: {} (--wide mostra tudo)',
  'source  {}, version {}': 'fonte    {}, versão {}',
  '{} has no model any more, and keeps the rows that it had: igarape drop {}':
    '{} não tem mais modelo e fica com as linhas que tinha: igarape drop {}',
  '1 line is no row and was set aside': '1 linha do arquivo não é um registro e foi posta de lado',
  '{} lines are no rows and were set aside': '{} linhas do arquivo não são registros e foram postas de lado',
  'error[{}]': 'erro[{}]',

  // Run, plan and preview.
  '{} changed: {}, {}': '{} com mudança: {}, {}',
  '{} of the layers brought up': '{} das camadas em dia',
  ', {} of the layers': ', {} das camadas',
  'nothing to commit': 'nada a publicar',
  'committed as run {}': 'publicada como execução {}',
  ', in _igarape/rejects/{}/': ', em _igarape/rejects/{}/',
  'nothing was written; igarape run does this': 'nada foi escrito; igarape run faz isto',
  'nothing to do: a run would find all as it is': 'nada a fazer: uma execução acharia tudo como está',
  '{} of {} changes': '{} de {} mudanças',
  'new column {} {}': 'coluna nova {} {}',
  'column {} widens from {} to {}': 'a coluna {} se alarga de {} para {}',
  'column {} changes from {} to {}': 'a coluna {} muda de {} para {}',
  'column {} is gone': 'a coluna {} sumiu',
  '{} would be {}': '{} seria {}',

  // Status and history.
  'lake    {}': 'lake     {}',
  ', no runs yet: igarape run makes the first': ', ainda sem execuções: igarape run faz a primeira',
  'size    {}: {}': 'tamanho  {}: {}',
  'size    {} of {} of source files: {}': 'tamanho  {} de {} de arquivos da fonte: {}',
  '{} is held': '{} está retida',
  '{} has failed': '{} falhou',
  '{} was skipped': '{} foi pulada',
  '{} at': '{} na versão',
  'no batch': 'nenhum lote',
  'batch {}': 'lote {}',
  ', {} since {}': ', {} desde {}',
  '{} to read': '{} por ler',
  'last cycle ended {} after {}, exit code {}': 'o último ciclo terminou {}, em {}, código de saída {}',
  'last cycle': 'último ciclo',
  'next run {} UTC, {}': 'próxima execução {} UTC, {}',
  'by the timer a run is due {}; no schedule has announced one here: igarape run --schedule does':
    'pelo timer, uma execução é devida {}; nenhum agendamento a anunciou aqui: igarape run --schedule faz isso',
  'committed, not visible yet: {} (the next run finishes it)':
    'publicado, ainda não visível: {} (a próxima execução termina)',
  'staged: {}, {} (of a run under way, or dropped by a later one)':
    'em preparo: {}, {} (de uma execução em andamento, ou a ser descartado por outra)',
  'No run has been committed to {} yet: igarape run makes the first.':
    'Nenhuma execução foi publicada em {} ainda: igarape run faz a primeira.',
  'next run at {}; Ctrl-C ends': 'próxima execução: {}; Ctrl-C encerra',

  // Verify, doctor, check and test.
  '{} verified{}: replay gives the last snapshot, and every file is as published':
    '{} com prova{}: o replay dá o último snapshot, e cada arquivo está como foi publicado',
  ', from run {} on': ', da execução {} em diante',
  'the lake differs from what it should be': 'o lake difere do que deveria ser',
  'full computation': 'cálculo completo',
  'All is well.': 'Está tudo bem.',
  '1 of {} checks found something wrong.': '1 de {} verificações achou algo errado.',
  '{} of {} checks found something wrong.': '{} de {} verificações acharam algo errado.',
  'The configuration is right. It names no models.': 'A configuração está certa. Ela não nomeia modelos.',
  '{}; none that a run could not compute': '{}; nenhum que uma execução não possa calcular',
  '{} of {} models cannot be computed': '{} de {} modelos não podem ser calculados',
  '{} of {} models run on Spark': '{} de {} modelos rodam no Spark',
  'runs on Spark': 'roda no Spark',
  'by Spark': 'pelo Spark',
  'compared by Spark': 'comparada pelo Spark',
  'version {}, by Spark': 'versão {}, pelo Spark',
  'not on Spark, which has no equal for: {}': 'não no Spark, que não tem igual para: {}',
  'line {}: {}': 'linha {}: {}',
  'rebuilt by each run: {}': 'refeita a cada execução: {}',
  'It is {}': 'Ela é {}',
  'There are no tests: they are models/tests/*.sql and *.yaml.':
    'Não há testes: eles são models/tests/*.sql e *.yaml.',
  '{} passed, {} failed': '{} passaram, {} falharam',
  'the first {} of {} rows': 'as primeiras {} de {} linhas',

  // Graph and tables.
  'brought up to date': 'como é atualizada',
  '{} (above)': '{} (acima)',
  'rebuilt: {}': 'refeita: {}',
  'The lake has no tables yet: igarape run makes them.': 'O lake ainda não tem tabelas: igarape run as faz.',

  // Changes, key, diff and query.
  '{}, run {} of {} UTC: {}': '{}, execução {} de {} UTC: {}',
  'columns that updates changed: {}': 'colunas que as atualizações mudaram: {}',
  '{} of {} rows: --limit N and --offset N show others':
    '{} de {} linhas: --limit N e --offset N mostram outras',
  '{} from {} to {}: {}': '{} de {} a {}: {}',
  'nothing differs': 'nada difere',
  'the first {} of {}: --limit N shows more': 'as primeiras {} de {}: --limit N mostra mais',
  '{} inserted, {} updated, {} deleted': 'inseridas: {}, atualizadas: {}, excluídas: {}',
  '{} has never had {}': '{} nunca teve {}',
  'row {}': 'linha {}',
  'the first {} of more: --limit N shows more, --format csv or --out FILE all':
    'só {} do início, e há mais: --limit N mostra mais; --format csv ou --out ARQUIVO, tudo',
  '{}, {}, written to {}': '{}, {}, em {}',
  'There are no tables yet.': 'Ainda não há tabelas.',
  'Tables: {}': 'Tabelas: {}',
  'A query ends with ; and .tables, .vertical and .quit are commands. Tab completes.':
    'Uma consulta termina com ; e .tables, .vertical e .quit são comandos. Tab completa.',

  // Delta tables and backfill.
  'reader {}, writer {}': 'leitor {}, escritor {}',
  'Version {} was committed.': 'A versão {} foi gravada.',
  '{} would be removed.': 'A remover: {}.',
  '{} removed.': 'Removido: {}.',
  'registered {}: {}': '{} com nome no catálogo: {}',
  'removed {}: {}, {}': '{} removida: {}, {}',
  'Nothing to put together.': 'Nada a juntar.',
  'The table is at that state already.': 'A tabela já está nesse estado.',
  'version {}  skipped: {}': 'versão {}  pulada: {}',
  ', resumed after version {}': ', retomado depois da versão {}',
  'backfill from version {}{}: nothing is left to do': 'backfill da versão {}{}: não há mais o que fazer',
  'backfill from version {}{}: {} walked, {} committed':
    'backfill da versão {}{}: {} percorrida(s), {} publicada(s)',
  ', resumed after {}': ', retomado depois de {}',
  '{} dates computed': '{} datas calculadas',
  '{}: {} of {} dates, up to {}': '{}: {} de {} datas, até {}',

  // The page and the report.
  'the page of {}:': 'a página de {}:',
  'it may start runs; Ctrl+C ends it': 'ela pode iniciar execuções; Ctrl+C encerra',
  'it only reads; --allow-run lets it start runs; Ctrl+C ends it':
    'ela só lê; --allow-run permite iniciar execuções; Ctrl+C encerra',
  '{}, {}: opens in any browser, without a server': '{}, {}: abre em qualquer navegador, sem servidor',
  'it holds counts, and no rows of tables: --rows puts them into it':
    'tem contagens e nenhuma linha de tabela: --rows as põe nele',
  'and the rows and values of the tables {}': 'e as linhas e os valores das tabelas {}',
  'to stay below --max-size it leaves out the rows of the runs {}':
    'para ficar abaixo de --max-size, deixa de fora as linhas das execuções {}',
  '{}, exit code {}': '{}, código de saída {}',

  // What is under way.
  '{} of {} verifying {}': '{} de {} verificando {}',

  // The demonstration.
  'measuring CSV against Parquet': 'medindo CSV contra Parquet',
  'proving the last day': 'provando o último dia',
  'day {} of {}: writing CSV': 'dia {} de {}: escrevendo CSV',
  'day {} of {}': 'dia {} de {}',
  'Three days of an invented loyalty system went into a lake.':
    'Três dias de um sistema de fidelidade inventado entraram em um lake.',
  'What happened': 'O que aconteceu',
  'run at (UTC)': 'execução (UTC)',
  '{} runs verified: replaying full-load and changes gives the last snapshot, row for row.':
    '{} execuções com prova: carga completa e mudanças, em ordem, dão o último snapshot, linha por linha.',
  'The layers made of it': 'As camadas feitas disso',
  'The lake': 'O lake',
  'Size of the first day': 'Tamanho do primeiro dia',
  CSV: 'CSV',
  'Parquet, Snappy': 'Parquet, Snappy',
  'Parquet, zstd': 'Parquet, zstd',
  'The two days after it: {} of change files for {} of CSV ({}).':
    'Os dois dias seguintes: {} de arquivos de mudanças para {} de CSV ({}).',
  'Done in {} s. Next, try:': 'Pronto em {} s. Agora experimente:',
} as const;
