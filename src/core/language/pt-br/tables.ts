/** Tables: their files, their keys, their guards. */
export const TABLES = {
  '{} row has no value in the key {}.': '{} linha não tem valor na chave {}.',
  '{} rows have no value in the key {}.': '{} linhas não têm valor na chave {}.',
  'The table {} is left as it was. Every row needs a key: choose another "pk", or have the source corrected.':
    'A tabela {} fica como está. Toda linha precisa de uma chave: escolha outra "pk", ou peça a correção da fonte.',
  'The key {} is not unique: {s}.': 'A chave {} não é única: {}.',
  '{} ({n} rows)': '{} ({} linhas)',
  '{} ({n} rows) in {}': '{} ({} linhas) em {}',
  '{} ({n} rows) in {} and {}': '{} ({} linhas) em {} e {}',
  'The table {} is left as it was. Add the columns to "pk" that tell these rows apart, or have the source corrected.':
    'A tabela {} fica como está. Acrescente a "pk" as colunas que distinguem essas linhas, ou peça a correção da fonte.',
  '"duplicates" leaves open which row it is of {s}: they have the same {} ({}), and differ.':
    '"duplicates" não decide qual linha vale para {}: elas têm o mesmo {} ({}) e diferem.',
  'The table {} is left as it was. Name a column in "duplicates" that tells them apart, or have the source corrected.':
    'A tabela {} fica como está. Nomeie em "duplicates" uma coluna que as distinga, ou peça a correção da fonte.',
  '"{}" goes by {}, which is text: of two values the later in the alphabet would be the last.':
    '"{}" se guia por {}, que é texto: de dois valores o último no alfabeto seria o último.',
  'The table {} is left as it was. If these are dates, set "date_format"; if the alphabet is meant, "types": {{}: "text"}.':
    'A tabela {} fica como está. Se são datas, defina "date_format"; se é mesmo o alfabeto, "types": {{}: "text"}.',
  'The disk became full while {} was rewritten': 'O disco encheu enquanto {} era reescrito',
  '{}: two of its folders give the column {} a value.': '{}: duas das pastas dele dão um valor à coluna {}.',
  'Name each folder after a column of its own, as in year=2024/month=01.':
    'Dê a cada pasta o nome de uma coluna própria, como em year=2024/month=01.',
  '{}: line {} {s}.': '{}: a linha {} {}.',
  '{}: line {} {s}: {s}.': '{}: a linha {} {}: {}.',
  'Each line must be one JSON object, or the file a list of objects; if the file is cut off, fetch it again.':
    'Cada linha deve ser um objeto JSON, ou o arquivo uma lista de objetos; se o arquivo está cortado, baixe-o de novo.',
  '{}: it is one JSON object, {s}.': '{}: é um só objeto JSON, {}.',
  '{}: the column {} has decimals of {} digits, and {} is the most that can be read.':
    '{}: a coluna {} tem decimais de {} dígitos, e no máximo {} podem ser lidos.',
  'Write it as text, or as decimals of at most {} digits.':
    'Escreva-a como texto, ou como decimais de no máximo {} dígitos.',
  '{}: the column {} has two members named {}, alike but for their case.':
    '{}: a coluna {} tem dois membros chamados {}, iguais a não ser por maiúsculas.',
  'Give one of them another name in the source.': 'Dê a um deles outro nome na fonte.',
  'a map in it has a key twice': 'um map nele tem uma chave duas vezes',
  'Have the source corrected; the table keeps its last state.':
    'Peça a correção da fonte; a tabela guarda seu último estado.',
  '{}: it has {} rows, and {} were read.': '{}: tem {} linhas, e {} foram lidas.',
  'The table keeps its last state. Please report it, with the file if you may.':
    'A tabela guarda seu último estado. Abra uma issue, com o arquivo se puder.',
  '{}: with the whole row for a key, the column {} is added, and it has one.':
    '{}: com a linha inteira como chave, a coluna {} é acrescentada, e ele já tem uma.',
  'Rename the column, or name the columns of the key in "pk".':
    'Dê outro nome à coluna, ou nomeie as colunas da chave em "pk".',
  '{}: the column {} has the name of one that "mode": "append" adds.':
    '{}: a coluna {} tem o nome de uma que "mode": "append" acrescenta.',
  'Rename it at the source.': 'Dê-lhe outro nome na fonte.',
  '{}: its ending does not tell its format.': '{}: a extensão não diz o formato.',
  'Set "format" of the table to "csv" or "jsonl".': 'Ponha "format" da tabela em "csv" ou "jsonl".',
  '{}: it is {s}.': '{}: é {}.',
  'it is {s}': 'é {}',
  '{}: it is an archive that {s}, and which of them is the table {} is not told.':
    '{}: é um arquivo compactado que {}, e não está dito qual deles é a tabela {}.',
  'Leave one file in the archive, or one whose name is that of the table.':
    'Deixe um só arquivo no compactado, ou um com o nome da tabela.',
  'The encoding {} is not known': 'A codificação {} não é conhecida',
  'Known are utf-8, latin-1, windows-1252, cp850, cp860, cp437, utf-16le, utf-16be and the other labels of the WHATWG encoding standard.':
    'Conhecidas são utf-8, latin-1, windows-1252, cp850, cp860, cp437, utf-16le, utf-16be e as outras do padrão de codificações da WHATWG.',
  '{} is UTF-8, and {} in it would be read as {}, by "encoding" of the table, {}':
    '{} é UTF-8, e {} nele seria lido como {}, por "encoding" da tabela, {}',
  'Set "encoding" of the table to "utf-8". Where other files of it are not UTF-8, write all of them in one encoding.':
    'Ponha "encoding" da tabela em "utf-8". Se outros arquivos dela não são UTF-8, grave todos em uma só codificação.',
  '{} is in UTF-32, which cannot be read': '{} está em UTF-32, que não pode ser lido',
  'Save it as UTF-8.': 'Salve-o como UTF-8.',
  'Set "encoding" of the table to the encoding that the file is in, for example "windows-1252", "latin-1", "cp850" or "utf-16le"; if {} is right, the file is damaged.':
    'Ponha em "encoding" da tabela a codificação do arquivo, por exemplo "windows-1252", "latin-1", "cp850" ou "utf-16le"; se {} está certo, o arquivo está danificado.',
  'The disk became full while {} was rewritten as UTF-8':
    'O disco encheu enquanto {} era reescrito como UTF-8',
  '{} could not be read ({})': '{} não pôde ser lido ({})',
  'Check that the file is there and may be read, and run again.':
    'Confira que o arquivo está lá e pode ser lido, e rode de novo.',
  'The type of {s} would change': 'O tipo de {} mudaria',
  '{} ({} → {})': '{} ({} → {})',
  '{} ({} → {}, for {})': '{} ({} → {}, por {})',
  'The column {} is gone': 'A coluna {} sumiu',
  '{} is new': '{} é nova',
  '{s} would widen': '{} se alargaria',
  'The schema is frozen, and {s}': 'O esquema está congelado, e {}',
  'Digits would be lost in {s}': 'Dígitos se perderiam em {}',
  'The key was {} and would be {}': 'A chave era {} e seria {}',
  'The key was {} and would be the whole row': 'A chave era {} e seria a linha inteira',
  'The key was the whole row and would be {}': 'A chave era a linha inteira e seria {}',
  'The last line of {} has no end, and had one until now, so that the file may be cut off':
    'A última linha de {} não tem fim, e até agora tinha um: o arquivo talvez esteja cortado',
  'Rows are gone, and {} is empty, as it may be if it was cut off':
    'Linhas sumiram, e {} está vazio, como pode estar se foi cortado',
  'The table has no rows; there were {n}': 'A tabela não tem linhas; havia {}',
  'The table has no rows': 'A tabela não tem linhas',
  '{n} of {n} rows ({n} %) are gone, more than max_delete_ratio ({n}) allows':
    '{} de {} linhas ({} %) sumiram, mais do que max_delete_ratio ({}) permite',
  '{n} of {n} rows ({n} %) would be updated, more than max_update_ratio ({n}) allows':
    '{} de {} linhas ({} %) seriam atualizadas, mais do que max_update_ratio ({}) permite',
  'For example: {}.': 'Por exemplo: {}.',
  'If that is right: igarape run --approve {}': 'Se estiver certo: igarape run --approve {}',
  'the column {} has no name': 'a coluna {} não tem nome',
  'Give every column a name.': 'Dê um nome a cada coluna.',
  'the column {} has a NUL character in its name, {}': 'a coluna {} tem um caractere NUL no nome, {}',
  'Rename it; if the file is no text, check "format" of the table.':
    'Dê-lhe outro nome; se o arquivo não é texto, confira "format" da tabela.',
  "the column {} has a name of igarape's own": 'a coluna {} tem um nome que é do igarape',
  'Rename it: names do not begin with {}.': 'Dê-lhe outro nome: nomes não começam com {}.',
  'the columns {} and {} are named {} and {}': 'as colunas {} e {} se chamam {} e {}',
  'Column names must differ, also without regard to case: Spark and Athena know no difference.':
    'Nomes de colunas devem diferir, mesmo sem contar maiúsculas: Spark e Athena não veem diferença.',
  'line {} has {} field where {s} has {}': 'a linha {} tem {} campo, e {} tem {}',
  'line {} has {} fields where {s} has {}': 'a linha {} tem {} campos, e {} tem {}',
  '{} field where {s} has {}': '{} campo, e {} tem {}',
  '{} fields where {s} has {}': '{} campos, e {} tem {}',
  'the header': 'o cabeçalho',
  'the first row': 'a primeira linha',
  '"columns" of the table': '"columns" da tabela',
  'The file may be cut off, or a quoted text may hold a line break: fetch it again, or check "sep" and "quote".':
    'O arquivo talvez esteja cortado, ou um texto entre aspas tenha uma quebra de linha: baixe-o de novo, ou confira "sep" e "quote".',
  'A text with the separator in it must be quoted: check the file, "sep" and "quote".':
    'Um texto com o separador dentro deve ficar entre aspas: confira o arquivo, "sep" e "quote".',
  'a quote is opened and not closed': 'uma aspa é aberta e não fechada',
  'The file may be cut off: fetch it again, or check "quote".':
    'O arquivo talvez esteja cortado: baixe-o de novo, ou confira "quote".',
  'a text goes on after its closing quote': 'um texto continua depois da aspa que o fecha',
  'A quote in a quoted text is written twice, or after the "escape" of the table: check the file, "quote" and "escape".':
    'Uma aspa em um texto entre aspas se escreve duas vezes, ou depois do "escape" da tabela: confira o arquivo, "quote" e "escape".',
  'longer than {} MB': 'mais longa que {} MB',
  'A quote may be opened and not closed: check the file and "quote".':
    'Talvez uma aspa seja aberta e não fechada: confira o arquivo e "quote".',
  'the text is not UTF-8': 'o texto não é UTF-8',
  'Set "encoding" of the table, for example "windows-1252" or "latin-1".':
    'Defina "encoding" da tabela, por exemplo "windows-1252" ou "latin-1".',
  'its quotes cannot be read': 'as aspas não podem ser lidas',
  'A quote in a quoted text is written twice: check the file and "quote".':
    'Uma aspa em um texto entre aspas se escreve duas vezes: confira o arquivo e "quote".',
  'it says of itself that its separator is {}': 'o próprio arquivo diz que o separador é {}',
  'Set "sep" of the table to {}.': 'Ponha "sep" da tabela em {}.',
  'it is empty, without even a header': 'está vazio, sem nem um cabeçalho',
  'it is empty, without even a row': 'está vazio, sem nem uma linha',
  'no row of it has its line end yet': 'nenhuma linha dele tem ainda seu fim de linha',
  'The table is taken once one has.': 'A tabela é lida assim que uma tiver.',
  'The table keeps its last state; run again when the file is whole.':
    'A tabela guarda seu último estado; rode de novo quando o arquivo estiver inteiro.',
  'its header is a single column, {}, that holds {}': 'o cabeçalho é uma só coluna, {}, que contém {}',
  'is longer than 64 MB': 'tem mais de 64 MB',
  'is no JSON object': 'não é um objeto JSON',
  'is cut off: the file ends before its JSON does': 'está cortada: o arquivo termina antes do JSON',
  'is no list': 'não é uma lista',
  'has more members than a table has columns: {} different ones':
    'tem mais membros do que uma tabela tem colunas: {} diferentes',
  'has half a character in a text': 'tem meio caractere em um texto',
  'is not JSON: something follows the list of rows': 'não é JSON: algo vem depois da lista de linhas',
  'is not JSON: a comma is missing between two rows': 'não é JSON: falta uma vírgula entre duas linhas',
  'has a name without a value': 'tem um nome sem valor',
  'is not JSON: a comma is missing between two members': 'não é JSON: falta uma vírgula entre dois membros',
  'is not JSON: a name in quotes is missing': 'não é JSON: falta um nome entre aspas',
  'has two members named {}': 'tem dois membros chamados {}',
  'is nested deeper than {} levels': 'tem mais de {} níveis',
  'is not JSON: a comma is missing between two values': 'não é JSON: falta uma vírgula entre dois valores',
  'is not JSON: a text holds a line break or another control character':
    'não é JSON: um texto tem uma quebra de linha ou outro caractere de controle',
  'is not JSON: {} is no value': 'não é JSON: {} não é um valor',
  'is not JSON: {} is no text': 'não é JSON: {} não é um texto',
  'Write it as a list of objects, or one object a line: in pandas to_json(…, orient="records"), with lines=True for lines.':
    'Escreva-o como uma lista de objetos, ou um objeto por linha: em pandas to_json(…, orient="records"), com lines=True para linhas.',
  'and several of its members are lists of rows: {}': 'e vários membros dele são listas de linhas: {}',
  'whose members are objects again, {}: a table by columns or by index, as pandas writes it by default':
    'cujos membros são de novo objetos, {}: uma tabela por colunas ou por índice, como o pandas escreve por padrão',
  'whose members are lists of values, {}: a table by columns':
    'cujos membros são listas de valores, {}: uma tabela por colunas',
  'with the members {}: it is neither a row with the key of the table, nor holds a list of rows':
    'com os membros {}: não é uma linha com a chave da tabela, nem contém uma lista de linhas',
  'with the members {}: a list of objects is only deeper in it':
    'com os membros {}: uma lista de objetos só há mais fundo nele',
  'Rows are a list that stands right in the outermost object, or alone in the file: write it so, or one object a line.':
    'As linhas são uma lista que fica direto no objeto mais externo, ou sozinha no arquivo: escreva assim, ou um objeto por linha.',
  'none of its objects has a member': 'nenhum dos objetos dele tem um membro',
  'A member is a column: check that "file" is the one that is meant.':
    'Um membro é uma coluna: confira se "file" é o arquivo certo.',
  'its list of rows is empty': 'a lista de linhas dele está vazia',
  'JSON has no header: the table begins with the first file that has a row.':
    'JSON não tem cabeçalho: a tabela começa com o primeiro arquivo que tiver uma linha.',
  'Check "pk" of the table.': 'Confira "pk" da tabela.',
  'it holds no JSON object': 'não contém um objeto JSON',
  'Each line must be one JSON object, or the file a list of objects.':
    'Cada linha deve ser um objeto JSON, ou o arquivo uma lista de objetos.',
  'the column {} of "pk" holds objects or lists': 'a coluna {} de "pk" contém objetos ou listas',
  'A key is made of texts, numbers and dates: name other columns in "pk".':
    'Uma chave é feita de textos, números e datas: nomeie outras colunas em "pk".',
  '{}: its folder says that {} is {}, and a row of the file that it is {}.':
    '{}: a pasta diz que {} é {}, e uma linha do arquivo que é {}.',
  'Move the file to the folder of its rows, or rename the folder or the column.':
    'Mova o arquivo para a pasta das linhas dele, ou dê outro nome à pasta ou à coluna.',
  'Two files of the table contradict each other in the column {} of "pk": {} has {}; {} has {}.':
    'Dois arquivos da tabela se contradizem na coluna {} de "pk": {} tem {}; {} tem {}.',
  'Two files of the table contradict each other: {} has {}; {} has {}.':
    'Dois arquivos da tabela se contradizem: {} tem {}; {} tem {}.',
  'Check the headers, the separators and the folders of the two; let "file" match only the files of this table.':
    'Confira os cabeçalhos, os separadores e as pastas dos dois; faça "file" casar só com os arquivos desta tabela.',
  'The column {} is written in one way in {} and in another in {}, so that it cannot be put together.':
    'A coluna {} está escrita de um modo em {} e de outro em {}, por isso não pode ser juntada.',
  'Let "file" match files of one format only.': 'Faça "file" casar só com arquivos de um formato.',
  'The file {} of the same table has the columns {}.': 'O arquivo {} da mesma tabela tem as colunas {}.',
  'it is a Parquet file that is damaged, or has an encoding or a compression that is not read':
    'é um arquivo Parquet danificado, ou tem uma codificação ou compressão que não é lida',
  'Fetch it again, or have it written with others: BYTE_STREAM_SPLIT is read for FLOAT and DOUBLE alone, and LZO not at all.':
    'Baixe-o de novo, ou faça-o ser escrito com outras: BYTE_STREAM_SPLIT só é lida para FLOAT e DOUBLE, e LZO não é lida.',
  'it is a damaged Parquet file': 'é um arquivo Parquet danificado',
  'it is a Parquet file that is cut off': 'é um arquivo Parquet cortado',
  'it is a damaged SQLite database': 'é um banco de dados SQLite danificado',
  'Fetch it again; the table keeps its last state.': 'Baixe-o de novo; a tabela guarda seu último estado.',
  'Have the source corrected, or write the table as CSV, JSON or Parquet.':
    'Faça a fonte ser corrigida, ou escreva a tabela como CSV, JSON ou Parquet.',
  'has decimals of {} digits': 'tem decimais de {} dígitos',
  'has decimals of {} digits, and one is {}': 'tem decimais de {} dígitos, e um é {}',
  'has a time that no calendar has, {} days from 1970':
    'tem um tempo que nenhum calendário tem, {} dias desde 1970',
  'has a time that no calendar has, {} microseconds from 1970':
    'tem um tempo que nenhum calendário tem, {} microssegundos desde 1970',
  'has a time that no calendar has, {} nanoseconds from 1970':
    'tem um tempo que nenhum calendário tem, {} nanossegundos desde 1970',
  'has a time that no day has, {} nanoseconds after its beginning':
    'tem uma hora que nenhum dia tem, {} nanossegundos depois do seu início',
  'Have the source corrected, or write the column as text.':
    'Faça a fonte ser corrigida, ou escreva a coluna como texto.',
  'it is a damaged Avro file, or its schema is none': 'é um arquivo Avro danificado, ou seu esquema não é um',
  'Fetch it again, or have the source corrected.': 'Baixe-o de novo, ou faça a fonte ser corrigida.',
  'its blocks are packed by {}': 'seus blocos estão compactados por {}',
  'Write it with deflate, Snappy or Zstandard, or without.':
    'Escreva-o com deflate, Snappy ou Zstandard, ou sem compactação.',
  'it is cut off within a block of rows': 'está cortado dentro de um bloco de linhas',
  'its rows are no records': 'suas linhas não são registros',
  'Write records: their fields are the columns.': 'Escreva registros: seus campos são as colunas.',
  'in the column {} it {s}': 'na coluna {} ele {}',
  'the column {} {}, and 38 is the most that can be read': 'a coluna {} {}, e no máximo 38 podem ser lidos',
  'SQLite cannot read it ({})': 'SQLite não consegue lê-lo ({})',
  'SQLite cannot read its view {} ({})': 'SQLite não consegue ler a view {} dele ({})',
  'SQLite cannot read its virtual table {} ({})': 'SQLite não consegue ler a tabela virtual {} dele ({})',
  'Correct it in the database, where texts stand in single quotes and names in double ones; or set "table" of the table to another one.':
    'Corrija-a no banco, onde textos ficam entre aspas simples e nomes entre aspas duplas; ou ponha "table" da tabela em outra.',
  'its texts are in UTF-16, which is not read': 'seus textos são UTF-16, que não é lido',
  'Make a copy in UTF-8, as `sqlite3 FILE .dump | sqlite3 COPY` does, and read that.':
    'Faça uma cópia em UTF-8, como `sqlite3 FILE .dump | sqlite3 COPY` faz, e leia essa.',
  'the text of the column {} in row {} is no UTF-8': 'o texto da coluna {} na linha {} não é UTF-8',
  'Correct it at the source; or set "table" to a view that leaves the column out.':
    'Corrija-o na fonte; ou aponte "table" para uma view sem a coluna.',
  'the cell {} of its sheet {} names a text that the workbook does not have':
    'a célula {} da planilha {} cita um texto que a pasta de trabalho não tem',
  'the formula in {} of its sheet {} has no result: it was never calculated':
    'a fórmula em {} da planilha {} não tem resultado: nunca foi calculada',
  'Open the workbook in Excel or LibreOffice and save it, so that the results are in it.':
    'Abra a pasta de trabalho no Excel ou no LibreOffice e salve-a, para que os resultados estejam nela.',
  'it is being written, or was not closed: there is a {} beside it':
    'está sendo escrito, ou não foi fechado: há um {} ao lado',
  'it is cut off: {} bytes of {}': 'está cortado: {} bytes de {}',
  'Fetch it again.': 'Baixe-o de novo.',
  'it has no table {}: it has {}': 'não tem tabela {}: tem {}',
  'Set "table" of the table to one of them.': 'Ponha "table" da tabela em uma delas.',
  'an archive in an archive in an archive': 'um compactado dentro de um compactado dentro de um compactado',
  'Unpack it.': 'Descompacte-o.',
  'Set "encoding" of the table to "{}".': 'Ponha "encoding" da tabela em "{}".',
  '{s}, and no {} file': '{}, e não um arquivo {}',
  'If the file is cut off, fetch it again; else set "format" of the table.':
    'Se o arquivo está cortado, baixe-o de novo; senão defina "format" da tabela.',
  'Check "file" of the table, or export it as CSV, JSON or Parquet.':
    'Confira "file" da tabela, ou exporte-o como CSV, JSON ou Parquet.',
  'an Excel workbook with macros': 'uma pasta de trabalho do Excel com macros',
  'Save it as .xlsx, without macros.': 'Salve-a como .xlsx, sem macros.',
  'a binary Excel workbook (.xlsb)': 'uma pasta de trabalho binária do Excel (.xlsb)',
  'Save it as .xlsx.': 'Salve-a como .xlsx.',
  'an OpenDocument file': 'um arquivo OpenDocument',
  'Unpack it, or publish it as zip, gz, zst or bz2.':
    'Descompacte-o, ou publique-o como zip, gz, zst ou bz2.',
  'Export it as CSV, JSON or Parquet.': 'Exporte-o como CSV, JSON ou Parquet.',
  'It is packed twice: unpack it once.': 'Está compactado duas vezes: descompacte-o uma vez.',
  'Write it without encryption.': 'Escreva-o sem criptografia.',
  'Save it as .xlsx without a password, or as CSV.': 'Salve-o como .xlsx sem senha, ou como CSV.',
  'A server may have answered with an error or a login page: open the file to see, and fetch it again.':
    'Um servidor talvez tenha respondido com um erro ou uma página de login: abra o arquivo para ver, e baixe-o de novo.',
  'Run `git lfs pull` in the repository that the folder is a copy of.':
    'Rode `git lfs pull` no repositório de que a pasta é cópia.',
  '{s}, and "format" of the table says {}': '{}, e "format" da tabela diz {}',
  'Remove "format" of the table, or check "file".': 'Remova "format" da tabela, ou confira "file".',
  'is empty': 'está vazio',
  '{} is not {} text: at byte {} or shortly after it has {s}':
    '{} não é texto em {}: no byte {} ou logo depois tem {}',
  'bytes that are not {}': 'bytes que não são {}',
  'a character that is cut off at the end': 'um caractere cortado no fim',
  'half of a character (an unpaired surrogate) at the end': 'meio caractere (um substituto sem par) no fim',
  'half of a character (an unpaired surrogate)': 'meio caractere (um substituto sem par)',
  'an odd number of bytes, where each character has two':
    'um número ímpar de bytes, e cada caractere tem dois',
  'its sheet {} has no cells': 'a planilha {} não tem células',
  'Save it again in Excel.': 'Salve-o de novo no Excel.',
  'its sheet {} has no row with a value': 'a planilha {} não tem linha com valor',
  'Check "sheet" and "range" of the table.': 'Confira "sheet" e "range" da tabela.',
  'its XML is damaged ({})': 'o XML está danificado ({})',
  'Fetch it again, or save it again in Excel.': 'Baixe-o de novo, ou salve-o de novo no Excel.',
  'two of its sheets are named {}': 'duas planilhas se chamam {}',
  'Rename one of them in Excel.': 'Dê outro nome a uma delas no Excel.',
  'it has several sheets, {}': 'tem várias planilhas, {}',
  'it has no sheet {}; its sheets are {}': 'não tem planilha {}; as planilhas são {}',
  'it has no sheets': 'não tem planilhas',
  'Set "sheet" of the table to one of them.': 'Ponha "sheet" da tabela em uma delas.',
  'Close the program that writes it, or make a copy by `sqlite3 FILE ".backup COPY"` and read that.':
    'Feche o programa que o escreve, ou faça uma cópia com `sqlite3 ARQUIVO ".backup CÓPIA"` e leia essa.',
} as const;
