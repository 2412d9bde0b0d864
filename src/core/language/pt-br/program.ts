/** The program itself: its calls, its configuration. */
export const PROGRAM = {
  '{} names no column and type': '{} não nomeia coluna e tipo',
  'Write --partition day:date,city:string.': 'Escreva --partition day:date,city:string.',
  'It takes a version to restore.': 'Falta a versão a restaurar.',
  'Give --version or --timestamp; see the versions with: igarape delta history':
    'Dê --version ou --timestamp; veja as versões com: igarape delta history',
  '--version and --timestamp do not go together.': '--version e --timestamp não combinam.',
  'Give one of them.': 'Dê um dos dois.',
  'There is no code {}.': 'Não há código {}.',
  'All of them: igarape explain': 'Todos eles: igarape explain',
  'The key of {} is {}; values given: {}.': 'A chave de {} é {}; valores dados: {}.',
  'For example: igarape key {} {}': 'Por exemplo: igarape key {} {}',
  'The SQL is given twice: as an argument, and by --file.':
    'O SQL foi dado duas vezes: como argumento e por --file.',
  'There is no SQL to run.': 'Falta o SQL.',
  'igarape query "SELECT …", --file FILE, or - for what is piped in. A shell for many queries: igarape sql':
    'igarape query "SELECT …", --file ARQUIVO, ou - para o que vem por pipe. Um shell para muitas consultas: igarape sql',
  '{} cannot be read: {s}.': '{} não pode ser lido: {}.',
  'Name a file that holds one query.': 'Nomeie um arquivo que tenha uma consulta.',
  '{} cannot be written: {s}.': '{} não pode ser escrito: {}.',
  'it is a folder': 'é uma pasta',
  'a part of its path is a file': 'uma parte do caminho é um arquivo',
  'a file of this name stands in the way': 'já existe um arquivo com este nome',
  'this user has no right to it': 'este usuário não tem permissão',
  'its disk is read-only': 'o disco é só de leitura',
  'the disk is full': 'o disco está cheio',
  'its name is too long': 'o nome é longo demais',
  'The published files do not give the last snapshot.': 'Os arquivos publicados não dão o último snapshot.',
  '{} {s}, and was left as it is.': '{} {} e ficou como estava.',
  'The demo replaces only a folder that it made: name another one with --lake, or move this one away.':
    'A demonstração só substitui uma pasta que ela mesma fez: nomeie outra com --lake, ou mova esta.',
  'Name the folder that has them: igarape init FOLDER. To begin with a public data set: igarape init --example':
    'Nomeie a pasta que as tem: igarape init PASTA. Para começar com um dataset público: igarape init --example',
  'igarape init asks questions, and there is no terminal to ask on':
    'igarape init faz perguntas, e não há terminal em que perguntar',
  'Take the defaults with `igarape init --yes`.': 'Use os padrões com `igarape init --yes`.',
  '{} exists already in {}; nothing was written': '{} já existe em {}; nada foi escrito',
  'Move it away, or run `igarape init` in another folder.': 'Mova-o, ou rode `igarape init` em outra pasta.',
  'Give this user the right to write there, or run `igarape init` in another folder.':
    'Dê a este usuário o direito de escrever ali, ou rode `igarape init` em outra pasta.',
  'Run `igarape init` again; nothing was written.': 'Rode `igarape init` de novo; nada foi escrito.',
  'Stopped: nothing was written': 'Parado: nada foi escrito',
  'Run `igarape init` again, or `igarape init --yes` for defaults.':
    'Rode `igarape init` de novo, ou `igarape init --yes` para os padrões.',
  'The log {} cannot be written: the disk is full.': 'O log {} não pode ser escrito: o disco está cheio.',
  'Free some space, or set "work_dir" in the configuration to a folder on a larger disk.':
    'Libere espaço, ou ponha "work_dir" na configuração em uma pasta de um disco maior.',
  'The log {} cannot be written: {s}.': 'O log {} não pode ser escrito: {}.',
  'Set "work_dir" in the configuration to a folder that this user may write to.':
    'Ponha "work_dir" na configuração em uma pasta em que este usuário possa escrever.',
  'There is no folder {}, and for a table of a lake by this name no configuration: {s}.':
    'Não há pasta {}, e para uma tabela de um lake com esse nome falta a configuração: {}.',
  'Name the folder that holds _delta_log, or the configuration with --config.':
    'Nomeie a pasta que tem _delta_log, ou a configuração com --config.',
  'There is no folder {}, and no table {} in the lake {}.': 'Não há pasta {}, nem tabela {} no lake {}.',
  'The layers of the lake have no tables yet: igarape run makes them.':
    'As camadas do lake ainda não têm tabelas: igarape run as faz.',
  'The layers of the lake have: {}.': 'As camadas do lake têm: {}.',
  '--format {} does not go with --json.': '--format {} não combina com --json.',
  '--format {} does not go with --out.': '--format {} não combina com --out.',
  'The ending of the file that --out names tells its format; --json is one document.':
    'A extensão do arquivo de --out diz o formato; --json é um só documento.',
  '{} is inside of the lake {}.': '{} fica dentro do lake {}.',
  '{} is inside of the Delta table {}.': '{} fica dentro da tabela Delta {}.',
  'Readers would take it for a part of that: name a place outside of it.':
    'Leitores o tomariam por parte dali: nomeie um lugar fora.',
  '{} cannot be written: there is no folder {}.': '{} não pode ser escrito: não há pasta {}.',
  'Create it first, or name another file.': 'Crie-a antes, ou nomeie outro arquivo.',
  'The ending of {} tells no format.': 'A extensão de {} não diz o formato.',
  'Name a file that ends in {}.': 'Nomeie um arquivo que termine em {}.',
  'The configuration has no timer, which --schedule needs.':
    'A configuração não tem timer, de que --schedule precisa.',
  'Add one, for example "timer": { "unit": "hours", "value": 6 }, or run once without --schedule.':
    'Acrescente um, por exemplo "timer": { "unit": "hours", "value": 6 }, ou rode uma vez sem --schedule.',
  'Stopped by {}: what was not committed yet is dropped.':
    'Parado por {}: o que ainda não foi publicado é descartado.',
  'Nothing is lost: give the same command again to go on.':
    'Nada se perdeu: dê o mesmo comando de novo para continuar.',
  '{} in the environment is not an address': '{} no ambiente não é um endereço',
  'Set {} to an address that begins with http:// or https://, or unset it.':
    'Ponha em {} um endereço que comece com http:// ou https://, ou remova-a.',
  '{} is not JSON at line {}, column {}: {s}': '{} não é JSON na linha {}, coluna {}: {}',
  'Names and texts stand in straight double quotes: "source".':
    'Nomes e textos ficam entre aspas duplas retas: "source".',
  'A backslash is written twice in JSON; a path may have slashes: "C:/data".':
    'Em JSON a barra invertida se escreve duas vezes; um caminho pode ter barras: "C:/data".',
  'Numbers have a decimal point: {}.': 'Números têm ponto decimal: {}.',
  'Correct that place; comments and a comma after the last entry are allowed.':
    'Corrija esse lugar; comentários e uma vírgula depois do último item são permitidos.',
  'There is no {s} in {}': 'Não há {} em {}',
  'igarape.json nor config.json': 'igarape.json nem config.json',
  'Write one with `igarape init`, or name it with --config. `igarape demo` needs none.':
    'Escreva uma com `igarape init`, ou nomeie-a com --config. `igarape demo` não precisa de nenhuma.',
  'Cannot read {}: {s}': '{} não pode ser lido: {}',
  'Make it a file that can be read, in UTF-8.': 'Faça dele um arquivo que possa ser lido, em UTF-8.',
  'Nothing was read or written. docs/configuration.md describes every key.':
    'Nada foi lido nem escrito. docs/configuration.pt-BR.md descreve cada chave.',
  'This is a defect of igarape. Please report it with the log of the run.':
    'Isto é um defeito do igarape. Abra uma issue com o log da execução.',
  'This process may open too few files at once (EMFILE).':
    'Este processo pode abrir poucos arquivos ao mesmo tempo (EMFILE).',
  'Raise the limit, for example with `ulimit -n 1024`, and run again: nothing was lost.':
    'Aumente o limite, por exemplo com `ulimit -n 1024`, e rode de novo: nada se perdeu.',
  'The engine, DuckDB, failed: {}': 'O motor, DuckDB, falhou: {}',
  'This is a defect of the engine at this data. Please report it with the log of the run.':
    'Isto é um defeito do motor com estes dados. Abra uma issue com o log da execução.',
  'Please report it with the log of the run.': 'Abra uma issue com o log da execução.',
  '{} in the environment is no address of a proxy': '{} no ambiente não é o endereço de um proxy',
  'Set it to an address such as http://proxy.example:3128, with user:password@ before the host where it asks for them.':
    'Ponha um endereço como http://proxy.example:3128, com usuário:senha@ antes do host onde ele os pede.',
  'The cron pattern {} never comes due again': 'O padrão de cron {} nunca mais chega a um horário',
  'Give the timer a pattern that has a next time.': 'Dê ao timer um padrão que tenha um próximo horário.',
  'A run or a verification is under way already.': 'Já há uma execução ou verificação em andamento.',
  'Wait for its end, or stop it.': 'Espere o fim dela, ou pare-a.',
  'It was stopped: what was not committed yet is dropped.':
    'Foi parado: o que ainda não estava confirmado é descartado.',
  '{} is no whole number.': '{} não é um número inteiro.',
  'There is no SQL.': 'Falta o SQL.',
  'The request is no JSON object.': 'O pedido não é um objeto JSON.',
  'No port from {} to {} can be opened.': 'Nenhuma porta de {} a {} pode ser aberta.',
  'Name another with --port; with --port 0 the system chooses one.':
    'Nomeie outra com --port; com --port 0 o sistema escolhe uma.',
  'It is no cron pattern': 'Não é um padrão de cron',
  'the {s} {} is none, for it goes from {} to {}': '{} {} não existe, pois vai de {} a {}',
  second: 'o segundo',
  minute: 'o minuto',
  hour: 'a hora',
  day: 'o dia',
  month: 'o mês',
  'day of the week': 'o dia da semana',
  'a cron pattern that comes due, of 5 fields (or 6, seconds first), such as 0 */6 * * *':
    'um padrão de cron com um próximo horário, de 5 campos (ou 6, os segundos antes), como 0 */6 * * *',
  'is missing; allowed: {s}': 'falta; permitido: {}',
  'source, or its short form dataset_name for a Kaggle data set; none where every table has bronze.from':
    'source, ou a forma curta dataset_name para um dataset do Kaggle; nenhum onde toda tabela tem bronze.from',
  'is missing, so nothing would be made of these tables; allowed: ["bronze"] and on':
    'falta, por isso nada seria feito destas tabelas; permitido: ["bronze"] e adiante',
  'source is given too; allowed: one of the two': 'source também foi dado; permitido: um dos dois',
  'lake is given too; allowed: one of the two (with lake, S3 options stand in s3)':
    'lake também foi dado; permitido: um dos dois (com lake, as opções de S3 ficam em s3)',
  'aws is given too; allowed: one of the two (aws takes the same options)':
    'aws também foi dado; permitido: um dos dois (aws aceita as mesmas opções)',
  'compat {} sets the names; allowed: one of the two': 'compat {} define os nomes; permitido: um dos dois',
  'lies in work_dir, which may be removed at any time; allowed: a folder outside of it':
    'fica em work_dir, que pode ser removido a qualquer hora; permitido: uma pasta fora dele',
  'the lake and source.path lie in one another, so what is published would be read as source; allowed: two folders side by side':
    'o lake e source.path ficam um dentro do outro, e o que se publica seria lido como fonte; permitido: duas pastas lado a lado',
  'lies in source.path, so downloads and caches would be read as source; allowed: a folder outside of it':
    'fica em source.path, e downloads e caches seriam lidos como fonte; permitido: uma pasta fora dele',
  'the lake and source.uri lie in one another, so what is published would be read as source; allowed: two prefixes side by side':
    'o lake e source.uri ficam um dentro do outro, e o que se publica seria lido como fonte; permitido: dois prefixos lado a lado',
  'tables[{}] has this name already; allowed: names that differ, in more than case':
    'tables[{}] já tem este nome; permitido: nomes que difiram em mais que maiúsculas',
  'is missing; allowed: a text or a list; none with "mode": "append"':
    'falta; permitido: um texto ou uma lista; nenhum com "mode": "append"',
  'names a column twice; allowed: each once': 'nomeia uma coluna duas vezes; permitido: cada uma uma vez',
  'found "row"; allowed with bronze: columns of the files':
    'encontrado "row"; permitido com bronze: colunas dos arquivos',
  'pk is "row", which counts rows that are alike; allowed: columns for a key':
    'pk é "row", que conta linhas iguais; permitido: colunas para uma chave',
  'pk is "row", and no row of it is updated; allowed: content':
    'pk é "row", e nenhuma linha dela é atualizada; permitido: content',
  'names {}, which is in pk; allowed: columns outside of the key':
    'nomeia {}, que está em pk; permitido: colunas fora da chave',
  '"timestamp" needs a date_field to compare': '"timestamp" precisa de um date_field para comparar',
  'does not go with "mode": "append", where rows are inserted and never compared; allowed: none':
    'não combina com "mode": "append", em que linhas são inseridas e nunca comparadas; permitido: nenhum',
  'has {date}, which makes each file a snapshot of the whole table; allowed with "mode": "append": "*" in its place':
    'tem {date}, que faz de cada arquivo um snapshot da tabela inteira; permitido com "mode": "append": "*" no lugar',
  'is the separator, or in it; allowed: another character':
    'é o separador, ou parte dele; permitido: outro caractere',
  'is sep, quote or escape too; allowed: another character':
    'é também sep, quote ou escape; permitido: outro caractere',
  'by {} and {} one text is two dates; allowed: formats by column':
    'por {} e {} um texto é duas datas; permitido: formatos por coluna',
  'by {} and {} one text is two dates; allowed: one of them':
    'por {} e {} um texto é duas datas; permitido: um dos dois',
  'has {} for true and for false; allowed: each spelling once':
    'tem {} para verdadeiro e para falso; permitido: cada grafia uma vez',
  'is the decimal mark too; allowed: another mark': 'é também a marca decimal; permitido: outra marca',
  'names a column twice, also without regard to case; allowed: names that differ':
    'nomeia uma coluna duas vezes, mesmo sem contar maiúsculas; permitido: nomes que difiram',
  'found {s}; allowed: {s}': 'encontrado: {}; permitido: {}',
  'found {s}; allowed: {s} (did you mean {}?)': 'encontrado: {}; permitido: {} (seria {}?)',
  'one ASCII character that is no blank': 'um caractere ASCII que não seja espaço',
  'a whole number, 0 or more': 'um número inteiro, 0 ou mais',
  'a whole number, 1 or more': 'um número inteiro, 1 ou mais',
  'at least one table': 'ao menos uma tabela',
  'at least one column name': 'ao menos um nome de coluna',
  'at least one pattern': 'ao menos um padrão',
  'at least one format': 'ao menos um formato',
  'at least one spelling': 'ao menos uma grafia',
  'a format such as %d/%m/%Y or %d/%m/%Y %H:%M:%S': 'um formato como %d/%m/%Y ou %d/%m/%Y %H:%M:%S',
  'it is nested more than {} deep': 'tem mais de {} níveis',
  'the file is empty': 'o arquivo está vazio',
  'the key {} stands there twice': 'a chave {} está lá duas vezes',
  'it is not UTF-8 text': 'não é texto em UTF-8',
  'the configuration': 'a configuração',
  '{} has a problem:': '{} tem um problema:',
  '{} has {} problems:': '{} tem {} problemas:',
  'a number of that size as text, in quotes': 'um número desse tamanho como texto, entre aspas',
  'an empty list': 'uma lista vazia',
  'an object': 'um objeto',
  'a list': 'uma lista',
  'a text': 'um texto',
  'a number': 'um número',
  'a whole number': 'um número inteiro',
  'true or false': 'true ou false',
  nothing: 'nada',
  'is missing': 'falta',
  'unknown key; did you mean {}?': 'chave desconhecida; seria {}?',
  'unknown key; credentials belong in the environment or in the .env file beside the configuration':
    'chave desconhecida; credenciais ficam no ambiente ou no arquivo .env ao lado da configuração',
  'unknown key; allowed: {}': 'chave desconhecida; permitido: {}',
  's3://bucket/prefix, where the name of a bucket is of 3 to 63 small letters, digits, dots and hyphens':
    's3://bucket/prefixo, em que o nome de um bucket tem de 3 a 63 letras minúsculas, dígitos, pontos e hifens',
  'a text that is not empty': 'um texto que não esteja vazio',
  'an address that begins with http:// or https://': 'um endereço que comece com http:// ou https://',
  'owner/slug, as the address of its page ends: kaggle.com/datasets/owner/slug':
    'dono/nome, como termina o endereço da página: kaggle.com/datasets/dono/nome',
  'a column name': 'o nome de uma coluna',
  'a role: arn:aws:iam::123456789012:role/name': 'uma role: arn:aws:iam::123456789012:role/nome',
  'AES256, aws:kms or aws:kms:<key id>': 'AES256, aws:kms ou aws:kms:<id da chave>',
  'a storage class that can be read at once: STANDARD, STANDARD_IA, INTELLIGENT_TIERING, GLACIER_IR …':
    'uma classe de armazenamento que se leia na hora: STANDARD, STANDARD_IA, INTELLIGENT_TIERING, GLACIER_IR …',
  'the name of a bucket: 3 to 63 small letters, digits, dots and hyphens':
    'o nome de um bucket: 3 a 63 letras minúsculas, dígitos, pontos e hifens',
  'a number above 0': 'um número acima de 0',
  'a number from 0 to 1': 'um número de 0 a 1',
  'a time zone name such as America/Sao_Paulo or UTC':
    'o nome de um fuso horário, como America/Sao_Paulo ou UTC',
  'a size such as 512MB, 1GB or 1.5GiB': 'um tamanho, como 512MB, 1GB ou 1.5GiB',
  'a whole number of seconds, 1 or more': 'um número inteiro de segundos, a partir de 1',
  'at most 1,000,000 seconds': 'no máximo 1.000.000 de segundos',
  'a path': 'um caminho',
  'a command': 'um comando',
  '1 to 4 characters such as , or ; or \\t': '1 a 4 caracteres, como , ou ; ou \\t',
  'one ASCII character, or "" for none': 'um caractere ASCII, ou "" para nenhum',
  'an encoding: utf-8, latin-1, windows-1252, cp850, utf-16le, utf-16be …':
    'uma codificação: utf-8, latin-1, windows-1252, cp850, utf-16le, utf-16be …',
  'an address that begins with http:// or https://, or with a variable: ${NAME}':
    'um endereço que comece com http:// ou https://, ou com uma variável: ${NOME}',
  'a pattern over the names inside the source, with "/" and without ".."':
    'um padrão sobre os nomes dentro da fonte, com "/" e sem ".."',
  'a pattern over Parquet files, in a folder or under {s}':
    'um padrão sobre arquivos Parquet, em uma pasta ou sob {}',
  'the name of a sheet': 'o nome de uma planilha',
  'the name of a table': 'o nome de uma tabela',
  'a range such as B2, B2:F or B2:F100': 'um intervalo, como B2, B2:F ou B2:F100',
  '"last by <column>" or "first by <column>"': '"last by <coluna>" ou "first by <coluna>"',
  'a version number: 1, 2, 3 …': 'um número de versão: 1, 2, 3 …',
  'three names that differ': 'três nomes que difiram',
  '["bronze"], ["bronze", "silver"] or ["bronze", "silver", "gold"], or none':
    '["bronze"], ["bronze", "silver"] ou ["bronze", "silver", "gold"], ou nenhuma',
  'the id that Databricks shows for it': 'o id que o Databricks mostra',
  'sc://host:port, and after it /;name=value;… of use_ssl, user_id and headers x-…. A token stands in SPARK_REMOTE, in the environment or .env, and goes encrypted, or to this machine alone':
    'sc://host:porta, e depois /;nome=valor;… de use_ssl, user_id e cabeçalhos x-…. Um token fica em SPARK_REMOTE, no ambiente ou no .env, e vai criptografado, ou só para esta máquina',
  'the address of a workspace, such as https://dbc-a1b2.cloud.databricks.com':
    'o endereço de um workspace, como https://dbc-a1b2.cloud.databricks.com',
  'either a "warehouse_id" or a "cluster_id"': 'um "warehouse_id" ou um "cluster_id"',
  or: 'ou',
  and: 'e',
  'a folder or {s}': 'uma pasta ou {}',
  'a name of up to 100 characters that is a safe file name and SQL name: not beginning with "_", "." or "-", not ending in "." or a space, without / \\ : * ? " < > | [ ] { } , or control characters':
    'um nome de até 100 caracteres que sirva de nome de arquivo e em SQL: sem começar com "_", "." ou "-", sem terminar em "." ou espaço, sem / \\ : * ? " < > | [ ] { } , nem caracteres de controle',
  'boolean, bigint, double, decimal(p,s), date, timestamp, timestamptz or text':
    'boolean, bigint, double, decimal(p,s), date, timestamp, timestamptz ou text',
  'There is no table in {s}.': 'Não há tabela em {}.',
  'There is no table in this folder.': 'Não há tabela nesta pasta.',
  'There is no folder {}.': 'Não há a pasta {}.',
  'Seen, and not usable:': 'Visto, e não utilizável:',
  'and {} more': 'e mais {}',
  '{} tables were found before': '{} tabelas foram achadas antes',
  '{} has the same name': '{} tem o mesmo nome',
  'it holds a file that may be a table: {}': 'tem um arquivo que pode ser uma tabela: {}',
  'it holds {} files that may be tables: {}': 'tem {} arquivos que podem ser tabelas: {}',
  'its name cannot be a table name': 'o nome não serve para uma tabela',
  'it holds no rows': 'não tem linhas',
  'its ending is that of no kind of table that is read':
    'a extensão não é de nenhum tipo de tabela que se lê',
  'it is text without columns': 'é texto sem colunas',
  'it cannot be read: {s}': 'não pode ser lido: {}',
  'This is a defect of igarape. Please report it with the log: {}':
    'Isto é um defeito do igarape. Abra uma issue com o log: {}',
  '{s} The run goes on without it.': '{} A execução segue sem ele.',
  'holds {} other files': 'tem {} outros arquivos',
  'cannot be used: {s}': 'não pode ser usada: {}',
  '{s} (line {}, column {})': '{} (linha {}, coluna {})',
  'the configuration: {s}': 'a configuração: {}',
  '{}: line {}: {s}': '{}: linha {}: {}',
  'flat or nested': 'flat ou nested',
  'this folder': 'esta pasta',
  'it is an archive, which may be the source itself: igarape init, with its path':
    'é um arquivo compactado, que pode ser a própria fonte: igarape init, com o caminho dele',
  'invalid symbol': 'símbolo inválido',
  'invalid number format': 'número malformado',
  'property name expected': 'falta o nome de uma chave',
  'value expected': 'falta um valor',
  'colon expected': 'falta um dois-pontos',
  'comma expected': 'falta uma vírgula',
  'close brace expected': 'falta fechar uma chave',
  'close bracket expected': 'falta fechar um colchete',
  'end of file expected': 'há mais texto depois do fim',
  'unexpected end of string': 'um texto termina antes da aspa',
  'unexpected end of comment': 'um comentário não termina',
  'unexpected end of number': 'um número não termina',
  'invalid unicode': 'Unicode inválido',
  'invalid escape character': 'escape inválido',
  'invalid character': 'caractere inválido',
  // The page's server.
  'It is too long.': 'É longo demais.',
  'There is no such address.': 'Não há tal endereço.',
  'The server is not called by this name.': 'O servidor não se chama por este nome.',
  'The request is of another site.': 'O pedido vem de outro site.',
  'The request is of another origin.': 'O pedido vem de outra origem.',
  'It takes JSON.': 'Ele aceita JSON.',
  'It takes GET and POST.': 'Ele aceita GET e POST.',
  'The address is of another start of igarape ui.': 'O endereço é de outro início de igarape ui.',
  'The page has no session.': 'A página não tem sessão.',
  'Open the address that igarape ui has printed.': 'Abra o endereço que igarape ui mostrou.',
  'This page only reads.': 'Esta página só lê.',
  'Why is not told here, for the report has no values of rows: igarape status tells it.':
    'O motivo não está aqui, pois o relatório não tem valores de linhas: igarape status o diz.',
  'igarape ui --allow-run lets it run.': 'Com igarape ui --allow-run, ela pode executar.',
} as const;
