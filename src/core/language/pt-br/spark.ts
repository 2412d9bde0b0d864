/** Spark, as an engine. */
export const SPARK = {
  'Spark is to compute, and nothing says where it is.': 'O Spark deve computar, e nada diz onde ele está.',
  'Set "engine": { "type": "spark", "remote": "sc://host:15002" }, or SPARK_REMOTE in the environment.':
    'Ponha "engine": { "type": "spark", "remote": "sc://host:15002" }, ou SPARK_REMOTE no ambiente.',
  'SPARK_REMOTE in the environment is no address of a Spark Connect server':
    'SPARK_REMOTE no ambiente não é um endereço de servidor Spark Connect',
  'Allowed: {}.': 'Permitido: {}.',
  'Spark is spoken to by packages that are not installed: @grpc/grpc-js and protobufjs.':
    'Fala-se com o Spark por pacotes que não estão instalados: @grpc/grpc-js e protobufjs.',
  'Install them beside igarape: npm install @grpc/grpc-js protobufjs apache-arrow':
    'Instale-os ao lado do igarape: npm install @grpc/grpc-js protobufjs apache-arrow',
  'Spark at {} does not answer: {}': 'O Spark em {} não responde: {}',
  'Is the Spark Connect server running, and "engine"."remote" (or SPARK_REMOTE) its address? `run --engine duckdb` does without.':
    'O servidor Spark Connect está rodando, e "engine"."remote" (ou SPARK_REMOTE) é o endereço dele? `run --engine duckdb` o dispensa.',
  'Spark at {} refuses this user: {}': 'O Spark em {} recusa este usuário: {}',
  'Set SPARK_REMOTE to sc://host:port/;token=… with a token that is valid.':
    'Ponha em SPARK_REMOTE sc://host:porta/;token=… com um token válido.',
  'What answers at {} is no Spark Connect server that is known here: {}':
    'O que responde em {} não é um servidor Spark Connect conhecido aqui: {}',
  'It takes Spark {} or later, with its Connect server.':
    'É preciso o Spark {} ou mais novo, com o servidor Connect.',
  'Spark at {} has lost the session: {}': 'O Spark em {} perdeu a sessão: {}',
  'It was started anew, or ended the session. Nothing was committed: run again.':
    'Ele foi reiniciado, ou encerrou a sessão. Nada foi publicado: rode de novo.',
  'Spark at {}: {}': 'Spark em {}: {}',
  'Nothing was committed. The log of the run and that of Spark tell more; `run --engine duckdb` does without Spark.':
    'Nada foi publicado. O log da execução e o do Spark dizem mais; `run --engine duckdb` dispensa o Spark.',
  'Spark at {} has no connector to buckets: {}': 'O Spark em {} não tem conector para buckets: {}',
  'Start its Connect server with --packages org.apache.hadoop:hadoop-aws:… of the version that its Hadoop has.':
    'Inicie o servidor Connect com --packages org.apache.hadoop:hadoop-aws:… da versão do Hadoop dele.',
  'Spark at {} does not find the lake’s bucket: {}': 'O Spark em {} não encontra o bucket do lake: {}',
  'Spark at {} does not reach the lake’s store: {}': 'O Spark em {} não alcança o armazenamento do lake: {}',
  'Give the cluster the same endpoint and region as the lake has here: spark.hadoop.fs.s3a.endpoint and .endpoint.region.':
    'Dê ao cluster o mesmo endpoint e a mesma região que o lake tem aqui: spark.hadoop.fs.s3a.endpoint e .endpoint.region.',
  'Spark at {} may not read or write there: {}': 'O Spark em {} não pode ler ou gravar ali: {}',
  'Give the cluster’s own credentials rights to read, list, write and delete under the lake’s prefix; in Unity Catalog READ FILES and WRITE FILES on its external location.':
    'Dê às credenciais do próprio cluster direitos de ler, listar, gravar e apagar sob o prefixo do lake; no Unity Catalog, READ FILES e WRITE FILES no external location dele.',
  'Spark at {} has run out of memory: {}': 'O Spark em {} ficou sem memória: {}',
  'Nothing was committed. Give it more (spark.driver.memory, spark.executor.memory) or smaller tasks (spark.sql.shuffle.partitions), and run again.':
    'Nada foi publicado. Dê mais a ele (spark.driver.memory, spark.executor.memory) ou tarefas menores (spark.sql.shuffle.partitions), e rode de novo.',
  'Spark at {} has lost machines while it computed: {}':
    'O Spark em {} perdeu máquinas enquanto computava: {}',
  'Nothing was committed: run again. Where it happens each time, give executors more memory, or take machines that are not withdrawn.':
    'Nada foi publicado: rode de novo. Se acontece sempre, dê mais memória aos executors, ou use máquinas que não são retiradas.',
  'Spark at {} came to a value that there is none of: {}':
    'O Spark em {} chegou a um valor que não existe: {}',
  'Nothing was committed. Where the model is to pass over such values: TRY_CAST, or a condition; where they are right: a wider type. `run --engine duckdb` computes what Spark alone would read otherwise.':
    'Nada foi publicado. Se o modelo deve passar por cima de valores assim: TRY_CAST, ou uma condição; se estão certos: um tipo mais largo. `run --engine duckdb` computa o que só o Spark leria de outro modo.',
  'Spark at {} lacks what a model needs: {}': 'Ao Spark em {} falta algo de que um modelo precisa: {}',
  'Another version may have it: Spark 4.2 is what was tried. `run --engine duckdb` does without Spark.':
    'Outra versão pode ter: o que se experimentou foi o Spark 4.2. `run --engine duckdb` dispensa o Spark.',
  'Databricks is to compute, and nothing says which workspace.':
    'O Databricks deve computar, e nada diz qual workspace.',
  'DATABRICKS_HOST in the environment is no address of a workspace':
    'DATABRICKS_HOST no ambiente não é um endereço de workspace',
  'Set "engine"."host", or DATABRICKS_HOST, to https://… as the browser shows it, without a path.':
    'Ponha em "engine"."host", ou em DATABRICKS_HOST, o https://… que o navegador mostra, sem caminho.',
  'Databricks does not see the folder {}.': 'O Databricks não vê a pasta {}.',
  'It takes a lake in a bucket: "lake": "s3://bucket/prefix".':
    'É preciso um lake em um bucket: "lake": "s3://bucket/prefixo".',
  'Databricks at {} does not answer: {}': 'O Databricks em {} não responde: {}',
  'Is "engine"."host" (or DATABRICKS_HOST) the workspace? Nothing was committed: run again, or with `run --engine duckdb`.':
    '"engine"."host" (ou DATABRICKS_HOST) é o workspace? Nada foi publicado: rode de novo, ou com `run --engine duckdb`.',
  'Databricks at {} is busy (HTTP {n}): {}': 'O Databricks em {} está ocupado (HTTP {}): {}',
  'Nothing was committed: run again later.': 'Nada foi publicado: rode de novo mais tarde.',
  'Databricks at {} does not have that: {}': 'O Databricks em {} não tem isso: {}',
  'Is "engine"."warehouse_id" the id of one of its SQL warehouses?':
    '"engine"."warehouse_id" é o id de um dos SQL warehouses dele?',
  'Databricks at {} refuses this user: {}': 'O Databricks em {} recusa este usuário: {}',
  'Set DATABRICKS_TOKEN, or DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET of a service principal, in the environment or .env; it needs the right to use what computes.':
    'Ponha DATABRICKS_TOKEN, ou DATABRICKS_CLIENT_ID e DATABRICKS_CLIENT_SECRET de um service principal, no ambiente ou no .env; ele precisa do direito de usar o que computa.',
  'Databricks at {}: {}': 'Databricks em {}: {}',
  'Nothing was committed. `run --engine duckdb` does without Databricks.':
    'Nada foi publicado. `run --engine duckdb` dispensa o Databricks.',
  'Databricks at {} gives links to its rows that its store refuses.':
    'O Databricks em {} dá links para as linhas que o armazenamento dele recusa.',
  'Nothing was committed. The store’s address must be reachable from here, and both clocks right.':
    'Nada foi publicado. O endereço do armazenamento precisa ser alcançável daqui, e os dois relógios certos.',
  'Databricks at {} has cancelled a statement.': 'O Databricks em {} cancelou um comando.',
  'Nothing was committed. The warehouse’s query history tells more; `run --engine duckdb` does without Databricks.':
    'Nada foi publicado. O histórico de consultas do warehouse diz mais; `run --engine duckdb` dispensa o Databricks.',
  'What answers at {} is no Statement Execution API that is known here.':
    'O que responde em {} não é uma Statement Execution API conhecida aqui.',
  'Is "engine"."host" (or DATABRICKS_HOST) a workspace of Databricks?':
    '"engine"."host" (ou DATABRICKS_HOST) é um workspace do Databricks?',
  'The warehouse at {} rounds decimals with more than 6 places: {}.':
    'O warehouse em {} arredonda decimais com mais de 6 casas: {}.',
  'Cast them to fewer places in the model, let a cluster compute it ("cluster_id"), or `run --engine duckdb`.':
    'Converta-os para menos casas no modelo, deixe um cluster computá-lo ("cluster_id"), ou `run --engine duckdb`.',
  'The warehouse at {} would compute other values: {}.': 'O warehouse em {} computaria outros valores: {}.',
  'Set TIMEZONE to UTC and ANSI_MODE to true in the SQL configuration parameters of the workspace’s warehouses.':
    'Ponha TIMEZONE em UTC e ANSI_MODE em true nos parâmetros de configuração SQL dos warehouses do workspace.',
  'Spark at {} is {}.': 'O Spark em {} é {}.',
  'It takes Spark {} or later.': 'É preciso o Spark {} ou mais novo.',
  'That Spark has no Delta Lake, with which it reads the lake’s tables.':
    'Esse Spark não tem Delta Lake, com que ele lê as tabelas do lake.',
  'Start its Connect server with --packages io.delta:delta-spark_… of its version: docs/engines.md has the command.':
    'Inicie o servidor Connect com --packages io.delta:delta-spark_… da versão dele: docs/engines.pt-BR.md tem o comando.',
  'What Spark has written to {} is not to be seen from here.': 'O que o Spark gravou em {} não se vê daqui.',
  'Spark does not see what was stored at {}.': 'O Spark não vê o que foi guardado em {}.',
  'The cluster needs the S3A connector (hadoop-aws), the same endpoint, and rights to read and write the prefix.':
    'O cluster precisa do conector S3A (hadoop-aws), do mesmo endpoint e de direitos para ler e gravar o prefixo.',
  'A lake in a folder has to lie under the same path on every machine of the cluster: a lake in a bucket does.':
    'Um lake em uma pasta precisa ficar no mesmo caminho em todas as máquinas do cluster: com um lake em um bucket é assim.',
  'Let both clocks be set by a time server: the times of commits are this machine’s.':
    'Deixe os dois relógios serem acertados por um servidor de hora: os horários dos commits são os desta máquina.',
  'compared by DuckDB: {s}': 'comparada pelo DuckDB: {}',
  'a warehouse of Databricks reads no files in the types that are expected':
    'um warehouse do Databricks não lê arquivos nos tipos que se esperam',
  'it only ever grows': 'ela só cresce',
  'a file has the column {}, which its folder gives it, too':
    'um arquivo tem a coluna {}, que a pasta dele também lhe dá',
  'the values of its folders do not fit the type of its column {}':
    'os valores das pastas dela não cabem no tipo da coluna {} dela',
  'its file is no object below a prefix of a bucket':
    'o arquivo dela não é um objeto sob um prefixo de um bucket',
  'Spark takes the name of its file for a pattern, or passes over it':
    'o Spark toma o nome do arquivo dela por um padrão, ou passa por cima dele',
  'the type of its column {} is found in its values': 'o tipo da coluna {} dela é achado nos valores',
  'it has no rows': 'ela não tem linhas',
  'its keys are not unique, or missing': 'as chaves dela não são únicas, ou faltam',
  'its key is the whole row': 'a chave dela é a linha inteira',
  'it has "duplicates"': 'ela tem "duplicates"',
  'its file is not Parquet': 'o arquivo dela não é Parquet',
  'its key is another than before': 'a chave dela é outra que antes',
  'its columns, their types or how it is read are others than when its base was written':
    'as colunas dela, os tipos delas ou como ela é lida são outros que quando a base foi escrita',
  'the lake has its column {} in another type than its file':
    'o lake tem a coluna {} dela em outro tipo que o arquivo',
  'Spark may read other values of its column {} ({})':
    'o Spark pode ler outros valores da coluna {} dela ({})',
  'its file has dates of another calendar': 'o arquivo dela tem datas de outro calendário',
  'its file is no readable Parquet': 'o arquivo dela não é um Parquet legível',
  'Spark cannot read its files: {}': 'o Spark não consegue ler os arquivos dela: {}',
  'a text in it is not UTF-8': 'um texto nela não é UTF-8',
  'its keys, or the hashes of these, are not unique': 'as chaves dela, ou os hashes delas, não são únicas',
  'a type has changed its meaning': 'um tipo mudou de sentido',
  'Spark has no equal for {s}': 'o Spark não tem igual para {}',
} as const;

/** What `doctor` finds of Spark, and why a table is computed without it. */
export const BY_SPARK = {
  'Spark {} with Delta Lake answers': 'O Spark {} com Delta Lake responde',
  'Spark {} with Delta Lake answers; its clock is {} s away from this one':
    'O Spark {} com Delta Lake responde; o relógio dele está a {} s deste',
  'Spark and igarape each see what the other stores in the lake':
    'O Spark e o igarape veem cada um o que o outro guarda no lake',
  'computed by DuckDB: {s}': 'computada pelo DuckDB: {}',
  'Spark does not tell where in files rows lie (_metadata.row_index)':
    'o Spark não diz em que lugar dos arquivos as linhas estão (_metadata.row_index)',
  'a column': 'uma coluna',
  'a constant of the type {}': 'uma constante do tipo {}',
  'the type {}': 'o tipo {}',
  'a join {}': 'um join {}',
  'a correlated query': 'uma consulta correlacionada',
  'the table function {}': 'a função de tabela {}',
  'the window function {}': 'a função de janela {}',
  'the frame of {}() OVER (…)': 'a moldura de {}() OVER (…)',
  '{}() OVER (…) without ORDER BY': '{}() OVER (…) sem ORDER BY',
  '{}(…) with DISTINCT, FILTER or ORDER BY in it, OVER (…)':
    '{}(…) com DISTINCT, FILTER ou ORDER BY dentro, OVER (…)',
  '{}(… ORDER BY …) beside an aggregate with DISTINCT':
    '{}(… ORDER BY …) ao lado de uma agregação com DISTINCT',
  '{}() of other than constants': '{}() de algo que não são constantes',
  '{}() of other than one or two whole numbers': '{}() de algo que não é um ou dois números inteiros',
  'LATERAL over a list': 'LATERAL sobre uma lista',
  'unnest of {}': 'unnest de {}',
  'ANY, ALL or IN of several columns over a query': 'ANY, ALL ou IN de várias colunas sobre uma consulta',
  'DISTINCT ON without ORDER BY': 'DISTINCT ON sem ORDER BY',
  'LIMIT of other than a number': 'LIMIT de algo que não é um número',
  'LIMIT without ORDER BY': 'LIMIT sem ORDER BY',
} as const;
