/** Disks and buckets. */
export const STORAGE = {
  '{} does not exist': '{} não existe',
  'Something else has removed it: run again, and check the lake with `igarape verify`.':
    'Outra coisa o removeu: rode de novo, e confira o lake com `igarape verify`.',
  '{} is not a storage {}': '{} não é um nome de objeto: {}',
  'Keys are relative, separated by "/", without "." and ".." parts, backslashes and control characters.':
    'Nomes são relativos, separados por "/", sem partes "." e "..", barras invertidas e caracteres de controle.',
  '{}/{} does not exist': '{}/{} não existe',
  '{} does not name a bucket': '{} não nomeia um bucket',
  'Write s3://bucket/prefix.': 'Escreva s3://bucket/prefixo.',
  'The region of {} is not known': 'A região de {} não é conhecida',
  'Set "region" in the configuration, or AWS_REGION.': 'Ponha "region" na configuração, ou AWS_REGION.',
  'The store refuses an object as there already, and does not have it':
    'O armazenamento recusa um objeto como já existente, e não o tem',
  'Something else may be removing objects there. Run again: what was committed is finished then.':
    'Talvez outra coisa remova objetos ali. Rode de novo: o que foi publicado é então terminado.',
  'The store cannot create an object only where there is none':
    'O armazenamento não pode criar um objeto só onde não há nenhum',
  'Igarapé needs conditional writes (If-None-Match) to keep two runs apart: use AWS S3 or a store that has them.':
    'O igarapé precisa de escritas condicionais (If-None-Match) para separar duas execuções: use AWS S3 ou um armazenamento que as tenha.',
  'There is no storage class {}': 'Não há classe de armazenamento {}',
  'Storage classes are {}.': 'As classes de armazenamento são {}.',
  'There is no space left for {}': 'Não há mais espaço para {}',
  'Free some space on that disk, and run again: nothing was lost.':
    'Libere espaço nesse disco, e rode de novo: nada se perdeu.',
  'Access to {} was denied': 'O acesso a {} foi negado',
  'Give the user that runs igarape the right to read and write there, and mount the disk writable.':
    'Dê ao usuário que roda o igarape o direito de ler e escrever ali, e monte o disco com escrita.',
  'No folder can be created for {}': 'Não é possível criar uma pasta para {}',
  'Let the configuration name a folder on a disk where files may be created.':
    'Faça a configuração nomear uma pasta num disco em que se possam criar arquivos.',
  '{} cannot be used: a file stands where a folder is expected, or the other way round':
    '{} não pode ser usado: há um arquivo onde se espera uma pasta, ou o contrário',
  'Let the configuration name a folder of its own, and move away what does not belong to it.':
    'Faça a configuração nomear uma pasta própria, e mova o que não é dela.',
  '{} could not be read or written': '{} não pôde ser lido ou escrito',
  'Check the disk or the network share, and run again.': 'Confira o disco ou a rede, e rode de novo.',
  'the store does not know the access key': 'o armazenamento não conhece a chave de acesso',
  'Check AWS_ACCESS_KEY_ID or the profile, and that the endpoint is the one that the key belongs to.':
    'Confira AWS_ACCESS_KEY_ID ou o perfil, e que o endpoint seja o da chave.',
  'the session token has expired': 'o token da sessão venceu',
  'Renew the credentials (for example with `aws sso login`) and run again: nothing was lost.':
    'Renove as credenciais (por exemplo com `aws sso login`) e rode de novo: nada se perdeu.',
  'the bucket does not exist': 'o bucket não existe',
  'Create the bucket, or correct its name, the region or the endpoint in the configuration.':
    'Crie o bucket, ou corrija o nome, a região ou o endpoint na configuração.',
  'the object does not exist': 'o objeto não existe',
  'access was denied': 'o acesso foi negado',
  'Allow s3:GetObject, s3:PutObject and s3:DeleteObject on the objects under the prefix, s3:ListBucket on the bucket, and the key with SSE-KMS.':
    'Permita s3:GetObject, s3:PutObject e s3:DeleteObject nos objetos sob o prefixo, s3:ListBucket no bucket, e a chave com SSE-KMS.',
  'no usable AWS credentials were found': 'não foram achadas credenciais da AWS que sirvam',
  'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile in the configuration; with SSO, log in first.':
    'Defina AWS_ACCESS_KEY_ID e AWS_SECRET_ACCESS_KEY, ou nomeie um perfil na configuração; com SSO, faça login antes.',
  'the bucket is in another region, or behind another endpoint':
    'o bucket está em outra região, ou atrás de outro endpoint',
  'Set "region" in the configuration to the region of the bucket.':
    'Ponha em "region" na configuração a região do bucket.',
  'It is in {}.': 'Ele está em {}.',
  'the store has no space left': 'o armazenamento não tem mais espaço',
  'Free some space in the store, or raise the quota, and run again: nothing was lost.':
    'Libere espaço no armazenamento, ou aumente a cota, e rode de novo: nada se perdeu.',
  'the signature is wrong: the secret access key does not belong to the access key':
    'a assinatura está errada: a chave secreta não é a da chave de acesso',
  'Check AWS_SECRET_ACCESS_KEY (a cut or quoted value is the usual cause), and that no proxy rewrites requests.':
    'Confira AWS_SECRET_ACCESS_KEY (um valor cortado ou com aspas é a causa comum), e que nenhum proxy reescreva os pedidos.',
  'the session token is not valid': 'o token da sessão não é válido',
  'Check AWS_SESSION_TOKEN: it belongs to one pair of keys, and long-lived keys have none.':
    'Confira AWS_SESSION_TOKEN: ele é de um par de chaves, e chaves de longa duração não têm nenhum.',
  'the clock of this machine differs too much from that of the store':
    'o relógio desta máquina difere demais do relógio do armazenamento',
  'Set the clock (switch on time synchronisation) and run again.':
    'Acerte o relógio (ligue a sincronização) e rode de novo.',
  'the store does not know the storage class': 'o armazenamento não conhece a classe de armazenamento',
  'Correct or remove "storage_class" in the configuration.':
    'Corrija ou remova "storage_class" na configuração.',
  'Put them into HTTPS_PROXY, as in http://user:password@host:3128.':
    'Ponha-os em HTTPS_PROXY, como em http://user:password@host:3128.',
  'Check the network, the endpoint and the region, and run again: what was committed is safe, and the rest is done again.':
    'Confira a rede, o endpoint e a região, e rode de novo: o que foi publicado está seguro, e o resto é refeito.',
  'the request failed': 'o pedido falhou',
  'the store answered with an error': 'o armazenamento respondeu com um erro',
} as const;
