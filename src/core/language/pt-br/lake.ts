/** The lake: ledger, runs, queries, `verify`, `doctor`. */
export const LAKE = {
  'The work does not fit in memory_limit: {}': 'O trabalho não cabe em memory_limit: {}',
  'Raise memory_limit in the configuration and run again: nothing was lost.':
    'Aumente memory_limit na configuração e rode de novo: nada se perdeu.',
  'Free some space, or point work_dir to a larger disk, and run again: nothing was lost.':
    'Libere espaço, ou ponha work_dir em um disco maior, e rode de novo: nada se perdeu.',
  '{} has no rows of {} as a whole, and its values may not be added up.':
    '{} não tem linhas de {} para o todo, e os valores não podem ser somados.',
  '{} has no rows of {} by {} alone, and its values may not be added up.':
    '{} não tem linhas de {} só por {}, e os valores não podem ser somados.',
  'The columns of each cube, and what they may be added up over: igarape ui shows them.':
    'As colunas de cada cubo, e sobre o que podem ser somadas: igarape ui mostra.',
  'The key of {} is {}.': 'A chave de {} é {}.',
  'Run {} has published nothing of {}.': 'A execução {} não publicou nada de {}.',
  'Runs that have: {}.': 'Execuções que publicaram: {}.',
  'The lake has no table {}.': 'O lake não tem tabela {}.',
  'The lake has no table {} of the source.': 'O lake não tem tabela {} da fonte.',
  'It has no runs yet: igarape run makes one.': 'Ele ainda não tem execuções: igarape run faz uma.',
  'Its tables are: {}.': 'As tabelas são: {}.',
  '{} has no column {}.': '{} não tem coluna {}.',
  '{} comes after {}.': '{} vem depois de {}.',
  'Name the older run or version as --from.': 'Nomeie a execução ou versão mais antiga em --from.',
  "{} holds {s} under full-load/ and cdc/ that igarape did not write (the newest: {}, of {}); whoever reads there would mix them with the lake's.":
    '{} tem {} em full-load/ e cdc/ que o igarape não escreveu (o mais recente: {}, de {}); quem lê ali os misturaria com os do lake.',
  'Give the lake another folder or prefix. Readers of the layout that another program wrote go on there with "layout": "nested" and "compat": "op". Where nobody reads these files any more: igarape run --adopt-prefix.':
    'Dê ao lake outra pasta ou prefixo. Leitores do layout que outro programa escreveu continuam ali com "layout": "nested" e "compat": "op". Onde ninguém mais lê esses arquivos: igarape run --adopt-prefix.',
  '{} was written by a newer igarape ({}).': '{} foi escrito por um igarape mais novo ({}).',
  'Update igarape, then run again. Nothing was changed.': 'Atualize o igarape e rode de novo. Nada mudou.',
  'The ledger entry {} cannot be read: {s}.': 'A entrada {} do registro (ledger) não pode ser lida: {}.',
  'Restore the object from a copy of the lake; nothing was changed.':
    'Restaure o objeto de uma cópia do lake; nada mudou.',
  'The ledger entry {}/{} is missing.': 'A entrada {}/{} do registro (ledger) sumiu.',
  'The SQL cannot be parsed: {s}.': 'O SQL não pode ser entendido: {}.',
  'The SQL cannot be parsed: {s} (character {n}).': 'O SQL não pode ser entendido: {} (caractere {}).',
  'Queries are in the SQL of DuckDB. A name for the table stands before its version: FROM silver.t AS before AT (VERSION => 3).':
    'Consultas são no SQL do DuckDB. Um nome para a tabela vem antes da versão: FROM silver.t AS before AT (VERSION => 3).',
  'Queries are in the SQL of DuckDB. Put the whole statement in quotes for the shell.':
    'Consultas são no SQL do DuckDB. Para o shell, ponha o comando inteiro entre aspas.',
  'A query is one SELECT statement, and {s}.': 'Uma consulta é um só SELECT, e {}.',
  'Queries only read: a lake is changed by its runs alone. PIVOT goes into a FROM clause, with its values listed.':
    'Consultas só leem: um lake só muda por suas execuções. PIVOT vai em uma cláusula FROM, com seus valores listados.',
  'AT names no time of {}.{} that can be read.': 'AT não nomeia uma hora de {}.{} que possa ser lida.',
  'AT names no version of {}.{} that can be read.': 'AT não nomeia uma versão de {}.{} que possa ser lida.',
  "Write AT (VERSION => 3) or AT (TIMESTAMP => '2025-10-04 12:00:00').":
    "Escreva AT (VERSION => 3) ou AT (TIMESTAMP => '2025-10-04 12:00:00').",
  '{} takes no AT.': '{} não aceita AT.',
  'Tables of the layers have versions: bronze.{} AT (VERSION => 3). Of a table of the change files, run_3.{} is its state after run 3.':
    'Tabelas das camadas têm versões: bronze.{} AT (VERSION => 3). De uma tabela dos arquivos de mudanças, run_3.{} é o estado depois da execução 3.',
  'Only files and folders that there are can be allowed to a query.':
    'Só arquivos e pastas que existem podem ser permitidos a uma consulta.',
  'Queries are in the SQL of DuckDB: https://duckdb.org/docs/sql/introduction':
    'Consultas são no SQL do DuckDB: https://duckdb.org/docs/sql/introduction',
  'A query may not call {}().': 'Uma consulta não pode chamar {}().',
  'A query reads the tables of the lake. Name the other files or folders that it may read: --allow-files data/extra.csv':
    'Uma consulta lê as tabelas do lake. Nomeie os outros arquivos ou pastas que ela pode ler: --allow-files data/extra.csv',
  'A query reads the tables of the lake, and is no way to this process. Beside tables, FROM takes {}.':
    'Uma consulta lê as tabelas do lake, e não dá acesso a este processo. Além de tabelas, FROM aceita {}.',
  'A query reads the tables of the lake, and is no way to this process.':
    'Uma consulta lê as tabelas do lake, e não dá acesso a este processo.',
  'Tables are named as clientes, run_3.clientes, cdc.clientes or silver.clientes.':
    'Tabelas se chamam clientes, run_3.clientes, cdc.clientes ou silver.clientes.',
  'The lake has no run {}.': 'O lake não tem execução {}.',
  'Its runs are 0 to {}: igarape history shows them.':
    'As execuções vão de 0 a {}: igarape history as mostra.',
  '{}/{} holds other bytes than the ledger says.': '{}/{} tem outros bytes do que diz o registro (ledger).',
  'Move the foreign file out of the lake and run again: the committed one is still staged.':
    'Tire do lake o arquivo estranho e rode de novo: o publicado ainda está em preparo.',
  '{}/{}, a committed file of {}, is gone.': '{}/{}, um arquivo publicado de {}, sumiu.',
  'Run "igarape verify" to see what is missing and restore it from a copy of the lake.':
    'Rode "igarape verify" para ver o que falta, e restaure-o de uma cópia do lake.',
  "{} is damaged: the table's last snapshot cannot be read.":
    '{} está danificado: o último snapshot da tabela não pode ser lido.',
  'Restore it from a copy of the lake, or start the table anew: igarape run --reload, with its name.':
    'Restaure-o de uma cópia do lake, ou recomece a tabela: igarape run --reload, com o nome dela.',
  '{}/{}, which this run had staged, is gone.': '{}/{}, que esta execução tinha preparado, sumiu.',
  'Nothing was published. Run again; let nothing else clean up below _igarape/.':
    'Nada foi publicado. Rode de novo; não deixe outra coisa limpar abaixo de _igarape/.',
  'The list {}/{} cannot be read.': 'A lista {}/{} não pode ser lida.',
  'Restore the object from a copy of the lake, or start the table anew with --reload.':
    'Restaure o objeto de uma cópia do lake, ou recomece a tabela com --reload.',
  '{} is not a table of gold with dates.': '{} não é uma tabela gold com datas.',
  'Models are asked for, and only stages without models.': 'Pedem-se modelos, e só etapas sem modelos.',
  'Models are of silver and gold: leave --only or --models out.':
    'Modelos são de silver e gold: tire --only ou --models.',
  'The SQL has quotes as word processors write them: texts stand in straight single ones, names in straight double ones.':
    'O SQL tem aspas como as de processadores de texto: textos ficam entre aspas simples retas, nomes entre duplas retas.',
  'The dates of a gold table need an end.': 'As datas de uma tabela gold precisam de um fim.',
  'Give --to, e.g. igarape backfill {} --from {} --to 2025-10-04. Both dates are included.':
    'Dê --to, por exemplo igarape backfill {} --from {} --to 2025-10-04. As duas datas entram.',
  '{} is no date of a snapshot.': '{} não é a data de um snapshot.',
  'Give it as 2024-01-31, 2024-01 or 2024: the tables have {date} in their "file".':
    'Dê-a como 2024-01-31, 2024-01 ou 2024: as tabelas têm {date} em "file".',
  'The configuration names no source whose past could be filled in.':
    'A configuração não nomeia uma fonte cujo passado possa ser preenchido.',
  'Tables that files of others feed are made by igarape run.':
    'Tabelas alimentadas por arquivos de outros são feitas por igarape run.',
  'The source {} has no version {}.': 'A fonte {} não tem versão {}.',
  'It has no versions yet.': 'Ela ainda não tem versões.',
  'It has the versions {} to {}.': 'Ela tem as versões {} a {}.',
  'The version {} comes before the version {}.': 'A versão {} vem antes da versão {}.',
  'Give the older version with --from and the newer one with --to.':
    'Dê a versão mais antiga em --from e a mais nova em --to.',
  'The lake {} has {} runs already.': 'O lake {} já tem {} execuções.',
  'The query was broken off after {} seconds.': 'A consulta foi interrompida depois de {} segundos.',
  'Ask for less, or allow more time: --timeout SECONDS, or "query_timeout" in the configuration.':
    'Peça menos, ou permita mais tempo: --timeout SEGUNDOS, ou "query_timeout" na configuração.',
  'The query was broken off: it took more than {} MB, twice memory_limit.':
    'A consulta foi interrompida: ela tomou mais de {} MB, o dobro de memory_limit.',
  'Ask for less at once, such as shorter lists, or raise memory_limit in the configuration.':
    'Peça menos de uma vez, como listas mais curtas, ou aumente memory_limit na configuração.',
  "Nothing was folded, for what is published does not give the lake's state: {s}.":
    'Nada foi compactado, pois o que está publicado não dá o estado do lake: {}.',
  'igarape verify shows all of it. Restore the files from a copy of the lake.':
    'igarape verify mostra tudo. Restaure os arquivos de uma cópia do lake.',
  'Of the rows that the lake has of {}, {} have no value in the new key.':
    'Das linhas que o lake tem de {}, {} não têm valor na nova chave.',
  'The rows that the lake has of {} are not unique under the new key.':
    'As linhas que o lake tem de {} não são únicas sob a nova chave.',
  'The column {} of the key would change from {} to {}, in which keys that are published may be the same, or none.':
    'A coluna {} da chave mudaria de {} para {}, em que chaves publicadas podem ser a mesma, ou nenhuma.',
  'Give it the type {} in "types", or start the table anew: igarape run --reload {}':
    'Dê a ela o tipo {} em "types", ou recomece a tabela: igarape run --reload {}',
  'Start the table anew: igarape run --reload {}': 'Recomece a tabela: igarape run --reload {}',
  'There is no table {} in the configuration.': 'Não há tabela {} na configuração.',
  'The tables are: {}.': 'As tabelas são: {}.',
  'The store of {} ignores "If-None-Match: *".': 'O armazenamento de {} ignora "If-None-Match: *".',
  'Use a store that honours conditional writes, as Amazon S3, MinIO and SeaweedFS do, or a local folder.':
    'Use um que respeite escritas condicionais, como Amazon S3, MinIO e SeaweedFS, ou uma pasta local.',
  '{} gave back other bytes than were stored.': '{} devolveu outros bytes do que os guardados.',
  'Check the store, and whatever stands between it and this machine.':
    'Confira o armazenamento, e o que houver entre ele e esta máquina.',
  '{} does not show an object that was just stored.': '{} não mostra um objeto que acabou de ser guardado.',
  'Check the store: a lake needs one in which a write is seen at once.':
    'Confira o armazenamento: um lake precisa de um em que uma escrita é vista na hora.',
  '{s}, and stores refuse such requests.': '{}, e armazenamentos recusam tais pedidos.',
  'The lake is fed from {}, and the configuration says {}.':
    'O lake é alimentado por {}, e a configuração diz {}.',
  'Give each source a lake of its own: change "lake", or set "source" back.':
    'Dê a cada fonte um lake próprio: mude "lake", ou volte "source" ao que era.',
  'Node.js {} is not one that igarape is tested with.': 'O igarape não é testado com Node.js {}.',
  'Install Node.js 22 or later, or 20.19 or later within 20.':
    'Instale Node.js 22 ou mais novo, ou 20.19 ou mais novo dentro do 20.',
  'The work folder {} cannot be written to: {s}.': 'Na pasta de trabalho {} não se pode escrever: {}.',
  'The disk is as good as full: {s}.': 'O disco está praticamente cheio: {}.',
  'Set "file" of each such table so that exactly one file of the source matches, or to a pattern with "*" whose matches are the table together.':
    'Em cada tabela dessas, ponha em "file" um padrão que case com exatamente um arquivo da fonte, ou um com "*" cujos arquivos juntos são a tabela.',
  '{} is made by {s}: the next run would make it again.':
    'Quem faz {} é {}: a próxima execução a faria de novo.',
  'The lake has no table {} that nothing makes any more.': 'O lake não tem tabela {} que nada mais faça.',
  'Remove its model or its file first, or the table from the configuration.':
    'Remova antes o modelo ou o arquivo dela, ou a tabela da configuração.',
  'Every table of its layers has a model, or is in the configuration.':
    'Toda tabela das camadas tem um modelo, ou está na configuração.',
  'The lake {} is fed from {}, and the configuration says {}.':
    'O lake {} é alimentado por {}, e a configuração diz {}.',
  'Give each source a lake of its own: change "lake", or set "source" back. Where the same files have only moved: igarape run --source-moved':
    'Dê a cada fonte um lake próprio: mude "lake", ou volte "source" ao que era. Onde os mesmos arquivos só mudaram de lugar: igarape run --source-moved',
  'The source {} keeps no past versions.': 'A fonte {} não guarda versões passadas.',
  'Only Kaggle data sets, and tables whose "file" has {date} in it, can be filled from the past.':
    'Só datasets do Kaggle, e tabelas com {date} em "file", podem ser preenchidos com o passado.',
  'Several files match {}: {}.': 'Vários arquivos casam com {}: {}.',
  'Set "file" of the table {} so that only one matches; or, where the table is all of them together, to a pattern that says so by "*", as "{}_*.csv" or "*/{}.csv" does.':
    'Em "file" da tabela {}, ponha um padrão que case com um só; ou, onde a tabela é todos juntos, um que o diga com "*", como "{}_*.csv" ou "*/{}.csv".',
  'The lake has {} as a table of another mode.': 'O lake tem {} como tabela de outro modo.',
  'Set "mode" back, or start the table anew: igarape run --reload {}':
    'Volte "mode" ao que era, ou recomece a tabela: igarape run --reload {}',
  'The type of {} would change from {} to {}, and the rows that were taken before are not read again.':
    'O tipo de {} mudaria de {} para {}, e as linhas já lidas não são lidas de novo.',
  'The type of {} would change from {} to {}, for {}, and the rows that were taken before are not read again.':
    'O tipo de {} mudaria de {} para {}, por {}, e as linhas já lidas não são lidas de novo.',
  'Have the source corrected; or give the column its type in "types" and start the table anew: igarape run --reload {}':
    'Peça a correção da fonte; ou dê à coluna o tipo em "types" e recomece a tabela: igarape run --reload {}',
  '{}{s} was taken before, and has changed since in other ways than by lines at its end.':
    '{}{} já foi lido, e mudou desde então de outro modo que por linhas no fim.',
  'Put the file back, or new rows into a file of another name. To take all files anew: igarape run --reload {}':
    'Ponha o arquivo de volta, ou as linhas novas em um arquivo de outro nome. Para ler tudo de novo: igarape run --reload {}',
  '{}{s} has grown since it was taken, and is to be read by other options than it was then: which of its rows are new cannot be told.':
    '{}{} cresceu desde que foi lido, e é para ser lido com outras opções que então: não dá para saber quais linhas são novas.',
  'Set the options of the table back, or put new rows into a file of another name. To take all files anew: igarape run --reload {}':
    'Volte as opções da tabela ao que eram, ou ponha as linhas novas em um arquivo de outro nome. Para ler tudo de novo: igarape run --reload {}',
  'No file of this version matches {}.': 'Nenhum arquivo desta versão casa com {}.',
  'The table {} keeps its last state and is compared with it when it comes back.':
    'A tabela {} guarda seu último estado, e é comparada com ele quando voltar.',
  'Set "file" of the table {} to the name of its file.':
    'Ponha em "file" da tabela {} o nome do arquivo dela.',
  'There is no model {}.': 'Não há modelo {}.',
  '{} is of a layer that is not asked for.': '{} é de uma camada que não foi pedida.',
  'Name its layer in "layers" of the configuration, and in --only.':
    'Nomeie a camada em "layers" da configuração, e em --only.',
  '{} ({}, would fit {})': '{} ({}, caberia em {})',
  '{} ({}, {} line {n})': '{} ({}, {} linha {})',
  '{} ({}, {} line {n}, would fit {})': '{} ({}, {} linha {}, caberia em {})',
  '{}: values do not fit the type that "types" gives their column: {s}.':
    '{}: há valores que não cabem no tipo que "types" dá à coluna: {}.',
  'Give these columns another type, or none, in "types" of the table.':
    'Dê a essas colunas outro tipo, ou nenhum, em "types" da tabela.',
  'the value {} of the column {} fits no "date_format" of the table ({})':
    'o valor {} da coluna {} não cabe em nenhum "date_format" da tabela ({})',
  'the value {} of the column {} fits no "date_format" of the table ({}); it would fit {}':
    'o valor {} da coluna {} não cabe em nenhum "date_format" da tabela ({}); caberia em {}',
  'Add its format to "date_format" of the table; or, where it is no column of dates, set "types": {{}: "text"}.':
    'Acrescente o formato a "date_format" da tabela; ou, se a coluna não é de datas, ponha "types": {{}: "text"}.',
  'Another run has committed run {} to {} meanwhile; this one has published nothing.':
    'Outra execução publicou nesse meio-tempo a execução {} em {}; esta não publicou nada.',
  'Let one schedule feed a lake. The next run goes on from there.':
    'Deixe um só agendamento alimentar um lake. A próxima execução segue dali.',
  'The store of {} ignores "If-None-Match: *", so two runs at once could both publish.':
    'O armazenamento de {} ignora "If-None-Match: *", de modo que duas execuções ao mesmo tempo poderiam publicar as duas.',
  '{}: change files add a column named {} themselves.':
    '{}: arquivos de mudanças já acrescentam uma coluna chamada {}.',
  'Give the columns that they add other names with "cdc_columns" (which goes without "compat").':
    'Dê outros nomes às colunas que eles acrescentam com "cdc_columns" (que não combina com "compat").',
  '{}: the column {} of "{}" is not there; {s}the columns are {}.':
    '{}: a coluna {} de "{}" não está lá; {}as colunas são {}.',
  'Several columns are a list: "{}": [{}].': 'Várias colunas são uma lista: "{}": [{}].',
  'Check "{}" of the table {}, and the "file" that it is read from.':
    'Confira "{}" da tabela {}, e "file", de onde ela é lida.',
  'Check "{}" of the table {}, and the "sheet" and "range" that it is read from.':
    'Confira "{}" da tabela {}, e "sheet" e "range", de onde ela é lida.',
  'Check "{}" of the table {}, and the "table" of the database that it is read from.':
    'Confira "{}" da tabela {}, e "table" do banco de dados de onde ela é lida.',
  'Check "{}" and "sep" of the table {}, and that the file begins with its header ("header": false where it has none).':
    'Confira "{}" e "sep" da tabela {}, e que o arquivo comece com o cabeçalho ("header": false onde não há).',
  '{}: its file cannot be read: {s}.': '{}: o arquivo não pode ser lido: {}.',
  'Check the file and the disk that holds it, and fetch it again where it is damaged; the table keeps its last state.':
    'Confira o arquivo e o disco em que está, e baixe-o de novo se estiver danificado; a tabela guarda seu último estado.',
  'It has no tables yet: igarape run makes them.': 'Ele ainda não tem tabelas: igarape run as faz.',
  'It has: {}.': 'Ele tem: {}.',
  'The lake {} has no runs yet.': 'O lake {} ainda não tem execuções.',
  'Check "lake" in the configuration, or begin with: igarape run':
    'Confira "lake" na configuração, ou comece com: igarape run',
  'The disk is full: {} could not be written': 'O disco está cheio: {} não pôde ser escrito',
  'The disk is full: {}': 'O disco está cheio: {}',
  'The lake has no cube {}.': 'O lake não tem cubo {}.',
  '{} has no measure {}.': '{} não tem medida {}.',
  'at least {} files': 'ao menos {} arquivos',
  '{} files': '{} arquivos',
  '1 file': '1 arquivo',
  'it is not JSON': 'não é JSON',
  'it has no part': 'falta uma parte',
  'it goes on from a state that the ledger does not have':
    'segue de um estado que o registro (ledger) não tem',
  'there is none': 'não há nenhum',
  'there are {}': 'há {}',
  'this is something else': 'isto é outra coisa',
  'The lake has no tables yet: igarape run fills it.': 'O lake ainda não tem tabelas: igarape run o enche.',
  'In its layers are: {}.': 'Nas camadas há: {}.',
  'Did you mean {}?': 'Seria {}?',
  '{} is committed and not visible yet: the next run finishes that':
    '{} está publicado e ainda não visível: a próxima execução termina isso',
  '{} is gone': '{} sumiu',
  '{} has {} bytes where the ledger says {}': '{} tem {} bytes, e o registro (ledger) diz {}',
  '{} is not the file that was published (its SHA-256 differs)':
    '{} não é o arquivo que foi publicado (o SHA-256 difere)',
  '{}, a part of the base, is gone': '{}, uma parte da base, sumiu',
  'the base has {} rows where the ledger says {}': 'a base tem {} linhas, e o registro (ledger) diz {}',
  '{} row differs between replay and base, for example {}':
    '{} linha difere entre o replay e a base, por exemplo {}',
  '{} rows differ between replay and base, for example {}':
    '{} linhas diferem entre o replay e a base, por exemplo {}',
  'replay gives {} rows where the base has {}': 'o replay dá {} linhas, e a base tem {}',
  'the files cannot be replayed: {s}': 'os arquivos não podem ser reaplicados: {}',
  'Let the clock be set by a time server: times in the lake are this machine’s.':
    'Deixe um servidor de hora acertar o relógio: as horas no lake são as desta máquina.',
  'Correct these names in the configuration, unless the source is about to bring them.':
    'Corrija esses nomes na configuração, a não ser que a fonte esteja para trazê-los.',
  "AWS's client for S3 gets no more updates for Node.js 20 from January 2027 on: plan for Node.js 22 or later.":
    'O cliente da AWS para S3 não recebe mais atualizações para Node.js 20 a partir de janeiro de 2027: planeje Node.js 22 ou mais novo.',
  'That is little: downloads, and work that does not fit in memory, go there.':
    'É pouco: downloads, e o trabalho que não cabe na memória, vão para lá.',
  'No model has dates, which "-- dt_ref" in its header would give it.':
    'Nenhum modelo tem datas, que "-- dt_ref" no cabeçalho lhe daria.',
  'Name one: {}.': 'Nomeie uma: {}.',
  'Name another lake in the configuration: history can only be filled in before the first run.':
    'Nomeie outro lake na configuração: a história só pode ser preenchida antes da primeira execução.',
  'An interrupted backfill goes on with the same beginning: igarape backfill --from {}':
    'Um backfill interrompido continua com o mesmo começo: igarape backfill --from {}',
  'a file beside the models': 'um arquivo ao lado dos modelos',
  'The source has no files at all.': 'A fonte não tem nenhum arquivo.',
  'The source has {}. Did you mean {}?': 'A fonte tem {}. Seria {}?',
  'The source has {}.': 'A fonte tem {}.',
  'did you mean {}? the columns are {}': 'seria {}? as colunas são {}',
  'bronze.{} has had no rows yet, so that the types of its columns are not known: {s}':
    'bronze.{} ainda não teve linhas, por isso os tipos das colunas não são conhecidos: {}',
  'The configuration has problems:': 'A configuração tem problemas:',
  'Its tables at run {} are: {}.': 'As tabelas na execução {} são: {}.',
  'Each is there as run_0.{} (its state at a run), cdc.{} (all its changes) and full_load.{}, too.':
    'Cada uma também existe como run_0.{} (o estado em uma execução), cdc.{} (todas as mudanças) e full_load.{}.',
  'There are: none.': 'Não há nenhum.',
  'a file': 'um arquivo',
} as const;
