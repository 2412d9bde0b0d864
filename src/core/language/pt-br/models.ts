/** Models and the layers. */
export const MODELS = {
  'Another run has committed batch {} of the change files of {}; this one has changed nothing.':
    'Outra execução publicou o lote {} dos arquivos de mudanças de {}; esta não mudou nada.',
  'Run again: what the other one has taken is not taken twice.':
    'Rode de novo: o que a outra levou não é levado duas vezes.',
  '{}/{} was written by a newer igarape.': '{}/{} foi escrito por um igarape mais novo.',
  'The batch of change files {}/{} cannot be read: {s}.':
    'O lote de arquivos de mudanças {}/{} não pode ser lido: {}.',
  '{}: it has a column named {}.': '{}: tem uma coluna chamada {}.',
  'The rows of a file are counted under this name. Write the file anew with another one.':
    'As linhas de um arquivo são contadas sob esse nome. Escreva o arquivo de novo com outro.',
  '{}: the column {} of "{}" is not there; the columns are {}.':
    '{}: a coluna {} de "{}" não está lá; as colunas são {}.',
  'Nothing was taken from this batch. Check "{}" and "bronze.from" of the table.':
    'Nada foi lido deste lote. Confira "{}" e "bronze.from" da tabela.',
  '{} is gone: it told which changes of {} are the newest.':
    '{} sumiu: dizia quais mudanças de {} são as mais recentes.',
  'Restore it from a copy of the lake, or read all files again: igarape run --only bronze --tables {} --full-refresh.':
    'Restaure-o de uma cópia do lake, ou leia de novo todos os arquivos: igarape run --only bronze --tables {} --full-refresh.',
  'bronze.{} lacks change files that were taken in: it is gone, or was put back to an older state.':
    'bronze.{} não tem arquivos de mudanças que já entraram: sumiu, ou voltou a um estado antigo.',
  'Run again if another run works on this lake; else read all files again: igarape run --only bronze --tables {} --full-refresh.':
    'Rode de novo se outra execução trabalha neste lake; senão leia de novo todos os arquivos: igarape run --only bronze --tables {} --full-refresh.',
  '{}: the column {} is {}, and {} in the table: no type keeps both.':
    '{}: a coluna {} é {}, e na tabela {}: nenhum tipo guarda os dois.',
  'Nothing was taken from this batch. Write the file anew with the recorded type, or move it away.':
    'Nada foi lido deste lote. Escreva o arquivo de novo com o tipo registrado, ou mova-o.',
  'The bronze table {} was made otherwise: {s}.': 'A tabela bronze {} foi feita de outro modo: {}.',
  'Set it back, or read all files again: igarape run --only bronze --tables {} --full-refresh. Nothing was changed.':
    'Volte ao que era, ou leia de novo todos os arquivos: igarape run --only bronze --tables {} --full-refresh. Nada mudou.',
  'bronze.{}: the column {} has whole numbers of more than 15 digits, and new files have fractions in it: no type keeps both.':
    'bronze.{}: a coluna {} tem números inteiros de mais de 15 dígitos, e arquivos novos têm frações nela: nenhum tipo guarda os dois.',
  'Nothing was taken from this batch. Write the new files with decimals, or move them away.':
    'Nada foi lido deste lote. Escreva os arquivos novos com decimais, ou mova-os.',
  '{}: the column {} has a name that tables of the layers need for themselves.':
    '{}: a coluna {} tem um nome de que as tabelas das camadas precisam para si.',
  'Rename it at its source; of a CSV file "columns" gives all columns their names.':
    'Dê outro nome a ela na fonte; de um arquivo CSV, "columns" dá os nomes de todas as colunas.',
  'Rename it at its source, or by "columns" of a CSV file, then start the table anew: igarape run --reload {}':
    'Dê outro nome a ela na fonte, ou por "columns" de um arquivo CSV, e recomece a tabela: igarape run --reload {}',
  'Rename it in the file.': 'Dê outro nome a ela no arquivo.',
  'Write the file anew with another name in its place.': 'Escreva o arquivo de novo com outro nome no lugar.',
  "{}: its key column {} is none of its SELECT's.": '{}: sua coluna de chave {} não está no SELECT.',
  'The SELECT has: {}.': 'O SELECT tem: {}.',
  'Correct the SELECT of the model.': 'Corrija o SELECT do modelo.',
  'Give its columns different names, and types that Delta tables have, e.g. by CAST.':
    'Dê às colunas nomes diferentes, e tipos que tabelas Delta têm, por exemplo com CAST.',
  'it is not one SELECT': 'não é um só SELECT',
  '{} cannot be checked by {}: {s}.': '{} não pode ser conferida por {}: {}.',
  'Correct the check in the header of the model.': 'Corrija a verificação no cabeçalho do modelo.',
  '{} was made by another model than {} is now.': '{} foi feita por outro modelo do que {} é agora.',
  'Make it anew with its changed model first: igarape run --models {}':
    'Refaça-a antes com o modelo mudado: igarape run --models {}',
  "{} was made from version {} of {} meanwhile, which is newer than the backfill's.":
    '{} foi feita nesse meio-tempo da versão {} de {}, mais nova que a do backfill.',
  'What was committed stays. Run the backfill again.': 'O que foi gravado fica. Rode o backfill de novo.',
  '{} is no date.': '{} não é uma data.',
  'Dates are written as 2024-02-01.': 'Datas se escrevem como 2024-02-01.',
  'The range from {} to {} ends before it begins.': 'O intervalo de {} a {} termina antes de começar.',
  'Both dates are computed: for one day give it twice.':
    'As duas datas são calculadas: para um dia, dê-o duas vezes.',
  '{}: of {} the SELECT gives a row whose {} is {}.': '{}: de {} o SELECT dá uma linha cujo {} é {}.',
  'Select $dt_ref AS {}, or leave the column out: it is added.':
    'Selecione $dt_ref AS {}, ou tire a coluna: ela é acrescentada.',
  '{}: dt_ref: no source has a column {}.': '{}: dt_ref: nenhuma fonte tem a coluna {}.',
  'It has to be a column of {}.': 'Deve ser uma coluna de {}.',
  '{}: dt_ref: {} may be several columns.': '{}: dt_ref: {} pode ser várias colunas.',
  'Say which: {}.': 'Diga qual: {}.',
  '{}: dt_ref: {}.{} is {}, not a date or time.': '{}: dt_ref: {}.{} é {}, e não uma data ou hora.',
  'Cast it to DATE in the silver model.': 'Converta-a para DATE no modelo silver.',
  'The lake has no table {} yet.': 'O lake ainda não tem a tabela {}.',
  'igarape run makes it, where the configuration names its layer.':
    'igarape run a faz, onde a configuração nomeia a camada dela.',
  'Cannot read models from {}: {s}': 'Os modelos de {} não podem ser lidos: {}',
  'No model was run. docs/lakehouse.md describes models and their headers.':
    'Nenhum modelo foi rodado. docs/lakehouse.pt-BR.md descreve modelos e seus cabeçalhos.',
  'No model has the folder {}': 'Nenhum modelo está na pasta {}',
  'No model has the tag {}': 'Nenhum modelo tem a tag {}',
  'There is no model {}': 'Não há modelo {}',
  'There are: {}.': 'Há: {}.',
  'The lake has no table {}.{}.': 'O lake não tem tabela {}.{}.',
  'Its layers have no tables yet: igarape run makes them, where the configuration names layers.':
    'As camadas dele ainda não têm tabelas: igarape run as faz, onde a configuração nomeia camadas.',
  'Its layers have: {}.': 'As camadas dele têm: {}.',
  '{} has no version {}.': '{} não tem versão {}.',
  '{} has no version as old as {}.': '{} não tem versão tão antiga quanto {}.',
  'Its newest is version {}; igarape delta history {} tells all of them with their times.':
    'A mais recente é a versão {}; igarape delta history {} conta todas, com a hora.',
  'The models in {} have a problem:': 'Os modelos em {} têm um problema:',
  'The models in {} have {} problems:': 'Os modelos em {} têm {} problemas:',
  'all files were read again': 'todos os arquivos foram lidos de novo',
  'it is missing': 'está faltando',
  'no file matches {}': 'nenhum arquivo casa com {}',
  'pk was {}': 'pk era {}',
  'bronze.order_by was {}': 'bronze.order_by era {}',
  '{} inserts of keys that were there': '{} inserts de chaves que já existiam',
  '{} updates of keys that were not': '{} updates de chaves que não existiam',
  '{} deletes of keys that were not': '{} deletes de chaves que não existiam',
  'rows that cannot be applied, {}, are in {}': 'linhas que não podem ser aplicadas, {}, estão em {}',
  'a full refresh was asked for': 'foi pedido refazer tudo',
  'it has rows of what fed it before': 'tem linhas do que a alimentava antes',
  'its "history" has become {}': 'seu "history" passou a ser {}',
  'its key has become {}': 'sua chave passou a ser {}',
  'the column {} has become {}, so that every row was written anew':
    'a coluna {} virou {}, por isso todas as linhas foram escritas de novo',
  '{} versions have a value with no form in the new type, which is null now':
    '{} versões têm um valor sem forma no tipo novo, que agora é nulo',
  'its model has changed': 'o modelo dela mudou',
  '{} has other columns than at version {}': '{} tem outras colunas do que na versão {}',
  'the changes of {} since version {} cannot be read: {s}':
    'as mudanças de {} desde a versão {} não podem ser lidas: {}',
  '{} row has a null in the key {}, e.g. {}': '{} linha tem um nulo na chave {}, por exemplo {}',
  '{} rows have a null in the key {}, e.g. {}': '{} linhas têm um nulo na chave {}, por exemplo {}',
  '{} key has different rows by {}, e.g. {}': '{} chave tem linhas diferentes por {}, por exemplo {}',
  '{} keys have different rows by {}, e.g. {}': '{} chaves têm linhas diferentes por {}, por exemplo {}',
  'the changes of its sources cannot be read: {s}': 'as mudanças das fontes dela não podem ser lidas: {}',
  'most of its rows may have changed': 'a maioria das linhas pode ter mudado',
  'its sources cannot be read as they were: {s}': 'as fontes dela não podem ser lidas como eram: {}',
  'its changes cannot be computed alone: {s}': 'as mudanças dela não podem ser calculadas sozinhas: {}',
  'of a group of it the changes do not tell whether a sum is 0 or null':
    'de um grupo dela as mudanças não dizem se uma soma é 0 ou nula',
  '{} is no table of bronze, silver or gold': '{} não é uma tabela de bronze, silver ou gold',
  'there is no column {}': 'não há coluna {}',
  'its header describes columns that it does not have: {}':
    'o cabeçalho descreve colunas que ela não tem: {}',
  'there is no date from {} to {}: {} has no rows for one':
    'não há data de {} a {}: {} não tem linhas para nenhuma',
  'its SQL {s}': 'o SQL dela {}',
  'asks queries in a total over all rows of a date':
    'faz consultas em um total sobre todas as linhas de uma data',
  'calls a function as a table with $dt_ref': 'chama uma função como tabela com $dt_ref',
  'joins dates by names': 'junta datas por nomes',
  'draws a sample': 'sorteia uma amostra',
  'calls two tables alike': 'dá o mesmo nome a duas tabelas',
  'reads {}, whose rows follow from themselves': 'lê {}, cujas linhas vêm delas mesmas',
  'has a {} join': 'tem um join {}',
  'is recursive': 'é recursivo',
  'describes a table': 'descreve uma tabela',
  'calls {}(), whose result depends on the order of rows':
    'chama {}(), cujo resultado depende da ordem das linhas',
  'aggregates all rows to one': 'agrega todas as linhas em uma',
  'has totals over all rows': 'tem totais sobre todas as linhas',
  'has windows and groups that have no column in common': 'tem janelas e grupos sem coluna em comum',
  'uses DISTINCT over columns that are not certain': 'usa DISTINCT sobre colunas que não são certas',
  'has a window over all rows (without PARTITION BY)':
    'tem uma janela sobre todas as linhas (sem PARTITION BY)',
  'has columns that are not known': 'tem colunas que não são conhecidas',
  'its key {}, and any other column, comes from no rows of its sources alone':
    'a chave {}, e qualquer outra coluna, não vem só de linhas das fontes',
  'has a subquery that goes with its rows by no equality of columns':
    'tem uma subconsulta ligada às linhas por nenhuma igualdade de colunas',
  'joins {} by no equality of columns': 'junta {} por nenhuma igualdade de colunas',
  '{} is given, which the model does not read.': '{} é dada, e o modelo não a lê.',
  '{}, which the model reads, is not given.': '{}, que o modelo lê, não é dada.',
  'Give its rows, or [] for none.': 'Dê as linhas dela, ou [] para nenhuma.',
  '{} has no rows, and its columns are not known before there is a lake.':
    '{} não tem linhas, e suas colunas não são conhecidas antes de haver um lake.',
  'Give its rows themselves.': 'Dê as próprias linhas.',
  'Correct the test.': 'Corrija o teste.',
  'stands where no model is looked for; allowed: silver/<name>.sql and gold/<name>.sql, in folders of these too':
    'está onde nenhum modelo é procurado; permitido: silver/<nome>.sql e gold/<nome>.sql, também em pastas desses',
  "its name is no table's name; allowed: {s}": 'o nome não serve para uma tabela; permitido: {}',
  '{} has this name already; allowed: names that differ, in more than case':
    '{} já tem este nome; permitido: nomes que difiram em mais que maiúsculas',
  'it is not UTF-8 text; allowed: UTF-8': 'não é texto em UTF-8; permitido: UTF-8',
  'Make it, or name another folder by "models"; igarape init --lakehouse brings models to begin with.':
    'Crie-a, ou nomeie outra pasta em "models"; igarape init --lakehouse traz modelos para começar.',
  'Make it a file that can be read.': 'Faça dele um arquivo que possa ser lido.',
  'it does not exist': 'não existe',
  '{} is held.': '{} está retida.',
  '{} has failed.': '{} falhou.',
  '{} was skipped.': '{} foi pulada.',
  '{}: 1 row': '{}: 1 linha',
  '{}: {n} rows': '{}: {n} linhas',
  '{}: 1 row, e.g. {}': '{}: 1 linha, por exemplo {}',
  '{}: {n} rows, e.g. {}': '{}: {n} linhas, por exemplo {}',
  '{s} (line {n})': '{} (linha {})',
  'no folder can be created there': 'ali não é possível criar uma pasta',
  'it reads itself': 'lê a si mesma',
  'its check reads what waits for it': 'a verificação dela lê o que espera por ela',
  '{s}, directly or through others: {}; allowed: models without a circle':
    '{}, direto ou por outras: {}; permitido: modelos sem círculo',
  'found "-- {}:" below the first line of SQL; allowed: above it, where the header is':
    'encontrado "-- {}:" abaixo da primeira linha de SQL; permitido: acima dela, onde fica o cabeçalho',
  'stands in line {} already; allowed: once': 'já está na linha {}; permitido: uma vez',
  '{} is described already; allowed: once': '{} já está descrita; permitido: uma vez',
  '{} is declared already; allowed: once': '{} já está declarada; permitido: uma vez',
  'a column, as column, table.column or layer.table.column':
    'uma coluna, como coluna, tabela.coluna ou camada.tabela.coluna',
  'is for gold; allowed in silver: no reference date':
    'é para gold; permitido em silver: nenhuma data de referência',
  'goes with dt_ref; allowed without: key': 'combina com dt_ref; permitido sem ele: key',
  'the columns that tell its rows apart, e.g. "-- key: idCliente"':
    'as colunas que distinguem as linhas, por exemplo "-- key: idCliente"',
  'the column of a source that reference dates come from, e.g. "-- dt_ref: transacoes.DtCriacao", or "-- key: …" for a table without dates':
    'a coluna de uma fonte de onde vêm as datas de referência, por exemplo "-- dt_ref: transacoes.DtCriacao", ou "-- key: …" para uma tabela sem datas',
  'columns by comma, e.g. idCliente, "order no"': 'colunas por vírgula, por exemplo idCliente, "order no"',
  'words by comma, e.g. daily, finance': 'palavras por vírgula, por exemplo daily, finance',
  'required or never': 'required ou never',
  'reads {}; allowed in gold: tables of different names':
    'lê {}; permitido em gold: tabelas de nomes diferentes',
  'reads {}, which does not exist; there is: {}': 'lê {}, que não existe; há: {}',
  'reads {}, which does not exist; there are: {}': 'lê {}, que não existe; há: {}',
  'reads {}, which does not exist (did you mean {}?); there is: {}':
    'lê {}, que não existe (seria {}?); há: {}',
  'reads {}, which does not exist (did you mean {}?); there are: {}':
    'lê {}, que não existe (seria {}?); há: {}',
  "has the name {}; allowed: names that do not begin with {}, as igarape's own do":
    'tem o nome {}; permitido: nomes que não começam com {}, como os do próprio igarape',
  'reads {}; allowed: {}, and names of WITH': 'lê {}; permitido: {}, e nomes de WITH',
  'reads {} (did you mean {}?); allowed: {}, and names of WITH':
    'lê {} (seria {}?); permitido: {}, e nomes de WITH',
  'reads {}(…), which is outside of the lake; allowed: {}, and {}':
    'lê {}(…), que fica fora do lake; permitido: {} e {}',
  'calls {}(), which is outside of the lake; allowed: what follows from rows':
    'chama {}(), que fica fora do lake; permitido: o que vem de linhas',
  'has the parameter number {}; allowed: {}': 'tem o parâmetro número {}; permitido: {}',
  'has the parameter ${}; allowed: {}': 'tem o parâmetro ${}; permitido: {}',
  'reads a version of a table by AT; allowed: the table alone, for the run chooses versions':
    'lê uma versão de uma tabela por AT; permitido: só a tabela, pois a execução escolhe as versões',
  'it is no SQL: {}': 'não é SQL: {}',
  'it is no YAML: {}': 'não é YAML: {}',
  'found a template, {{ ref(…) }}; allowed: the name of the table, e.g. silver.clientes':
    'encontrado um template, {{ ref(…) }}; permitido: o nome da tabela, por exemplo silver.clientes',
  'no model has the variable {}; there are: {}': 'nenhum modelo tem a variável {}; há: {}',
  'no model has the variable {} (did you mean {}?); there are: {}':
    'nenhum modelo tem a variável {} (seria {}?); há: {}',
  'its header says incremental: never': 'o cabeçalho dela diz incremental: never',
  'it would have to be rebuilt, for {s}, and its header says incremental: required; run --models {} --full-refresh makes it anew':
    'precisaria ser refeita, pois {}, e o cabeçalho dela diz incremental: required; run --models {} --full-refresh a refaz',
  'the column {} is gone, so that every row was written anew':
    'a coluna {} sumiu, por isso todas as linhas foram escritas de novo',
  '{} is at version {}, before version {} that was applied':
    '{} está na versão {}, antes da versão {} que foi aplicada',
  '{} is another table than before': '{} é outra tabela do que antes',
  '{} is new to it': '{} é nova para ela',
  'it does not exist yet': 'ainda não existe',
  'its model has changed since it was made': 'o modelo dela mudou desde que foi feita',
  '1 in {} of its keys': '1 em {} das chaves',
  'its current versions': 'suas versões atuais',
  '{} of its dates': '{} das datas',
  '{} row differs between the table and a full computation, for example {}':
    '{} linha difere entre a tabela e um cálculo completo, por exemplo {}',
  '{} rows differ between the table and a full computation, for example {}':
    '{} linhas diferem entre a tabela e um cálculo completo, por exemplo {}',
  'run {} is applied, and newer ones are not': 'a execução {} está aplicada, e as mais novas não',
  'it is fed by files of others, which may be gone':
    'é alimentada por arquivos de outros, que podem ter sumido',
  'its file has changed since it was made, or it does not exist yet':
    'o arquivo dela mudou desde que foi feita, ou ela ainda não existe',
  '{}, which a check reads, does not exist yet.': '{}, que uma verificação lê, ainda não existe.',
  'The configuration names no layer that has models.':
    'A configuração não nomeia uma camada que tenha modelos.',
  'Set "layers": ["bronze", "silver", "gold"]; or leave --models out.':
    'Ponha "layers": ["bronze", "silver", "gold"]; ou tire --models.',
  '{} does not exist yet.': '{} ainda não existe.',
  '{} does not exist yet: igarape run --models +{} makes it, too.':
    '{} ainda não existe: igarape run --models +{} a faz também.',
  'later runs make it anew: {s}': 'as próximas execuções a refazem: {}',
  'There is no model {}; there are: {}.': 'Não há modelo {}; há: {}.',
  'A value of a source is none of that type: TRY_CAST makes it null, a WHERE leaves the row out.':
    'Um valor de uma fonte não é desse tipo: TRY_CAST o torna nulo, um WHERE deixa a linha de fora.',
  'Have the columns of a source changed? Correct the SELECT of the model.':
    'As colunas de uma fonte mudaram? Corrija o SELECT do modelo.',
  'Is it {}?': 'Seria {}?',
  'Give it as a SELECT, such as: SELECT 1 AS id WHERE false.':
    'Dê-o como um SELECT, como: SELECT 1 AS id WHERE false.',
  'There are these folders: {}.': 'Há estas pastas: {}.',
  'There are these tags: {}.': 'Há estas tags: {}.',
  'a model': 'um modelo',
  'the header word {}': 'a palavra de cabeçalho {}',
  'the header word {} (did you mean {}?)': 'a palavra de cabeçalho {} (seria {}?)',
  'no model has the variable {}; there are: none': 'nenhum modelo tem a variável {}; não há nenhuma',
  'There are these tags: none.': 'Não há nenhuma tag.',
  'There are these folders: none.': 'Não há nenhuma pasta.',
  'a table that the SELECT reads: {s}': 'uma tabela que o SELECT lê: {}',
  'it reads none': 'não lê nenhuma',
  'a value after "{}:"': 'um valor depois de "{}:"',
  '{}, a column twice': '{}, uma coluna duas vezes',
  'each once': 'cada uma uma vez',
  'a number of days from 1 to {}, e.g. 28 days': 'um número de dias de 1 a {}, por exemplo 28 days',
  'one of {}': 'um de {}',
  'columns of two tables, e.g. {}': 'colunas de duas tabelas, por exemplo {}',
  'not_null(column, …)': 'not_null(coluna, …)',
  'unique(column, …)': 'unique(coluna, …)',
  "accepted_values(column, 'value', …)": "accepted_values(coluna, 'valor', …)",
  'relationship(column, silver.table.column)': 'relationship(coluna, silver.tabela.coluna)',
  'row_count between 1 and 100, or row_count >= 1': 'row_count between 1 and 100, ou row_count >= 1',
  'a SELECT that must give no row': 'um SELECT que não deve dar nenhuma linha',
  'a name, a type (boolean, bigint, double, decimal(p,s), date, timestamp, timestamptz or text; a list with []) and a default, e.g. since date = 2024-01-01':
    'um nome, um tipo (boolean, bigint, double, decimal(p,s), date, timestamp, timestamptz ou text; uma lista com []) e um valor inicial, por exemplo since date = 2024-01-01',
  'another name: $dt_ref is the date of a cube': 'outro nome: $dt_ref é a data de um cubo',
  'a value of {}': 'um valor de {}',
  'a list for ${}': 'uma lista para ${}',
  'no value for ${}': 'nenhum valor para ${}',
  '{} for ${}': '{} para ${}',
  'one behind "=", in "vars" of the configuration, or by --var':
    'um depois de "=", em "vars" da configuração, ou por --var',
  'stands there already; allowed: one a file': 'já está lá; permitido: um por arquivo',
  'stands there already; allowed: once': 'já está lá; permitido: uma vez',
  '{} stands there already; allowed: once': '{} já está lá; permitido: uma vez',
  'found no SELECT below it; allowed: one': 'não há SELECT abaixo; permitido: um',
  'the model that is tested, e.g. {}': 'o modelo que é testado, por exemplo {}',
  '{} and below it a SELECT of the rows': '{} e abaixo um SELECT das linhas',
  'a table of a layer, e.g. {}': 'uma tabela de uma camada, por exemplo {}',
  'name = value': 'nome = valor',
  'there is no {}.csv, which "seeds" of the configuration names; there are: {}':
    'não há {}.csv, que "seeds" da configuração nomeia; há: {}',
  'there is no {}.csv, which "seeds" of the configuration names (did you mean {}?); there are: {}':
    'não há {}.csv, que "seeds" da configuração nomeia (seria {}?); há: {}',
} as const;
