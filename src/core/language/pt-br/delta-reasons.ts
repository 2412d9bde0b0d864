/** Why a Delta table, or what is to be written to it, is refused: what follows the name of a file, a table or a column. */
export const DELTA_REASONS = {
  'it has a column {}, which is what igarape calls the place of a row':
    'tem uma coluna {}, que é como o igarape chama o lugar de uma linha',
  'addresses that begin with {}:// are not known': 'endereços que começam com {}:// não são conhecidos',
  'it names no folder of this machine': 'não nomeia uma pasta desta máquina',

  // The log.
  'its log names the impossible file {}': 'seu log nomeia o arquivo impossível {}',
  'its log names the file {}, which is no URI ({})': 'seu log nomeia o arquivo {}, que não é uma URI ({})',
  'its log names the file {}, which lies outside of the table':
    'seu log nomeia o arquivo {}, que fica fora da tabela',
  'a sidecar has the impossible name {}': 'um sidecar tem o nome impossível {}',
  'the file is missing': 'o arquivo não está lá',
  'it holds no actions': 'não contém ações',
  'the table has in-commit timestamps, and this commit has none':
    'a tabela tem horários nos commits, e este commit não tem nenhum',
  'the commit vanished while it was read': 'o commit sumiu enquanto era lido',
  'it numbers its rows (row tracking), and the log does not say how many the file {} has':
    'ela numera suas linhas (row tracking), e o log não diz quantas tem o arquivo {}',
  'the line contradicts itself': 'a linha se contradiz',
  'its log has no protocol action': 'seu log não tem a ação protocol',
  'its log has no metaData action': 'seu log não tem a ação metaData',
  'this commit is missing, so that the log has a gap': 'este commit falta, por isso o log tem uma lacuna',
  'its files are {}, not Parquet': 'seus arquivos são {}, e não Parquet',
  'its partition column {} is not in its schema': 'sua coluna de partição {} não está no esquema',
  'it is not UTF-8': 'não está em UTF-8',
  'it is not an object': 'não é um objeto',
  'it is not a JSON object': 'não é um objeto JSON',
  'its protocol lists {} features, which its version does not allow':
    'seu protocolo lista recursos de {}, o que a versão dele não permite',
  'its protocol lists no {} features': 'seu protocolo não lista recursos de {}',
  'an object was expected, {} was found': 'era esperado um objeto, e foi encontrado {}',
  'the field {} is missing': 'falta o campo {}',
  'the field {} should be {}, and is {}': 'o campo {} deveria ser {}, e é {}',
  'it created the table': 'ela criou a tabela',
  'the log no longer has what the operation has read: it was cleaned since, or belongs to another table':
    'o log não tem mais o que a operação leu: foi limpo desde então, ou é de outra tabela',
  'it changed the protocol': 'ela mudou o protocolo',
  'it changed the schema or properties': 'ela mudou o esquema ou as propriedades',
  'it removed or changed the file {}, which was read': 'ela removeu ou mudou o arquivo {}, que foi lido',
  'it removed or changed the file {}, too': 'ela também removeu ou mudou o arquivo {}',
  'it added the file {}, which would have been read': 'ela acrescentou o arquivo {}, que teria sido lido',
  'it wrote version {} of the same application': 'ela escreveu a versão {} da mesma aplicação',

  // The schema.
  'The schema: {s}': 'O esquema: {}',
  'it {s}': 'ele {}',
  'has no type': 'não tem tipo',
  'is a struct without fields': 'é um struct sem campos',
  'has a field without a name': 'tem um campo sem nome',
  'stands twice in the schema': 'está duas vezes no esquema',
  'has the impossible type {}': 'tem o tipo impossível {}',
  'it is not a struct': 'não é um struct',
  'the column {} has no type': 'a coluna {} não tem tipo',
  'the column {} is a struct without fields': 'a coluna {} é um struct sem campos',
  'the column {} has a field without a name': 'a coluna {} tem um campo sem nome',
  'the column {} stands twice in the schema': 'a coluna {} está duas vezes no esquema',
  'the column {} has the impossible type {}': 'a coluna {} tem o tipo impossível {}',
  'the column {} has the type {}, which cannot be read': 'a coluna {} tem o tipo {}, que não pode ser lido',
  'the column {} has the type {}, which Delta does not have':
    'a coluna {} tem o tipo {}, que o Delta não tem',
  "the column {} has Arrow's type {}, which Delta does not have":
    'a coluna {} tem o tipo {} do Arrow, que o Delta não tem',
  'the column {} has {} lists or maps one inside of another; the most are {}':
    'a coluna {} tem {} listas ou mapas uns dentro dos outros; o máximo é {}',
  'delta.columnMapping.mode is {}, which is not known': 'delta.columnMapping.mode é {}, que não é conhecido',
  'the column {} has no {}, although columns are mapped':
    'a coluna {} não tem {}, embora as colunas sejam mapeadas',

  // Reading.
  'a data file cannot be read: {}': 'um arquivo de dados não pode ser lido: {}',
  'its columns have no field ids, by which the table finds them':
    'suas colunas não têm os números de campo pelos quais a tabela as acha',
  "a partition value does not have its column's type: {}": 'um valor de partição não é do tipo da coluna: {}',
  'the column {} has a day or time outside of the years 1 to 9999':
    'a coluna {} tem um dia ou hora fora dos anos 1 a 9999',
  'the deletion vector {} has no name ({})': 'o vetor de exclusão {} não tem nome ({})',
  'the deletion vector cannot be read: {}': 'o vetor de exclusão não pode ser lido: {}',
  'the deletion vector has {n} rows, and the log says {n}':
    'o vetor de exclusão tem {} linhas, e o log diz {}',
  'it is not one expression': 'não é uma só expressão',
  'it reads something else than the columns of the table': 'lê outra coisa que as colunas da tabela',
  'it calls {}()': 'chama {}()',

  // Rows to be written.
  "the column {} is {}, which the table's {} cannot hold": 'a coluna {} é {}, que não cabe em {} da tabela',
  "an interval, e.g. 'interval 1 week'": "um intervalo, por exemplo 'interval 1 week'",
  'classic or v2': 'classic ou v2',
  'a whole number from -1 on': 'um número inteiro a partir de -1',
  'names with commas between them': 'nomes com vírgulas entre eles',
  'Serializable or WriteSerializable': 'Serializable ou WriteSerializable',
  'snappy, zstd, gzip, lz4_raw or uncompressed': 'snappy, zstd, gzip, lz4_raw ou uncompressed',
  'a size, e.g. 128mb': 'um tamanho, por exemplo 128mb',
  'a new table takes a schema or rows': 'uma tabela nova precisa de um schema ou de linhas',
  'the merge has no key column': 'o merge não tem coluna de chave',
  'the table has no key column {}': 'a tabela não tem a coluna de chave {}',
  'the source has no key column {}': 'a fonte não tem a coluna de chave {}',
  'the table has a column {} already': 'a tabela já tem uma coluna {}',
  'the table has a constraint {} already': 'a tabela já tem uma restrição {}',
  'nested values, as in {}, cannot partition a table':
    'valores aninhados, como em {}, não podem particionar uma tabela',
  'partitionColumns goes with overwriteSchema': 'partitionColumns vai com overwriteSchema',
  'files that are there replace all rows, or none':
    'arquivos que já estão lá substituem todas as linhas, ou nenhuma',
  'their bytes are no Arrow stream or file': 'seus bytes não são um fluxo nem um arquivo Arrow',
  'their Arrow stream cannot be read ({})': 'seu fluxo Arrow não pode ser lido ({})',
  'the column {} has a date with a time of day': 'a coluna {} tem uma data com hora do dia',
  'the column {} has times with nanoseconds, where Delta has microseconds':
    'a coluna {} tem horas com nanossegundos, e o Delta tem microssegundos',
  'the partition column {} cannot change from {} to {}':
    'a coluna de partição {} não pode mudar de {} para {}',
  'the column {} is {} in the table and {} in the rows': 'a coluna {} é {} na tabela e {} nas linhas',
  'the column {} is {} in them, and {} in the table': 'a coluna {} é {} neles, e {} na tabela',
  '{} is named twice': '{} é nomeado duas vezes',
  'there is no file {} below the table': 'não há arquivo {} abaixo da tabela',
  '{} is no Parquet file that readers of tables look at: it is empty, or its name is hidden or has another ending':
    '{} não é um arquivo Parquet que leitores de tabelas olhem: está vazio, ou o nome é oculto ou tem outra extensão',
  'the folders of {} tell {}, and the table is partitioned by {}':
    'as pastas de {} dizem {}, e a tabela é particionada por {}',
  '{} has the column {}, and other files {}': '{} tem a coluna {}, e outros arquivos {}',
  'its files hold times both as INT96 and without a zone':
    'seus arquivos têm horas tanto em INT96 quanto sem fuso',
  '{} is a file of the table already': '{} já é um arquivo da tabela',
  'its column {} is called otherwise in files than in the table':
    'sua coluna {} tem nos arquivos outro nome do que na tabela',
  'a file with this new name is there already': 'já há um arquivo com este nome novo',
  'parameters go with SQL, and these rows are none': 'parâmetros vão com SQL, e estas linhas não são SQL',
  'a table of Arrow is given as its bytes: tableToIPC(table)':
    'uma tabela do Arrow se dá por seus bytes: tableToIPC(table)',
  'the bytes of an Arrow stream are followed by something else':
    'depois dos bytes de um fluxo Arrow vem outra coisa',
  'the row {} is no object': 'a linha {} não é um objeto',
  'two columns of the rows are called {}': 'duas colunas das linhas se chamam {}',
  'the column {} has members without names': 'a coluna {} tem membros sem nome',
  'the column {} has a name with NUL or half of a pair of surrogates':
    'a coluna {} tem um nome com NUL ou metade de um par de surrogates',
  'the name of a column holds NUL, or half of a pair of surrogates':
    'o nome de uma coluna contém NUL, ou metade de um par de surrogates',
  'a NUL character cannot stand in it': 'um caractere NUL não pode estar nela',
  'a column has no name': 'uma coluna não tem nome',
  'the column {} has two members {}': 'a coluna {} tem dois membros {}',
  'a map has one key twice: {}': 'um mapa tem uma chave duas vezes: {}',
  'a variant takes what JSON can say, and {} is not among it':
    'um variant aceita o que JSON pode dizer, e {} não está entre isso',
  'the column {} holds an object with two members {}': 'a coluna {} contém um objeto com dois membros {}',
  'the column {} holds an object without members': 'a coluna {} contém um objeto sem membros',
  'the column {} holds {}, which has more than 38 digits':
    'a coluna {} contém {}, que tem mais de 38 dígitos',
  'the column {} holds a text that is not Unicode: half of a pair of surrogates':
    'a coluna {} contém um texto que não é Unicode: meio par de substitutos',
  "the column {} holds {}, which is no value of a table's":
    'a coluna {} contém {}, que não é um valor de tabela',
  'the column {} holds both {} and {}': 'a coluna {} contém tanto {} quanto {}',

  // What a table asks for.
  '{} cannot be checked here': '{} não pode ser conferido aqui',
  'its files are to be compressed with {}, which is not known here':
    'seus arquivos devem ser comprimidos com {}, que não é conhecido aqui',
  'the column {} has a name that the change data feed needs for itself':
    'a coluna {} tem um nome de que o próprio change data feed precisa',
  'the table is clustered by the column {}, which they lack':
    'a tabela é agrupada pela coluna {}, que falta neles',
  'the property {} can only be set by a write that replaces all rows, because the others are not looked at':
    'a propriedade {} só pode ser posta por uma escrita que substitui todas as linhas, porque as outras não são olhadas',
  'the change takes the table feature {}, which it lacks':
    'a mudança precisa do recurso {}, que a tabela não tem',
  'the property {} is not supported': 'a propriedade {} não é suportada',
  'its column {} {s}, {s}': 'sua coluna {} {}, {}',
  'is generated': 'é gerada',
  'is an identity column': 'é uma coluna de identidade',
  'has a default': 'tem um valor padrão',
  'which cannot be written inside of another': 'que não pode ser escrita dentro de outra',
  'and values are not made here: give it in the rows': 'e valores não são feitos aqui: dê-a nas linhas',
  'which takes no values from outside, and values are not made here':
    'que não aceita valores de fora, e valores não são feitos aqui',
  'which no table is created with here': 'com a qual nenhuma tabela é criada aqui',
  'which cannot be changed': 'que não pode ser mudada',
} as const;
