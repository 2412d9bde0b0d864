import type { Command } from 'commander';
import { say } from '../language.ts';
import { HELP, indented } from '../render/layout.ts';

/** Lines that work as they stand, for the help of each command; the demonstration's tables are their example. */
const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  demo: ['igarape demo', 'igarape demo --lake /tmp/try-it'],
  init: ['igarape init', 'igarape init dados --yes', 'igarape init --example', 'igarape init --lakehouse'],
  run: ['igarape run', 'igarape run --tables clientes,produtos', 'igarape run --approve clientes'],
  plan: ['igarape plan', 'igarape plan --tables clientes'],
  check: ['igarape check', 'igarape check --models tag:daily', 'igarape check --engine spark'],
  test: ['igarape test', 'igarape test --models tag:daily'],
  preview: ['igarape preview gold.daily --limit 5', 'igarape preview silver.clientes --diff --only silver'],
  verify: ['igarape verify', 'igarape verify --since', 'igarape verify --sample'],
  status: ['igarape status', 'igarape status --json'],
  history: ['igarape history --limit 5', 'igarape history --table clientes'],
  ui: ['igarape ui', 'igarape ui --allow-run --port 8080'],
  report: ['igarape report --out report.html', 'igarape report --out site/'],
  changes: ['igarape changes clientes', 'igarape changes clientes --run 3 --changed qtdePontos'],
  key: ['igarape key produtos 5', 'igarape key transacao_produto idTransacaoProduto=7'],
  diff: ['igarape diff clientes --from 0 --to 2', 'igarape diff silver.clientes --from 0 --to 2'],
  graph: ['igarape graph', 'igarape graph --format mermaid', 'igarape graph --format svg > lineage.svg'],
  query: [
    'igarape query "SELECT count(*) FROM clientes"',
    'igarape query "SELECT * FROM cdc.clientes" --out changes.csv',
    'igarape query "SUMMARIZE clientes"',
    'igarape query --file report.sql --vertical',
  ],
  compact: ['igarape compact --tables clientes'],
  drop: ['igarape drop silver.clientes'],
  doctor: ['igarape doctor'],
  sql: ['igarape sql', 'igarape sql < queries.sql'],
  tables: ['igarape tables', 'igarape tables silver.clientes'],
  completion: [
    'source <(igarape completion bash)                                # ~/.bashrc',
    'igarape completion zsh > ~/.zfunc/_igarape                       # $fpath',
    'igarape completion fish > ~/.config/fish/completions/igarape.fish',
    'igarape completion powershell | Out-String | Invoke-Expression   # $PROFILE',
  ],
  explain: ['igarape explain GUARD', 'igarape explain'],
  backfill: [
    'igarape backfill --from 2024-02-01',
    'igarape backfill gold.daily --from 2024-02-01 --to 2025-10-04',
  ],
  engine: ['igarape engine register'],
  'engine register': ['igarape engine register', 'igarape engine register --catalog main --run'],
  delta: ['igarape delta describe silver.clientes', 'igarape delta history s3://bucket/table'],
  'delta describe': ['igarape delta describe silver.clientes', 'igarape delta describe s3://bucket/table'],
  'delta history': ['igarape delta history silver.clientes --limit 10'],
  'delta read': ['igarape delta read silver.clientes --version 3 --where "nivel = 1"'],
  'delta changes': ['igarape delta changes silver.clientes --from 2'],
  'delta convert': ['igarape delta convert parquet/ --partition day:date'],
  'delta optimize': ['igarape delta optimize silver.clientes'],
  'delta vacuum': ['igarape delta vacuum silver.clientes --dry-run'],
  'delta restore': ['igarape delta restore silver.clientes --version 3'],
};

function exitCodes(): string {
  const codes = say(
    '0 done · 1 defect · 2 usage or configuration · 3 source · 4 held by a guard or check · 5 lake · 6 another run has the lake. More: igarape explain CODE',
  );
  return `\n${say('Exit codes:')}\n${indented(codes, HELP)}`;
}

/** Puts examples and exit codes below the help of a command and of those under it. */
export function addExamples(command: Command, path: readonly string[] = []): void {
  const lines = EXAMPLES[path.join(' ')] ?? [];
  if (lines.length > 0)
    command.addHelpText('after', [`\n${say('Examples:')}`, ...lines.map((line) => `  ${line}`)].join('\n'));
  command.addHelpText('after', exitCodes);
  for (const inner of command.commands) addExamples(inner, [...path, inner.name()]);
}
