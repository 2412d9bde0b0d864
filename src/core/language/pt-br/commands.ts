/** The help of commands, arguments and options. */
export const COMMANDS = {
  'Turns data sets that are published as whole snapshots into a change-data-capture stream and a lakehouse.':
    'Transforma datasets publicados como snapshots inteiros em um fluxo de mudanças (CDC) e em um lakehouse.',
  'show help': 'mostra a ajuda',
  'print the version': 'mostra a versão',
  'the configuration (default: igarape.json, then config.json)':
    'a configuração (padrão: igarape.json, depois config.json)',
  'print one JSON document on stdout; logs go to stderr':
    'mostra um documento JSON em stdout; os logs vão para stderr',
  'how much to log': 'quanto registrar no log',
  'the language of screens and errors; by default that of LANG':
    'o idioma das telas e dos erros; por padrão o de LANG',
  'hide and cut nothing where a table is wider than the terminal':
    'não esconde nem corta nada onde uma tabela é mais larga que o terminal',
  'print nothing where nothing is wrong: for cron': 'não mostra nada onde nada está errado: para cron',
  'print without colours': 'mostra sem cores',
  "a value of the models' variables; may be given again":
    'um valor das variáveis dos modelos; pode ser repetido',
  'Examples:': 'Exemplos:',
  'Exit codes:': 'Códigos de saída:',
  '0 done · 1 defect · 2 usage or configuration · 3 source · 4 held by a guard or check · 5 lake · 6 another run has the lake. More: igarape explain CODE':
    '0 pronto · 1 defeito · 2 uso ou configuração · 3 fonte · 4 retida por uma trava ou verificação · 5 lake · 6 outra execução está com o lake. Mais: igarape explain CÓDIGO',

  'the whole stream on three generated days of a loyalty system: no network, no credentials':
    'o caminho todo em três dias gerados de um sistema de fidelidade: sem rede, sem credenciais',
  'the folder to make; an earlier demo in it is replaced':
    'a pasta a criar; uma demonstração anterior nela é substituída',
  'ask a few questions and write igarape.json and .env.example':
    'faz algumas perguntas e escreve igarape.json e .env.example',
  'the folder with the tables (default: ./data, ./dados or this one)':
    'a pasta com as tabelas (padrão: ./data, ./dados ou esta)',
  'take the defaults': 'usa os padrões',
  'take a public data set of Kaggle as the source': 'usa um dataset público do Kaggle como fonte',
  'feed bronze, silver and gold too, with models to begin with':
    'alimenta também bronze, silver e gold, com modelos para começar',
  'one cycle: find what changed, publish it, commit it': 'um ciclo: acha o que mudou, publica e confirma',
  'repeat by the timer of the configuration': 'repete conforme o timer da configuração',
  'use what an earlier run has downloaded': 'usa o que uma execução anterior baixou',
  'only these tables, by comma': 'só estas tabelas, por vírgula',
  'tables, by comma, whose guards are approved this once':
    'tabelas, por vírgula, cujas travas são aprovadas desta vez',
  'tables, by comma, that get a new full-load': 'tabelas, por vírgula, que ganham uma nova carga completa',
  'only these stages, by comma: raw, bronze, silver, gold':
    'só estas etapas, por vírgula: raw, bronze, silver, gold',
  'only these models, by comma: {}': 'só estes modelos, por vírgula: {}',
  'silver.clientes; silver.clientes+ with what reads it, +gold.daily with what it reads; gold, a layer; tag:daily; finance/ or gold/finance/, a folder':
    'silver.clientes; silver.clientes+ com quem a lê, +gold.daily com o que ela lê; gold, uma camada; tag:daily; finance/ ou gold/finance/, uma pasta',
  'what computes the layers, instead of the configured one':
    'o que computa as camadas, em vez do configurado',
  'plan for this engine instead of the configured one': 'planeja para este motor em vez do configurado',
  'make the tables of the layers anew as a whole': 'refaz por inteiro as tabelas das camadas',
  'begin a lake where files of others are under full-load/ and cdc/':
    'começa um lake onde há arquivos de outros em full-load/ e cdc/',
  'go on from the configured source: the same data has moved there':
    'segue a partir da fonte configurada: os mesmos dados se mudaram para lá',
  'what a run would do; changes nothing': 'o que uma execução faria; não muda nada',
  'plan as if the guards of these tables, by comma, were approved':
    'planeja como se as travas destas tabelas, por vírgula, fossem aprovadas',
  'plan a new full-load of these tables, by comma':
    'planeja uma nova carga completa destas tabelas, por vírgula',
  'plan to make the tables of the layers anew as a whole':
    'planeja refazer por inteiro as tabelas das camadas',
  'check the configuration and the models against the columns of what they read; reads no row':
    'confere a configuração e os modelos com as colunas do que leem; não lê nenhuma linha',
  'tell which models could run there; no cluster is asked':
    'diz quais modelos poderiam rodar lá; nenhum cluster é consultado',
  'tell of these models alone: {}': 'fala só destes modelos: {}',
  "a model's rows as a run would leave them, or what it would change, row by row; writes nothing":
    'as linhas de um modelo como uma execução as deixaria, ou o que mudaria, linha por linha; não escreve nada',
  'its name, e.g. silver.clientes': 'o nome dele, por exemplo silver.clientes',
  'what would change instead: inserts, deletes, and updates with old and new values':
    'em vez disso o que mudaria: inserções, exclusões e atualizações com o valor antigo e o novo',
  'only these stages, by comma: silver,gold leaves the source alone':
    'só estas etapas, por vírgula: silver,gold não toca na fonte',
  'as if the tables were made anew as a whole': 'como se as tabelas fossem refeitas por inteiro',
  'how to print the rows': 'como mostrar as linhas',
  'write the rows to a file: .parquet, .csv or .jsonl':
    'grava as linhas em um arquivo: .parquet, .csv ou .jsonl',
  'at most so many rows': 'no máximo tantas linhas',
  'at most so many': 'no máximo tantos',
  "run the models' tests: given rows, and those that a model is to make of them":
    'roda os testes dos modelos: linhas dadas e as que um modelo deve fazer delas',
  'only tests of these models: {}': 'só os testes destes modelos: {}',
  'prove that full-load and change files give the last snapshot, and that no file was touched':
    'prova que a carga completa e os arquivos de mudanças dão o último snapshot, e que nenhum arquivo foi tocado',
  'go on from what this machine has verified before, up to a run (default: the last time)':
    'segue do que esta máquina já provou antes, até uma execução (padrão: a última vez)',
  'of the layers only some dates, or the rows of some keys':
    'das camadas só algumas datas, ou as linhas de algumas chaves',
  'only these tables of the layers: {}': 'só estas tabelas das camadas: {}',
  "the lake's tables, its last runs, what was held, the next run":
    'as tabelas do lake, as últimas execuções, o que foi retido, a próxima execução',
  'the committed runs, newest first': 'as execuções publicadas, da mais recente para trás',
  'only runs that published or held this table': 'só execuções que publicaram ou retiveram esta tabela',
  'how many runs': 'quantas execuções',
  'what is made of what: the tables of the source, of bronze, silver and gold':
    'o que é feito de quê: as tabelas da fonte, de bronze, silver e gold',
  'only these tables: {}': 'só estas tabelas: {}',
  'how to print it': 'como mostrar',
  'SQL over the lake: clientes, run_3.clientes, cdc.clientes, bronze.clientes, gold.daily':
    'SQL sobre o lake: clientes, run_3.clientes, cdc.clientes, bronze.clientes, gold.daily',
  'one SELECT, DESCRIBE, SUMMARIZE or SHOW TABLES; - reads it from the standard input':
    'um SELECT, DESCRIBE, SUMMARIZE ou SHOW TABLES; - lê da entrada padrão',
  'read the SQL from a file': 'lê o SQL de um arquivo',
  'show each row as a block, a column a line': 'mostra cada linha como um bloco, uma coluna por linha',
  'how long it may take (default: query_timeout, 600)': 'quanto pode demorar (padrão: query_timeout, 600)',
  'files or folders, by comma, that read_csv and the like may read':
    'arquivos ou pastas, por vírgula, que read_csv e semelhantes podem ler',
  'Tables, by the example of clientes:': 'Tabelas, no exemplo de clientes:',
  'its latest state': 'seu último estado',
  'its state after run 3': 'seu estado depois da execução 3',
  'all its changes, with the run of each as _run':
    'todas as suas mudanças, com a execução de cada uma em _run',
  'what its newest full-load published': 'o que a carga completa mais recente publicou',
  "a table of a layer: bronze, silver or gold; as it was with FROM silver.clientes AT (VERSION => 3), or AT (TIMESTAMP => '2025-10-04 12:00:00')":
    "uma tabela de uma camada: bronze, silver ou gold; como era com FROM silver.clientes AT (VERSION => 3), ou AT (TIMESTAMP => '2025-10-04 12:00:00')",
  'A query only reads, and only the tables that it names. For other files say which: --allow-files data/extra.csv':
    'Uma consulta só lê, e só as tabelas que nomeia. Para outros arquivos, diga quais: --allow-files data/extra.csv',
  'a shell for queries, with history and completion':
    'um shell para consultas, com histórico e preenchimento automático',
  'the tables that a query may name, with their columns and rows':
    'as tabelas que uma consulta pode nomear, com suas colunas e linhas',
  'only this one, with the types of its columns': 'só esta, com os tipos das colunas',
  'publish the state of tables as new full-loads, so that replay starts there; older files stay':
    'publica o estado de tabelas como novas cargas completas, para o replay começar ali; arquivos antigos ficam',
  'only these tables of the lake, by comma': 'só estas tabelas do lake, por vírgula',
  'remove a table of the layers that nothing makes any more, with all of its versions':
    'remove uma tabela das camadas que nada mais faz, com todas as suas versões',
  'check configuration, credentials, source, lake rights, conditional writes, clock and disk':
    'confere configuração, credenciais, fonte, permissões do lake, escritas condicionais, relógio e disco',
  'print what makes a shell complete commands, options and tables':
    'mostra o que faz um shell completar comandos, opções e tabelas',
  'which one': 'qual',
  'what an error code means, and what to do': 'o que significa um código de erro, e o que fazer',
  'for example SOURCE_NOT_FOUND (default: all of them)': 'por exemplo SOURCE_NOT_FOUND (padrão: todos)',
  "fill an empty lake from the source's past versions, or compute dates of a gold table anew":
    'enche um lake vazio com as versões passadas da fonte, ou recalcula datas de uma tabela gold',
  'a gold table, e.g. gold.daily: --from and --to are dates then':
    'uma tabela gold, por exemplo gold.daily: então --from e --to são datas',
  'the version, or the date such as 2024-02-01, to begin with':
    'a versão, ou a data como 2024-02-01, com que começar',
  'the one to end with, which is included (default: the newest version; dates need one)':
    'a última, que também entra (padrão: a versão mais recente; datas precisam de uma)',
  'read and keep up Delta tables, by folder, s3:// address or name':
    'lê e mantém tabelas Delta, por pasta, endereço s3:// ou nome',

  'the folder that holds _delta_log, its s3:// address, or a table of the lake: silver.clientes':
    'a pasta que tem _delta_log, o endereço s3:// dela, ou uma tabela do lake: silver.clientes',
  'as it was at this version': 'como era nesta versão',
  'as it was at this time, e.g. 2024-01-31T12:00:00Z':
    'como era nesta hora, por exemplo 2024-01-31T12:00:00Z',
  'its version, columns, size, properties and what it demands of readers and writers':
    'sua versão, colunas, tamanho, propriedades e o que exige de leitores e escritores',
  'its commits, newest first': 'seus commits, do mais recente para trás',
  'its rows': 'suas linhas',
  'only these columns, by comma': 'só estas colunas, por vírgula',
  'only rows for which this SQL condition holds': 'só linhas para as quais vale esta condição SQL',
  'its change data feed: every changed row, and how, when and by which version it changed':
    'seu change data feed: cada linha mudada, e como, quando e por qual versão mudou',
  'the first version, by number or time': 'a primeira versão, por número ou hora',
  'the last version, by number or time (default: the newest)':
    'a última versão, por número ou hora (padrão: a mais recente)',
  'make a folder of Parquet files a table of these very files':
    'faz de uma pasta de arquivos Parquet uma tabela desses mesmos arquivos',
  'the folder, or its s3:// address': 'a pasta, ou o endereço s3:// dela',
  'what its folders tell, with types: day:date,city:string':
    'o que as pastas dizem, com tipos: day:date,city:string',
  'put small files together, and take deleted rows out of files':
    'junta arquivos pequenos e tira linhas excluídas dos arquivos',
  'only files that may hold rows for this SQL condition':
    'só arquivos que podem ter linhas para esta condição SQL',
  'as large as files are to become (default: 256)': 'o tamanho que os arquivos devem ter (padrão: 256)',
  'remove files that no version of the last days needs':
    'remove arquivos de que nenhuma versão dos últimos dias precisa',
  'what computes the layers, beside DuckDB': 'o que computa as camadas, além do DuckDB',
  'print the statements that register the tables of the layers in Unity Catalog, Glue or Hive':
    'mostra os comandos que registram as tabelas das camadas no Unity Catalog, no Glue ou no Hive',
  'the catalog that gets them (default: the current one of Spark)':
    'o catálogo que as recebe (padrão: o atual do Spark)',
  'let the engine of the configuration, or SPARK_REMOTE, execute them':
    'deixa o motor da configuração, ou SPARK_REMOTE, executá-los',
  'tell what would be removed, and remove nothing': 'diz o que seria removido, e não remove nada',
  'how long removed files stay (default: as the table says, else 168)':
    'quanto tempo arquivos removidos ficam (padrão: como diz a tabela, senão 168)',
  'take less than the table says, which fails readers and writers that still run':
    'usa menos do que diz a tabela, o que quebra leitores e escritores ainda ativos',
  'make it what it was at an older version, by a new version':
    'volta ao que era em uma versão antiga, por uma nova versão',

  'a page of the lake in the browser: changes, keys, lineage, cubes, SQL':
    'uma página do lake no navegador: mudanças, chaves, linhagem, cubos, SQL',
  'the first port that is tried': 'a primeira porta a tentar',
  'names, by comma, by which the page is reached through a forwarded port':
    'nomes, por vírgula, pelos quais se chega à página por uma porta encaminhada',
  'let the page approve, start and stop runs; else it only reads':
    'deixa a página aprovar, iniciar e parar execuções; senão ela só lê',
  'the lake of igarape demo, in ./lake-demo; made first where it is not there':
    'o lake de igarape demo, em ./lake-demo; feito antes, se ainda não existe',
  'open no browser': 'não abre o navegador',
  'the same page as one file that opens without a server':
    'a mesma página em um só arquivo, que abre sem servidor',
  'report.html; or a folder, for a static host: then without rows':
    'report.html; ou uma pasta, para uma hospedagem estática: então sem linhas',
  'the newest so many runs': 'as tantas execuções mais recentes',
  'put rows of tables into it, also for a folder': 'põe nele linhas das tabelas, também para uma pasta',
  'only counts, columns and lineage': 'só contagens, colunas e linhagem',
  'leave out rows of the oldest runs above this':
    'acima disto, deixa de fora linhas das execuções mais antigas',
  'the rows that a run has changed in a table, old values beside the new':
    'as linhas que uma execução mudou em uma tabela, valores antigos ao lado dos novos',
  'a table of the source': 'uma tabela da fonte',
  'the run (default: the newest that changed the table)':
    'a execução (padrão: a mais recente que mudou a tabela)',
  'only these, by comma: I, U, D': 'só estas, por vírgula: I, U, D',
  'only updates that changed this column': 'só atualizações que mudaram esta coluna',
  'only rows with this text in some column': 'só linhas com este texto em alguma coluna',
  'leave out so many rows before': 'deixa de fora tantas linhas antes',
  'what has happened to one row, over all runs': 'o que aconteceu com uma linha, em todas as execuções',
  'the value of its key; of a key of several columns, each with its column: id=7 loja=A':
    'o valor da chave; de uma chave de várias colunas, cada um com a coluna: id=7 loja=A',
  'how a table differs between two runs, or a table of a layer between two versions':
    'como uma tabela difere entre duas execuções, ou uma tabela de camada entre duas versões',
  'a table of the source, or of a layer: silver.clientes':
    'uma tabela da fonte, ou de uma camada: silver.clientes',
  'the older run or version': 'a execução ou versão mais antiga',
  'the newer run or version': 'a execução ou versão mais recente',
} as const;

/** What the library that reads arguments says, after the first letter and with a period as all errors have them. */
export const ARGUMENTS = {
  'display help for command': 'mostra a ajuda de um comando',
  'Usage:': 'Uso:',
  '<code>': '<código>',
  '<column>': '<coluna>',
  '<columns>': '<colunas>',
  '<command>': '<comando>',
  '<condition>': '<condição>',
  '<dir>': '<pasta>',
  '<engine>': '<motor>',
  '<file>': '<arquivo>',
  '<folder>': '<pasta>',
  '<format>': '<formato>',
  '<key>': '<chave>',
  '<language>': '<idioma>',
  '<letters>': '<letras>',
  '<level>': '<nível>',
  '<model>': '<modelo>',
  '<models>': '<modelos>',
  '<name>': '<nome>',
  '<name=value>': '<nome=valor>',
  '<names>': '<nomes>',
  '<number>': '<número>',
  '<options>': '<opções>',
  '<path>': '<caminho>',
  '<paths>': '<caminhos>',
  '<run>': '<execução>',
  '<seconds>': '<segundos>',
  '<stages>': '<etapas>',
  '<table>': '<tabela>',
  '<tables>': '<tabelas>',
  '<text>': '<texto>',
  '<time>': '<hora>',
  '<version>': '<versão>',
  'Arguments:': 'Argumentos:',
  'Options:': 'Opções:',
  'Global Options:': 'Opções gerais:',
  'Commands:': 'Comandos:',
  '{} (choices: {}, default: {})': '{} (opções: {}, padrão: {})',
  '{} (choices: {})': '{} (opções: {})',
  '{} (default: {})': '{} (padrão: {})',
  'A command is missing.': 'Falta um comando.',
  "Unknown command '{}'.": "Não há comando '{}'.",
  "Unknown option '{}'.": "Não há opção '{}'.",
  "Option '{}' argument missing.": "Falta o valor da opção '{}'.",
  "Option '{}' argument '{}' is invalid. {s}": "O valor '{2}' da opção '{1}' não serve. {3}",
  "Command-argument value '{}' is invalid for argument '{}'. {s}":
    "O valor '{1}' do argumento '{2}' não serve. {3}",
  "Missing required argument '{}'.": "Falta o argumento '{}'.",
  "Required option '{}' not specified.": "Falta a opção obrigatória '{}'.",
  "Too many arguments for '{}'. Expected {} argument but got {}.":
    "Argumentos demais para '{}': cabe {}, e vieram {}.",
  "Too many arguments for '{}'. Expected {} arguments but got {}.":
    "Argumentos demais para '{}': cabem {}, e vieram {}.",
  'Too many arguments. Expected {} argument but got {}.': 'Argumentos demais: cabe {}, e vieram {}.',
  'Too many arguments. Expected {} arguments but got {}.': 'Argumentos demais: cabem {}, e vieram {}.',
  'Allowed choices are {}.': 'As opções são {}.',
  'Did you mean {}?': 'Seria {}?',
  'Did you mean one of {}?': 'Seria {}?',
  'See: {}': 'Veja: {}',
  'Put the SQL in quotes: igarape query "SELECT …".': 'Ponha o SQL entre aspas: igarape query "SELECT …".',
  'It must be a whole number.': 'Deve ser um número inteiro.',
  'It must be a whole number above 0.': 'Deve ser um número inteiro acima de 0.',
  'It must name at least one.': 'Deve nomear ao menos um.',
  'It must be of {}.': 'Deve ser de {}.',
  'It must be a name and a value: since=2024-01-01.': 'Deve ser um nome e um valor: since=2024-01-01.',
  'It must be a port, 0 to 65535.': 'Deve ser uma porta, de 0 a 65535.',
} as const;
