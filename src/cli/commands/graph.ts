import { graph } from '../../pipeline/graph.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../print.ts';
import { openProject } from '../project.ts';
import { renderGraph, renderMermaid } from '../render/graph.ts';
import { untilStopped } from '../stop.ts';

export async function command(
  _args: readonly string[],
  { format }: { readonly format: 'text' | 'mermaid' | 'json' },
  globals: GlobalOptions,
): Promise<number> {
  const project = await openProject(globals);
  const found = await untilStopped((signal) => graph(project, project.edge(signal)));
  const json = globals.json === true || format === 'json';
  print(found, { ...globals, json }, format === 'mermaid' ? renderMermaid : renderGraph);
  return 0;
}
