import { homedir } from 'node:os';
import { type Command, type Option } from 'commander';
import { glob } from 'tinyglobby';
import { loadConfig } from '../config/load.ts';
import { explainedCodes } from './explained-codes.ts';

/** Options whose value is a table of the source, or a table of the layers. */
const RAW_OPTIONS = new Set(['--tables', '--approve', '--reload', '--table']);
const ALL_OPTIONS = new Set(['--models']);
/** Commands whose argument is a table. */
const TABLE_COMMANDS = new Set(['changes', 'key', 'diff', 'tables', 'drop', 'backfill', 'compact']);

/** What the last of the words after the program's name may become. Never fails: a shell shows nothing then. */
export async function completions(program: Command, words: readonly string[]): Promise<readonly string[]> {
  const last = words.at(-1) ?? '';
  const [, name, value] = /^(--[^=]+)=(.*)$/s.exec(last) ?? [];
  if (name !== undefined && value !== undefined) {
    const values = await completions(program, [...words.slice(0, -1), name, value]);
    return values.map((each) => `${name}=${each}`);
  }
  // Bash gives the sign between option and value as a word, and PowerShell has no way to give an empty one.
  const current = last === '=' || last === '""' ? '' : last;
  const before = words.slice(0, -1).filter((word) => word !== '=');
  let command = program;
  for (const word of before) command = command.commands.find((each) => each.name() === word) ?? command;
  const option = optionOf(command, program, before.at(-1));
  const candidates =
    option !== undefined && (option.required || option.optional)
      ? await valuesOf(option)
      : current.startsWith('-')
        ? [...command.options, ...program.options].flatMap(({ long }) => (long == null ? [] : [long]))
        : await argumentsOf(command, program);
  // Of a list by commas, the part that is being written.
  const [, list = '', part = current] = /^(.*,)([^,]*)$/.exec(current) ?? [];
  return [...new Set(candidates)].filter((each) => each.startsWith(part)).map((each) => `${list}${each}`);
}

function optionOf(command: Command, program: Command, word: string | undefined): Option | undefined {
  if (word === undefined) return undefined;
  return [...command.options, ...program.options].find(({ long, short }) => word === long || word === short);
}

async function valuesOf({ long, argChoices }: Option): Promise<readonly string[]> {
  if (argChoices !== undefined) return argChoices;
  if (RAW_OPTIONS.has(long ?? '')) return (await tableNames()).raw;
  if (long === '--only') return ['raw', 'bronze', 'silver', 'gold'];
  return ALL_OPTIONS.has(long ?? '') ? (await tableNames()).layers : [];
}

async function argumentsOf(command: Command, program: Command): Promise<readonly string[]> {
  if (command.commands.length > 0) return command.commands.map((each) => each.name()).filter(isShown);
  if (command.name() === 'explain') return (await explainedCodes('en')).map(({ code }) => code);
  if (command.name() === 'completion') return [...(command.registeredArguments[0]?.argChoices ?? [])];
  const isDelta = command.parent !== program && command.parent !== null;
  if (!isDelta && !TABLE_COMMANDS.has(command.name())) return [];
  const { raw, layers } = await tableNames();
  return isDelta || ['drop', 'backfill'].includes(command.name()) ? layers : [...raw, ...layers];
}

function isShown(name: string): boolean {
  return !name.startsWith('_');
}

interface TableNames {
  readonly raw: readonly string[];
  readonly layers: readonly string[];
}

/** What the configuration of this folder names, and the files of its models. */
async function tableNames(): Promise<TableNames> {
  try {
    const { config } = await loadConfig({ cwd: process.cwd(), env: { HOME: homedir() } });
    const raw = config.tables.map(({ name }) => name);
    const inBronze = [...raw, ...config.foreignTables.map(({ name }) => name)];
    const bronze = config.layers.includes('bronze') ? inBronze.map((name) => `bronze.${name}`) : [];
    const files = await glob('{silver,gold}/**/*.sql', { cwd: config.models }).catch(() => []);
    const models = files.map((file) => file.replace(/\.sql$/, '').split('/'));
    return { raw, layers: [...bronze, ...models.map((parts) => `${parts[0] ?? ''}.${parts.at(-1) ?? ''}`)] };
  } catch {
    return { raw: [], layers: [] };
  }
}
