import type { Archive } from '../source/archive-port.ts';
import type { NumberKind } from './xlsx-number.ts';
import { kindOfFormat } from './xlsx-number.ts';
import { readXml, readXmlAtOnce, unescapeExcel } from './xlsx-xml.ts';

export interface Sheet {
  readonly name: string;
  /** The part of the workbook that has its cells. */
  readonly part: string;
}

export interface Workbook {
  readonly sheets: readonly Sheet[];
  readonly is1904: boolean;
}

/** Resolves the local files of parts of a workbook. */
export type OpenPart = (name: string) => Promise<string | undefined>;

const WORKBOOK = 'xl/workbook.xml';
const RELATIONS = 'xl/_rels/workbook.xml.rels';

/** Whether a zip archive is a workbook, and of which kind: of the others are macros, and forms that are not read. */
export function workbookKind(archive: Archive): 'xlsx' | 'macros' | 'xlsb' | 'ods' | undefined {
  const names = new Set(archive.entries.map(({ name }) => name));
  if (names.has('xl/workbook.bin')) return 'xlsb';
  if (names.has('content.xml') && names.has('mimetype')) return 'ods';
  if (!names.has(WORKBOOK)) return undefined;
  return names.has('xl/vbaProject.bin') ? 'macros' : 'xlsx';
}

export async function readWorkbook(openPart: OpenPart): Promise<Workbook> {
  const found: { name: string; relation: string }[] = [];
  let is1904 = false;
  await readPart(openPart, WORKBOOK, (tag, attributes) => {
    if (tag === 'workbookPr') is1904 = ['1', 'true'].includes(attributes['date1904'] ?? '');
    const relation =
      attributes['r:id'] ?? Object.entries(attributes).find(([key]) => key.endsWith(':id'))?.[1];
    if (tag === 'sheet' && relation !== undefined) found.push({ name: attributes['name'] ?? '', relation });
  });
  const targets = new Map<string, string>();
  await readPart(openPart, RELATIONS, (tag, { Id: id, Target: target, Type: type = '' }) => {
    if (tag !== 'Relationship' || id === undefined || target === undefined || !type.endsWith('/worksheet'))
      return;
    targets.set(id, target.startsWith('/') ? target.slice(1) : `xl/${target.replace(/^\.\//, '')}`);
  });
  const sheets = found.flatMap(({ name, relation }) => {
    const part = targets.get(relation);
    return part === undefined ? [] : [{ name, part }];
  });
  return { sheets, is1904 };
}

/** What each cell style makes of a number, by the style's index. */
export async function readNumberKinds(openPart: OpenPart): Promise<NumberKind[]> {
  const codes = new Map<number, string>();
  const kinds: NumberKind[] = [];
  let isInCells = false;
  await readPart(
    openPart,
    'xl/styles.xml',
    (tag, attributes) => {
      if (tag === 'numFmt') codes.set(Number(attributes['numFmtId']), attributes['formatCode'] ?? '');
      if (tag === 'cellXfs') isInCells = true;
      if (tag !== 'xf' || !isInCells) return;
      const id = Number(attributes['numFmtId'] ?? 0);
      kinds.push(kindOfFormat(id, codes.get(id)));
    },
    (tag) => {
      if (tag === 'cellXfs') isInCells = false;
    },
  );
  return kinds;
}

/** The texts that cells name by number. */
export async function readSharedTexts(openPart: OpenPart, signal: AbortSignal): Promise<string[]> {
  const path = await openPart('xl/sharedStrings.xml');
  const texts: string[] = [];
  if (path === undefined) return texts;
  let text = '';
  let isText = false;
  let phonetic = 0;
  const parts = readXml(path, {
    open: (tag) => {
      if (tag === 'si') text = '';
      if (tag === 'rPh') phonetic += 1;
      isText = tag === 't' && phonetic === 0;
    },
    text: (part) => {
      if (isText) text += part;
    },
    close: (tag) => {
      if (tag === 't') isText = false;
      if (tag === 'rPh') phonetic -= 1;
      if (tag === 'si') texts.push(unescapeExcel(text));
    },
  });
  // oxlint-disable-next-line no-unused-vars -- read to its end
  for await (const _ of parts) signal.throwIfAborted();
  return texts;
}

async function readPart(
  openPart: OpenPart,
  name: string,
  open: (tag: string, attributes: Readonly<Record<string, string>>) => void,
  close?: (tag: string) => void,
): Promise<void> {
  const path = await openPart(name);
  if (path !== undefined) await readXmlAtOnce(path, { open, ...(close === undefined ? {} : { close }) });
}
