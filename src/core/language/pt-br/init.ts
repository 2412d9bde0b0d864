/** What `init` asks, writes and tells. */
export const INIT = {
  'Where is the lake? A folder, or s3://bucket/prefix': 'Onde fica o lake? Uma pasta, ou s3://bucket/prefixo',
  'Where do the snapshots come from?': 'De onde vêm os snapshots?',
  'A Kaggle data set': 'De um dataset do Kaggle',
  'A folder or an archive on this machine': 'De uma pasta ou de um arquivo compactado nesta máquina',
  'An archive or file behind an address': 'De um arquivo em um endereço da web',
  'A bucket': 'De um bucket',
  'Which data set? owner/slug': 'Qual dataset? dono/nome',
  'Which folder or archive?': 'Qual pasta ou arquivo compactado?',
  'Which address?': 'Qual endereço?',
  'Which bucket and prefix?': 'Qual bucket e prefixo?',
  'Which tables?': 'Quais tabelas?',
  'arrows, then Enter': 'setas, depois Enter',
  'space marks, Enter confirms': 'espaço marca, Enter confirma',
  'Which tables? Their files’ names without the ending (a, b)':
    'Quais tabelas? Os nomes dos arquivos, sem a extensão (a, b)',
  'Which columns tell one row of {} from another?': 'Que colunas distinguem uma linha de {} de outra?',
  Others: 'Outras',
  'There is no column {}. There are: {}': 'Não há coluna {}. Há: {}',
  'Columns, by comma, of: {}. ({}: all of them; {}: leave the table out)':
    'Colunas, por vírgula, entre: {}. ({}: todas; {}: deixar a tabela de fora)',
  '{} is not {}': '{} não é {}',
  'What separates the columns of {}?': 'O que separa as colunas de {}?',
  'How often, with run --schedule?': 'Com que frequência, com run --schedule?',
  'Every hour': 'A cada hora',
  'Every 6 hours': 'A cada 6 horas',
  'Every day': 'Todo dia',
  'By a cron pattern': 'Por um padrão de cron',
  'Not at all: something else starts it': 'Nunca: outra coisa inicia',
  'Which pattern?': 'Qual padrão?',
  'In which time zone?': 'Em que fuso horário?',
  'It looks like America/Sao_Paulo, or UTC': 'É como America/Sao_Paulo, ou UTC',
  'This is no cron pattern that comes due': 'Isto não é um padrão de cron com um próximo horário',
  'There is no {} here': 'Não há {} aqui',
  'There is no {} here; did you mean {}?': 'Não há {} aqui; seria {}?',
  'An answer is needed': 'É preciso responder',
  'It looks like {}': 'É como {}',
  '{} exists already. Replace it?': '{} já existe. Substituir?',
  '{} (key: the whole row)': '{} (chave: a linha inteira)',
  '{} (key: {})': '{} (chave: {})',
  'Wrote {}.': 'Escrito: {}.',
  'Left as it was: {}.': 'Ficou como estava: {}.',
  'Tables:': 'Tabelas:',
  'Left out:': 'Ficaram de fora:',
  'Next: igarape plan, then igarape run.': 'Agora: igarape plan, depois igarape run.',
  'Copy to .env, beside igarape.json, and fill in. Never commit .env.':
    'Copie para .env, ao lado de igarape.json, e preencha. Nunca versione o .env.',
  'Kaggle: not needed for public data sets. kaggle.com > Settings > API.':
    'Kaggle: dispensável para datasets públicos. kaggle.com > Settings > API.',
  or: 'ou',
  'AWS: not needed where a profile, SSO or a role gives credentials.':
    'AWS: dispensável onde um perfil, SSO ou uma role dá as credenciais.',
  'Another S3 server:': 'Outro servidor S3:',
  'This configuration needs no credentials.': 'Esta configuração não precisa de credenciais.',
  '{}, as its source has it': '{}, como está na fonte',
  '{}, by day': '{}, por dia',
} as const;

/** What `init` has found of files, and proposes. */
export const PROPOSED = {
  '{}: no column tells its rows apart, so its key is the whole row ("pk": "row"); name columns in "pk" if you know better':
    '{}: nenhuma coluna distingue as linhas, por isso a chave é a linha inteira ("pk": "row"); nomeie colunas em "pk" se souber quais',
  'There is a config.json too: {} goes before it. Remove one, or name it with --config.':
    'Há também um config.json: {} vem antes dele. Remova um, ou nomeie-o com --config.',
  'its first line looks like a row and not like a header; give it names with "columns"':
    'a primeira linha parece dados, e não um cabeçalho; dê nomes com "columns"',
  'its header has a name less than the rows have fields, as R writes it: the names are in "columns", and the first is made up':
    'o cabeçalho tem um nome a menos que os campos das linhas, como o R escreve: os nomes estão em "columns", e o primeiro foi inventado',
  'its header has a name twice, in letters of either case: the names are in "columns", with a number behind those that come again':
    'o cabeçalho tem um nome duas vezes, sem distinguir maiúsculas: os nomes estão em "columns", com um número nos que se repetem',
  'its line {} is not understood, and a run will refuse it: check "sep", "quote" and "escape"':
    'a linha {} não foi entendida, e uma execução a recusará: confira "sep", "quote" e "escape"',
  'change files add a column {} themselves: give theirs other names with "cdc_columns"':
    'arquivos de mudanças já acrescentam uma coluna {}: dê outros nomes às deles com "cdc_columns"',
  '{}: 1 file is one table': '{}: 1 arquivo é uma tabela',
  'what stands before the header is left out by "skip": {}':
    'o que está antes do cabeçalho fica de fora por "skip": {}',
  'what stands after the rows is left out by "footer": {}':
    'o que está depois das linhas fica de fora por "footer": {}',
  'it is read as {}, where it has {}: if that is {}, "encoding" is {}':
    'é lido como {}, em que contém {}: se isso é {}, "encoding" é {}',
  'its header has the name {}: where its first line is a row, "header" is false':
    'seu cabeçalho tem o nome {}: se sua primeira linha é de dados, "header" é false',
  'its header may be {}: where what stands before that is a title, set "skip"':
    'seu cabeçalho pode ser {}: se o que está antes é um título, defina "skip"',
  'it has \\ as \\\\ alone: where that is one \\, set "escape"':
    'tem \\ apenas como \\\\: se isso é um só \\, defina "escape"',
  'it has a row that begins with {}: where such a line is none, set "comment"':
    'tem uma linha que começa com {}: se ela não é de dados, defina "comment"',
  'it has the text {}: where \' is what texts are quoted with, set "quote"':
    'contém o texto {}: se é com \' que os textos são citados, defina "quote"',
  'it is read as {}, where it has {}: if that is no text, set "encoding"':
    'é lido como {}, em que contém {}: se isso não é texto, defina "encoding"',
  '{}: {} files are one table': '{}: {} arquivos são uma só tabela',
  '{}: {} files are snapshots, each the whole table of its date; where each has rows of its own, "file" is {}':
    '{}: {} arquivos são snapshots, cada um a tabela inteira da sua data; se cada um tem linhas próprias, "file" é {}',
  '{}: {} files are snapshots, those of a date together the whole table; where each has rows of its own, "file" is {}':
    '{}: {} arquivos são snapshots, os de uma data juntos a tabela inteira; se cada um tem linhas próprias, "file" é {}',
  '{}: {} files have the same columns, and are tables of their own; where they are one, "file" is {}':
    '{}: {} arquivos têm as mesmas colunas e são cada um uma tabela; se são uma só, "file" é {}',
  '{}: {} files are one table; where those of a date together are the whole table, "file" is {}, and where rows only ever come, "mode" is "append"':
    '{}: {} arquivos são uma só tabela; se os de uma data juntos são a tabela inteira, "file" é {}, e se linhas só se acrescentam, "mode" é "append"',
  '{}: {} files are one table; where each is the whole table of its date, "file" is {}, and where rows only ever come, "mode" is "append"':
    '{}: {} arquivos são uma só tabela; se cada um é a tabela inteira da sua data, "file" é {}, e se linhas só se acrescentam, "mode" é "append"',
  'the dates of {} fit {} and {}: set "date_format"':
    'as datas de {} servem em {} e em {}: defina "date_format"',
  'These answers make no configuration:': 'Estas respostas não fazem uma configuração:',
} as const;
