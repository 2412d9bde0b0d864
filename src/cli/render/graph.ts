import type { Lineage, LineageTable } from '../../medallion/models/lineage.ts';
import { say, told } from '../language.ts';
import { cell } from './format.ts';
import type { Layout } from './layout.ts';
import { table } from './table.ts';

const LONGEST_NAME = 100;

/** The lineage as a tree from the source's tables on; what is reached twice is spelled out once. */
export function renderGraph({ tables }: Lineage, layout: Layout): string {
  const shown = new Set<string>();
  const rows = tables.filter(({ sources }) => sources.length === 0).flatMap((root) => branch(root, '', ''));
  return table(
    [
      { head: 'table', long: 'name' },
      { head: 'brought up to date', long: 'wrap' },
      { head: '', long: 'wrap', hide: 1 },
    ],
    rows,
    layout,
  );

  function branch(at: LineageTable, before: string, below: string): string[][] {
    const readers = tables.filter(({ sources }) => sources.includes(at.name));
    const isRepeated = shown.has(at.name) && readers.length > 0;
    const name = `${before}${cell(at.name, LONGEST_NAME)}`;
    if (isRepeated) return [[say(`${name} (above)`), '', '']];
    const description = shown.has(at.name) ? '' : cell(at.description ?? '');
    shown.add(at.name);
    return [
      [name, howBuilt(at), description],
      ...readers.flatMap((reader, index) => {
        const isLast = index === readers.length - 1;
        return branch(reader, `${below}${isLast ? '└── ' : '├── '}`, `${below}${isLast ? '    ' : '│   '}`);
      }),
    ];
  }
}

function howBuilt({ build }: LineageTable): string {
  if (build === null) return '';
  return build.kind === 'incremental'
    ? say('incremental')
    : say(`rebuilt: ${cell(told(build.reason), LONGEST_NAME)}`);
}

/** The lineage as a Mermaid flow chart. */
export function renderMermaid({ tables }: Lineage): string {
  const ids = new Map(tables.map(({ name }, index) => [name, `t${index}`]));
  const layers = [...new Set(tables.map(({ layer }) => layer))];
  return [
    'flowchart LR',
    ...layers.flatMap((layer) => [
      `  subgraph ${layer}`,
      ...tables
        .filter((each) => each.layer === layer)
        .map((each) => `    ${ids.get(each.name)}["${label(each)}"]`),
      '  end',
    ]),
    ...tables.flatMap(({ name, sources }) =>
      sources.map((source) => `  ${ids.get(source)} --> ${ids.get(name)}`),
    ),
  ].join('\n');
}

/** A name as the text of a node: signs that Mermaid or HTML would take for their own are written as their codes. */
function label({ name }: LineageTable): string {
  return cell(name, LONGEST_NAME).replaceAll(/[^\p{L}\p{N}\s._\-/:]/gu, (sign) => `#${sign.codePointAt(0)};`);
}
