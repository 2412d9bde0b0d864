/** Sources: archives, addresses, Kaggle. */
export const SOURCE = {
  'The archive {} {s}': 'O arquivo compactado {} {}',
  'Nothing of it was used. Delete the local copy if there is one, and download it again; if it stays so, tell its publisher.':
    'Nada dele foi usado. Apague a cópia local, se houver, e baixe-o de novo; se continuar assim, avise quem o publica.',
  'Nothing of it was used, for honest archives do not hold this. Look at where it comes from before you unpack it by hand.':
    'Nada dele foi usado, pois arquivos honestos não têm isto. Veja de onde vem antes de abri-lo à mão.',
  '{} was changed while it was read': '{} foi mudado enquanto era lido',
  'Run again once it is written to its end. Best write to another name, and rename it when it is whole.':
    'Rode de novo quando estiver escrito até o fim. Melhor escrever com outro nome e renomear quando estiver inteiro.',
  'The source {} does not exist': 'A fonte {} não existe',
  'Check source.path in the configuration: it is relative to the configuration file. Where it is on a network share or another disk, check that it is mounted.':
    'Confira source.path na configuração: é relativo ao arquivo de configuração. Se está em uma rede ou em outro disco, confira que está montado.',
  'The source {} may not be read ({})': 'A fonte {} não pode ser lida: falta permissão ({})',
  'Give the user that runs igarape the right to read it and to list the folders that lead to it.':
    'Dê ao usuário que roda o igarape o direito de lê-la e de listar as pastas que levam a ela.',
  'The source {} could not be read ({})': 'A fonte {} não pôde ser lida ({})',
  'Check the disk or the network share that holds it, and run again.':
    'Confira o disco ou a rede em que ela está, e rode de novo.',
  '{} cannot be reached{s}: {s} ({})': '{} não pode ser alcançado{}: {} ({})',
  '{} is no table: it looks like {s}': '{} não é uma tabela: parece {}',
  'The address may lead to a page that asks to sign in, or that links to the file. Configure the address of the file itself.':
    'O endereço talvez leve a uma página que pede login, ou que tem um link para o arquivo. Configure o endereço do próprio arquivo.',
  'Nothing was used. A proxy on the way may change it, or the server has a damaged file: try again later.':
    'Nada foi usado. Um proxy no caminho pode mudá-lo, ou o servidor tem um arquivo danificado: tente mais tarde.',
  'Nothing of {} is in the work folder': 'Nada de {} está na pasta de trabalho',
  'Run once without --skip-download.': 'Rode uma vez sem --skip-download.',
  '{} redirects in circles': '{} redireciona em círculos',
  'Open the address in a browser, and configure the address where it ends.':
    'Abra o endereço em um navegador, e configure o endereço em que termina.',
  'This is a fault of the server. Try again later.': 'Isto é uma falha do servidor. Tente mais tarde.',
  'This is not followed. If you trust the network in between, configure that address itself.':
    'Isto não é seguido. Se confia na rede até lá, configure o próprio endereço.',
  'Kaggle answered for {}/{} {s}': 'O Kaggle respondeu para {}/{} {}',
  'Check KAGGLE_API_ENDPOINT and source.endpoint, where they are set. Else Kaggle may have changed: look for a newer igarape.':
    'Confira KAGGLE_API_ENDPOINT e source.endpoint, se definidos. Senão o Kaggle pode ter mudado: procure um igarape mais novo.',
  'The Kaggle credentials cannot be used: {s} {s}': 'As credenciais do Kaggle não podem ser usadas: {} {}',
  'Create a token on https://www.kaggle.com/settings and put it into KAGGLE_API_TOKEN, or remove the file.':
    'Crie um token em https://www.kaggle.com/settings e ponha-o em KAGGLE_API_TOKEN, ou remova o arquivo.',
  '{} names no Kaggle data set': '{} não nomeia um dataset do Kaggle',
  'Write owner/slug, as in its page’s address, or owner/slug/versions/N for one version.':
    'Escreva dono/nome, como no endereço da página, ou dono/nome/versions/N para uma versão.',
  '{} is no version number of a Kaggle data set': '{} não é o número de uma versão de um dataset do Kaggle',
  'Versions are counted 1, 2, 3 …': 'Versões são contadas 1, 2, 3 …',
  'Its owner may have deleted versions, or the name may mean another data set now. If you mean it, set "version": {} in the source\'s configuration.':
    'O dono pode ter apagado versões, ou o nome agora é de outro dataset. Se é a intenção, ponha "version": {} na configuração da fonte.',
  'Kaggle is not done with {}: its status is {}': 'O Kaggle ainda não terminou {}: o estado é {}',
  'Nothing is lost: the next run takes it once Kaggle has prepared it.':
    'Nada se perdeu: a próxima execução o leva quando o Kaggle o tiver preparado.',
  'The copy of {} in the work folder is not what was downloaded':
    'A cópia de {} na pasta de trabalho não é o que foi baixado',
  'Run again: it is downloaded anew. Best give each schedule a work_dir of its own.':
    'Rode de novo: é baixado outra vez. Melhor dar a cada agendamento um work_dir próprio.',
  'The {} file {} {s}': 'O arquivo {} {} {}',
  'Nothing of it was used. Get the file again from where it comes from.':
    'Nada dele foi usado. Obtenha o arquivo de novo de onde ele vem.',
  'Which objects match {} is not known without asking the bucket':
    'Que objetos casam com {} não se sabe sem perguntar ao bucket',
  'Run without --skip-download: the table {} is made of all of them.':
    'Rode sem --skip-download: a tabela {} é feita de todos eles.',
  '{} was replaced or removed while it was read': '{} foi substituído ou removido enquanto era lido',
  'Run again: the next run reads the newer one.': 'Rode de novo: a próxima execução lê o mais novo.',
  'There is no object at or under {}': 'Não há objeto em {} nem abaixo',
  'Check bucket and prefix of the source; letter case counts.':
    'Confira bucket e prefixo da fonte; maiúsculas contam.',
  'The disk became full while {} was downloaded': 'O disco encheu enquanto {} era baixado',
  'The disk became full while {} of the archive {} was unpacked':
    'O disco encheu enquanto {} do compactado {} era aberto',
  'There is no room for {}: {} bytes are needed and {} are free':
    'Não há lugar para {}: são precisos {} bytes, e {} estão livres',
  'is damaged at {}': 'está danificado em {}',
  'has an entry {} that is larger than it declares': 'tem um item {} maior do que declara',
  'is damaged: {} has {} bytes instead of {}': 'está danificado: {} tem {} bytes em vez de {}',
  'is damaged: the CRC-32 of {} does not match': 'está danificado: o CRC-32 de {} não confere',
  'a zip archive': 'um arquivo zip',
  'a RAR archive': 'um arquivo RAR',
  'a PDF document': 'um documento PDF',
  'a JSON document': 'um documento JSON',
  'a tar archive': 'um arquivo tar',
  'a gzipped tar archive': 'um arquivo tar com gzip',
  'a single gzipped file': 'um só arquivo com gzip',
  'a single Zstandard file': 'um só arquivo com Zstandard',
  'a single bzip2 file': 'um só arquivo com bzip2',
  'an xz file': 'um arquivo xz',
  'an LZ4 file': 'um arquivo LZ4',
  'a 7-Zip archive': 'um arquivo 7-Zip',
  'a Parquet file': 'um arquivo Parquet',
  'an encrypted Parquet file': 'um arquivo Parquet criptografado',
  'an ORC file': 'um arquivo ORC',
  'an Avro file': 'um arquivo Avro',
  'an Arrow or Feather file': 'um arquivo Arrow ou Feather',
  'a Feather file of the first version': 'um arquivo Feather da primeira versão',
  'a SQLite database': 'um banco SQLite',
  'an Excel workbook of the old form (.xls), or one with a password':
    'uma pasta de trabalho do Excel na forma antiga (.xls), ou com senha',
  'an Excel workbook': 'uma pasta de trabalho do Excel',
  'an HDF5 file': 'um arquivo HDF5',
  'an HTML page': 'uma página HTML',
  'an XML document': 'um documento XML',
  'a Git LFS pointer, and not the file that it stands for':
    'um ponteiro do Git LFS, e não o arquivo que representa',
  'text in UTF-16 (little-endian) without a byte order mark':
    'texto em UTF-16 (little-endian) sem marca de ordem',
  'text in UTF-16 (big-endian) without a byte order mark': 'texto em UTF-16 (big-endian) sem marca de ordem',
  'plain text': 'texto simples',
  'binary data of an unknown kind': 'dados binários de um tipo desconhecido',
  'an empty file': 'um arquivo vazio',
  'has too many entries; at most {} are read': 'tem itens demais; no máximo {} são lidos',
  'has an entry {} that is a link or a device': 'tem um item {} que é um link ou um dispositivo',
  'has an entry {} that {s}': 'tem um item {} que {}',
  'has a control character in its name': 'tem um caractere de controle no nome',
  'has a backslash in its name': 'tem uma barra invertida no nome',
  'has an absolute path': 'tem um caminho absoluto',
  'has a drive letter in its name': 'tem uma letra de unidade no nome',
  'leads out of the archive': 'sai do compactado',
  'has no name': 'não tem nome',
  'has two entries named {}': 'tem dois itens chamados {}',
  'looks like a bomb: {} bytes become more than {}': 'parece uma bomba: {} bytes viram mais de {}',
  'is cut off: the mark at the end of a tar file is not there':
    'está cortado: falta a marca do fim de um arquivo tar',
  'is damaged or cut off: {}': 'está danificado ou cortado: {}',
  'has an encrypted entry {}': 'tem um item criptografado {}',
  'has an entry {} of an unknown compression method ({})':
    'tem um item {} de um método de compressão desconhecido ({})',
  'looks like a zip bomb: {} bytes would become {} at {}': 'parece uma bomba zip: {} bytes virariam {} em {}',
  'has {} entries; at most {} are read': 'tem {} itens; no máximo {} são lidos',
  'has entries that overlap, as zip bombs do': 'tem itens que se sobrepõem, como bombas zip',
  'is no whole zip file': 'não é um arquivo zip inteiro',
  'is neither zip nor tar: it looks like {s}': 'não é zip nem tar: parece {}',
  'the connection was refused': 'a conexão foi recusada',
  'the connection was lost': 'a conexão caiu',
  'its name is not known': 'o nome não é conhecido',
  'its name cannot be looked up now': 'o nome não pode ser resolvido agora',
  'there is no network': 'não há rede',
  'there is no way to it': 'não há caminho até ele',
  'it did not answer in time': 'não respondeu a tempo',
  'it fell silent in the middle of its answer': 'calou-se no meio da resposta',
  'the proxy closed the connection': 'o proxy fechou a conexão',
  'the proxy did not answer in time': 'o proxy não respondeu a tempo',
  'the proxy wants a user and a password, or others': 'o proxy pede um usuário e uma senha, ou outros',
  'its certificate is not trusted': 'o certificado não é confiável',
  'the connection failed': 'a conexão falhou',
  'the proxy answered HTTP {}': 'o proxy respondeu HTTP {}',
  ' through the proxy {}': ' pelo proxy {}',
  'Put user and password into HTTPS_PROXY, as in http://user:password@host:3128.':
    'Ponha usuário e senha em HTTPS_PROXY, como em http://user:password@host:3128.',
  'Where a proxy or a company has its own certificate authority, name its file in NODE_EXTRA_CA_CERTS.':
    'Se um proxy ou uma empresa tem certificados próprios, nomeie o arquivo em NODE_EXTRA_CA_CERTS.',
  '{} arrived damaged twice: its {} is not the one that the server states':
    '{} chegou danificado duas vezes: o {} não é o que o servidor diz',
  'Put user and password into the address, as in https://user:password@host/path.':
    'Ponha usuário e senha no endereço, como em https://user:password@host/path.',
  'Check the address; the file may have moved.': 'Confira o endereço; o arquivo pode ter mudado de lugar.',
  'Run less often, or try again later.': 'Rode com menos frequência, ou tente mais tarde.',
  '{} redirects (HTTP {}) to no usable address': '{} redireciona (HTTP {}) para um endereço que não serve',
  '{} redirects from https to the unprotected {}': '{} redireciona de https para {}, sem proteção',
  '{} answered HTTP {}': '{} respondeu HTTP {}',
  '{} refused {} (HTTP {})': '{} recusou {} (HTTP {})',
  'without a version number': 'sem um número de versão',
  'without a status': 'sem um estado',
  'without a list of files': 'sem uma lista de arquivos',
  'no credentials (anonymous)': 'nenhuma credencial (anônimo)',
  'the notebook’s token (KAGGLE_API_V1_TOKEN)': 'o token do notebook (KAGGLE_API_V1_TOKEN)',
  'the file that KAGGLE_API_TOKEN names': 'o arquivo que KAGGLE_API_TOKEN nomeia',
  'the token in KAGGLE_API_TOKEN': 'o token em KAGGLE_API_TOKEN',
  'the token in the file that KAGGLE_API_TOKEN names': 'o token no arquivo que KAGGLE_API_TOKEN nomeia',
  'the token in ~/.kaggle/{}': 'o token em ~/.kaggle/{}',
  'does not hold {"username": "…", "key": "…"}': 'não contém {"username": "…", "key": "…"}',
  'the login in ~/.kaggle/credentials.json': 'o login em ~/.kaggle/credentials.json',
  'the key of {} in {}': 'a chave de {} em {}',
  'cannot be read: {s}': 'não pode ser lido: {}',
  'Kaggle refused {} (HTTP {})': 'O Kaggle recusou {} (HTTP {})',
  'Kaggle could not answer for {} (HTTP {})': 'O Kaggle não pôde responder por {} (HTTP {})',
  'Kaggle does not give this out without an account: create a token on https://www.kaggle.com/settings and put it into KAGGLE_API_TOKEN.':
    'O Kaggle não entrega isto sem uma conta: crie um token em https://www.kaggle.com/settings e ponha-o em KAGGLE_API_TOKEN.',
  'It was asked with {s}, which may have expired or been revoked: create a new token on https://www.kaggle.com/settings.':
    'Foi perguntado com {}, que pode ter vencido ou sido revogado: crie um token novo em https://www.kaggle.com/settings.',
  'Check owner and name against {}; a private data set needs the token of an account that may read it.':
    'Confira dono e nome em {}; um dataset privado precisa do token de uma conta que possa lê-lo.',
  '{} is at version {}, but version {} was read before': '{} está na versão {}, mas a versão {} já foi lida',
  "Kaggle's storage did not give out {} (HTTP {})": 'O armazenamento do Kaggle não entregou {} (HTTP {})',
  'unpacks to more than {} bytes from {}': 'vira mais de {} bytes a partir de {}',
  'is cut off': 'está cortado',
  'is damaged': 'está danificado',
  'Allow s3:ListBucket on the bucket and s3:GetObject on the objects under the prefix, and kms:Decrypt where they are encrypted with a key.':
    'Permita s3:ListBucket no bucket e s3:GetObject nos objetos sob o prefixo, e kms:Decrypt onde são criptografados com uma chave.',
  'Check the network, and HTTPS_PROXY where there is a proxy. What was downloaded so far is kept.':
    'Confira a rede, e HTTPS_PROXY onde há um proxy. O que já foi baixado é guardado.',
  'The server does not give the file out. Check the rights, or ask for a fresh address.':
    'O servidor não entrega o arquivo. Confira as permissões, ou peça um endereço novo.',
  'This is trouble of the server. Try again later.': 'É um problema do servidor. Tente mais tarde.',
  'This is trouble of Kaggle’s. Try again later.': 'É um problema do Kaggle. Tente mais tarde.',
  'Kaggle limits how often it is asked. Run less often, or try again later.':
    'O Kaggle limita a frequência das perguntas. Rode com menos frequência, ou tente mais tarde.',
  'A fresh address was refused, too. Check this machine’s clock, for addresses are signed for a time; then try again later.':
    'Um endereço novo também foi recusado. Confira o relógio desta máquina, pois endereços são assinados por um tempo; depois tente mais tarde.',
  'Open {}: if it asks you to accept rules, accept them and run again; if it is private, use the token of an account that may read it. Kaggle also answers so for data sets that do not exist. It was asked with {s}.':
    'Abra {}: se pedir que aceite regras, aceite-as e rode de novo; se for privado, use o token de uma conta que possa lê-lo. O Kaggle também responde assim para datasets que não existem. Foi perguntado com {}.',
  '{} broke off after {} of {} bytes': '{} foi cortado depois de {} de {} bytes',
  'Kaggle does not give out {} yet, though it is the newest':
    'O Kaggle ainda não entrega {}, embora seja o mais novo',
  'It was published just now. Nothing is lost: the next run takes it.':
    'Foi publicado agora mesmo. Nada se perdeu: a próxima execução o leva.',
} as const;
