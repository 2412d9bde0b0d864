/** Delta tables. */
export const DELTA = {
  'No table can be reached at {}: {s}': 'Nenhuma tabela pode ser alcançada em {}: {}',
  'it is empty': 'está vazio',
  'it names no bucket': 'não dá nome de bucket',
  'Name a folder, file:///folder, or s3://bucket/prefix.':
    'Nomeie uma pasta, file:///pasta, ou s3://bucket/prefixo.',
  '{}: the log names this file, and it is missing': '{}: o log nomeia este arquivo, e ele não está lá',
  'A vacuum may have removed it: read a newer version, or restore the file from a copy.':
    'Um vacuum pode tê-lo removido: leia uma versão mais nova, ou restaure o arquivo de uma cópia.',
  '{}: the commit of version {} is not in its log': '{}: o commit da versão {} não está no log',
  'Old commits are removed after the log retention of the table.':
    'Commits antigos são removidos depois da retenção do log da tabela.',
  '{} is neither a version nor a time': '{} não é versão nem hora',
  'Write a version as a number, a time as 2024-01-31T12:00:00Z.':
    'Escreva uma versão como número, uma hora como 2024-01-31T12:00:00Z.',
  '{} is not a Delta table: it has no commit in _delta_log':
    '{} não é uma tabela Delta: não tem commit em _delta_log',
  '{} is a file, and a Delta table is a folder.': '{} é um arquivo, e uma tabela Delta é uma pasta.',
  'Name the folder that holds _delta_log.': 'Nomeie a pasta que tem _delta_log.',
  'See the versions with: igarape delta history': 'Veja as versões com: igarape delta history',
  '{} has no changes from version {} to {}': '{} não tem mudanças da versão {} à {}',
  'Its newest version is {}.': 'A versão mais recente é {}.',
  '{}: the path {} cannot be read ({})': '{}: o caminho {} não pode ser lido ({})',
  'Nothing was removed: a file might be needed that this path names.':
    'Nada foi removido: talvez um arquivo que esse caminho nomeia seja necessário.',
  '{}: a vacuum may not remove what was in the table less than {} hours ago':
    '{}: um vacuum não pode remover o que estava na tabela há menos de {} horas',
  'Nothing was removed. Take a longer retention, or allow a short one where nobody else reads or writes the table.':
    'Nada foi removido. Use uma retenção mais longa, ou permita uma curta onde ninguém mais lê ou escreve a tabela.',
  'The options of {} should be an object, and are {}': 'As opções de {} deveriam ser um objeto, e são {}',
  '{}: the property {} should be {s}, and is {}': '{}: a propriedade {} deveria ser {}, e é {}',
  'Nothing was read or written.': 'Nada foi lido nem escrito.',
  'There is no option {} of {}': 'Não há opção {} de {}',
  'Its options are {}.': 'As opções são {}.',
  'The argument {} of {} should be {s}, and is {}': 'O argumento {} de {} deveria ser {}, e é {}',
  'The argument {} of {} is missing': 'Falta o argumento {} de {}',
  'a text': 'um texto',
  "'plain' or 'json'": "'plain' ou 'json'",
  "'parquet', 'csv' or 'jsonl'": "'parquet', 'csv' ou 'jsonl'",
  'a text that is not empty': 'um texto que não seja vazio',
  'a list of texts': 'uma lista de textos',
  'a text or a list of texts': 'um texto ou uma lista de textos',
  'an object of texts': 'um objeto de textos',
  'true or false': 'true ou false',
  'true, false or a list of texts': 'true, false ou uma lista de textos',
  'a whole number from 0 on': 'um número inteiro a partir de 0',
  'a list of whole numbers from 0 on': 'uma lista de números inteiros a partir de 0',
  'the number of a run, or last': 'o número de uma execução, ou last',
  'a whole number from 1 on': 'um número inteiro a partir de 1',
  'a number from 0 on': 'um número a partir de 0',
  'an object': 'um objeto',
  'an AbortSignal': 'um AbortSignal',
  'a function': 'uma função',
  'a version, a Date, or a time as text': 'uma versão, uma Date, ou uma hora como texto',
  'values by name or a list of values': 'valores por nome ou uma lista de valores',
  'an application with its version as a bigint, or a list of these':
    'uma aplicação com sua versão como bigint, ou uma lista delas',
  'an object of types': 'um objeto de tipos',
  'SQL as text, rows, or files of the table': 'SQL como texto, linhas, ou arquivos da tabela',
  'a path, an address, or a storage': 'um caminho, um endereço, ou um storage',
  'a list of columns with name and type': 'uma lista de colunas com name e type',
  'The merge has no clause': 'O merge não tem cláusula',
  'Say what to do, e.g. .whenMatchedUpdateAll().whenNotMatchedInsertAll().':
    'Diga o que fazer, por exemplo .whenMatchedUpdateAll().whenNotMatchedInsertAll().',
  "{}: {} rows of the merge's source act on one row of the table, {}":
    '{}: {} linhas da fonte do merge agem sobre uma linha da tabela, {}',
  'Nothing was changed. Keep one row for each key in the source, e.g. the newest.':
    'Nada mudou. Deixe na fonte uma linha por chave, por exemplo a mais recente.',
  '{}: {} of its rows do not meet the constraint {} ({})':
    '{}: {} das suas linhas não cumprem a restrição {} ({})',
  'Nothing was changed. Correct these rows first.': 'Nada mudou. Corrija antes essas linhas.',
  '{} cannot be converted to a table: {s}': '{} não pode virar uma tabela: {}',
  'Nothing was written.': 'Nada foi escrito.',
  '{}: there is a Delta table already': '{}: já há uma tabela Delta',
  'Open it and append to it or overwrite it, or create the new one elsewhere.':
    'Abra-a e acrescente ou substitua, ou crie a nova em outro lugar.',
  '{}: this write goes by version {}, and version {} is the newest':
    '{}: esta escrita parte da versão {}, e a mais recente é a {}',
  'Nothing was changed. Run the operation again on the new version.':
    'Nada mudou. Faça a operação de novo sobre a nova versão.',
  'Version {} cannot be restored: its file {} is gone':
    'A versão {} não pode ser restaurada: seu arquivo {} sumiu',
  'Nothing was changed. Vacuum removes the files of old versions; restore a newer one.':
    'Nada mudou. O vacuum remove os arquivos de versões antigas; restaure uma mais nova.',
  'The column {} cannot be set: the table has none of that name':
    'A coluna {} não pode ser alterada: a tabela não tem nenhuma com esse nome',
  'The column {} cannot be set: it is set twice':
    'A coluna {} não pode ser alterada: ela foi dada duas vezes',
  'Its columns are {}.': 'As colunas são {}.',
  'The write names the application {} twice': 'A escrita nomeia a aplicação {} duas vezes',
  'Nothing was written. Give one version of each application.':
    'Nada foi escrito. Dê uma versão por aplicação.',
  'Nothing was changed. Restore the file from a copy of the table.':
    'Nada mudou. Restaure o arquivo de uma cópia da tabela.',
  'Nothing was read or written. Use an engine that has this feature.':
    'Nada foi lido nem escrito. Use um motor que tenha este recurso.',
  'To {} {} takes {}, which is not supported': 'Para {} {} é preciso {}, que não é suportado',
  'To {} {} takes {}, which are not supported': 'Para {} {} são precisos {}, que não são suportados',
  "Nothing was read. Use an engine that supports the table's protocol.":
    'Nada foi lido. Use um motor que suporte o protocolo da tabela.',
  "Nothing was written. Use an engine that supports the table's protocol.":
    'Nada foi escrito. Use um motor que suporte o protocolo da tabela.',
  'Old commits are removed after the log retention of the table: begin with a newer version.':
    'Commits antigos são removidos depois da retenção do log da tabela: comece por uma versão mais nova.',
  '{} does not record its changes at version {}': '{} não registra suas mudanças na versão {}',
  'Changes are recorded from the version on that sets delta.enableChangeDataFeed to true: begin there.':
    'As mudanças são registradas a partir da versão que põe delta.enableChangeDataFeed em true: comece por ela.',
  '{}: the changes of version {} do not fit the columns of version {}: {s}':
    '{}: as mudanças da versão {} não cabem nas colunas da versão {}: {}',
  'Read the versions before and after the change of columns apart.':
    'Leia separadamente as versões antes e depois da mudança de colunas.',
  '{} has a column {} of its own': '{} tem uma coluna {} própria',
  'The name is reserved for the change data feed.': 'O nome é reservado para o change data feed.',
  '{}: the log does not say in which {} the removed file {} was':
    '{}: o log não diz em qual {} estava o arquivo removido {}',
  '{} in {} has no value among the parameters': '{} em {} não tem valor entre os parâmetros',
  'Nothing was done. Give { name: value } for $name, or [value] for $1.':
    'Nada foi feito. Dê { name: value } para $name, ou [value] para $1.',
  'The condition {} cannot be used: {s}': 'A condição {} não pode ser usada: {}',
  "Write it as after WHERE in SQL, e.g. points > 100 AND state = 'SP'.":
    "Escreva-a como depois de WHERE em SQL, por exemplo points > 100 AND state = 'SP'.",
  'The value {} cannot be set: {s}': 'O valor {} não pode ser atribuído: {}',
  'Write it as after SET in SQL, e.g. points + 1.':
    'Escreva-o como depois de SET em SQL, por exemplo points + 1.',
  '{} has no column {}': '{} não tem coluna {}',
  'No column was asked for': 'Nenhuma coluna foi pedida',
  'Name one at least.': 'Nomeie ao menos uma.',
  'Arrow takes the package apache-arrow: {}': 'Arrow precisa do pacote apache-arrow: {}',
  'Install it beside igarape: npm install apache-arrow':
    'Instale-o ao lado do igarape: npm install apache-arrow',
  '{} was replaced by another table since it was opened':
    '{} foi substituída por outra tabela desde que foi aberta',
  'Open it again.': 'Abra-a de novo.',
  'The rows cannot be written: the column {} has the time {}':
    'As linhas não podem ser escritas: a coluna {} tem a hora {}',
  'Nothing was written. Days and times of a table lie in the years 1 to 9999.':
    'Nada foi escrito. Dias e horas de uma tabela ficam nos anos 1 a 9999.',
  '{}: version {} ({}) was committed before this {s}: {}':
    '{}: a versão {} ({}) foi gravada antes deste {}: {}',
  '{}: a row to be written breaks a rule: {s}': '{}: uma linha a escrever quebra uma regra: {}',
  'Nothing was written. Correct the rows, or change the rule of the table.':
    'Nada foi escrito. Corrija as linhas, ou mude a regra da tabela.',
  'The rows to be written are no query: {}': 'As linhas a escrever não são uma consulta: {}',
  'Give one SELECT that DuckDB can run.': 'Dê um SELECT que o DuckDB possa rodar.',
  'The rows cannot be written: {s}': 'As linhas não podem ser escritas: {}',
  'Nothing was written. Select the columns of the table, with casts where they are meant; a bare NULL counts as an integer.':
    'Nada foi escrito. Selecione as colunas da tabela, com casts onde for a intenção; um NULL sozinho conta como inteiro.',
  '{} is append only (delta.appendOnly), so {} is refused':
    '{} só aceita acréscimos (delta.appendOnly), por isso {} é recusado',
  'Nothing was changed. Set the property to false first, if that is meant.':
    'Nada mudou. Se for a intenção, ponha antes a propriedade em false.',
  'it has no version as old as {}': 'não tem versão tão antiga quanto {}',
  'it has no version {}: the newest is {}': 'não tem versão {}: a mais recente é a {}',
  'its version {} can no longer be read: the oldest that can is {}':
    'a versão {} não pode mais ser lida: a mais antiga que pode é a {}',
  '{} is after its newest version, of {}': '{} vem depois da versão mais recente, de {}',
  "{}: files cannot become the table's: {s}": '{}: arquivos não podem virar os da tabela: {}',
  'there is no Parquet file in it': 'não há nenhum arquivo Parquet nela',
  'the name of {} holds a backslash, or another character that no path of a log may':
    'o nome de {} tem uma barra invertida, ou outro caractere que nenhum caminho de um log pode ter',
} as const;
