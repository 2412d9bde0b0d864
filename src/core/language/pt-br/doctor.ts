/** The checks of `doctor`, and what they find. */
export const DOCTOR = {
  configuration: 'configuração',
  credentials: 'credenciais',
  source: 'fonte',
  clock: 'relógio',
  ledger: 'registro (ledger)',
  tables: 'tabelas',
  'work folder': 'pasta de trabalho',
  'lake access': 'acesso ao lake',
  'conditional create': 'escrita condicional',
  'lake rights': 'direitos no lake',
  'lake disk': 'disco do lake',
  spark: 'spark',
  'lake from spark': 'o lake visto do spark',
  'change files of others': 'arquivos de mudanças de outros',
  'none are needed': 'nenhuma é necessária',
  'the profile {}': 'o perfil {}',
  "AWS's own search (environment, profile, SSO, role of the machine)":
    'a busca da própria AWS (ambiente, perfil, SSO, role da máquina)',
  'one table, from {s} to {}': 'uma tabela, de {} para {}',
  '{} tables, from {s} to {}': '{} tabelas, de {} para {}',
  '{} can be listed; it is a lake': '{} pode ser listado; é um lake',
  '{} can be listed; it holds other files, and no lake yet':
    '{} pode ser listado; tem outros arquivos, e nenhum lake ainda',
  '{} can be listed; it is empty': '{} pode ser listado; está vazio',
  'a second object of one name is refused, so two runs at once cannot both publish':
    'um segundo objeto com o mesmo nome é recusado, por isso duas execuções ao mesmo tempo não podem publicar as duas',
  'objects can be stored, copied, read and removed':
    'objetos podem ser guardados, copiados, lidos e removidos',
  "this clock is {} s ahead of the store's":
    'este relógio está {} s adiantado em relação ao do armazenamento',
  "this clock is {} s behind the store's": 'este relógio está {} s atrasado em relação ao do armazenamento',
  'this clock agrees with the store’s': 'este relógio concorda com o do armazenamento',
  'no runs yet': 'ainda sem execuções',
  'the newest run is {}, committed at {}': 'a execução mais recente é a {}, publicada em {}',
  '{} has no column {}, its "pk"': '{} não tem coluna {}, sua "pk"',
  '{} has no column {}, its "date_field"': '{} não tem coluna {}, seu "date_field"',
  'none is in the lake yet': 'nenhuma está no lake ainda',
  'keys and date fields are there, as far as the lake knows the tables':
    'chaves e campos de data estão lá, até onde o lake conhece as tabelas',
  '{}, {n} GB free': '{}, {} GB livres',
  '{} is read from {}': '{} se lê de {}',
  '{} is read from {}, unchanged': '{} se lê de {}, sem mudança',
  '{} could be {} or {}': '{} poderia ser {} ou {}',
  '{} has no file that matches {}': '{} não tem arquivo que case com {}',
  '{}, version {}: {s}': '{}, versão {}: {}',
} as const;
