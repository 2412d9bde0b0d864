import { posix } from 'node:path';
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
  /** The part with the cells' styles, and the one with the texts that several of them have. */
  readonly styles: string | undefined;
  readonly texts: string | undefined;
}

/** Resolves the local files of parts of a workbook. */
export type OpenPart = (name: string) => Promise<string | undefined>;

const WORKBOOK = 'xl/workbook.xml';
/** What some programs call it. */
const ANY_WORKBOOK = /^xl\/workbook\d*\.xml$/;

/** Whether a zip archive is a workbook, and of which kind: of the others are macros, and forms that are not read. */
export function workbookKind(archive: Archive): 'xlsx' | 'macros' | 'xlsb' | 'ods' | undefined {
  const names = new Set(archive.entries.map(({ name }) => name));
  if (names.has('xl/workbook.bin')) return 'xlsb';
  if (names.has('content.xml') && names.has('mimetype')) return 'ods';
  if (!archive.entries.some(({ name }) => ANY_WORKBOOK.test(name))) return undefined;
  return names.has('xl/vbaProject.bin') ? 'macros' : 'xlsx';
}

export async function readWorkbook(openPart: OpenPart): Promise<Workbook> {
  const own = (await readRelations(openPart, '')).find(({ type }) => type === 'officeDocument');
  const workbook = own?.part ?? WORKBOOK;
  const found: { name: string; relation: string }[] = [];
  let is1904 = false;
  await readPart(openPart, workbook, (tag, attributes) => {
    if (tag === 'workbookPr') is1904 = ['1', 'true'].includes(attributes['date1904'] ?? '');
    const relation =
      attributes['r:id'] ?? Object.entries(attributes).find(([key]) => key.endsWith(':id'))?.[1];
    if (tag === 'sheet' && relation !== undefined) found.push({ name: attributes['name'] ?? '', relation });
  });
  const relations = await readRelations(openPart, workbook);
  const sheets = found.flatMap(({ name, relation }) =>
    relations
      .filter(({ id, type }) => id === relation && type === 'worksheet')
      .map(({ part }) => ({ name, part })),
  );
  const partOf = (type: string): string | undefined =>
    relations.find((relation) => relation.type === type)?.part;
  return { sheets, is1904, styles: partOf('styles'), texts: partOf('sharedStrings') };
}

interface Relation {
  readonly id: string | undefined;
  /** The last word of its type's address, which differs in the first part. */
  readonly type: string;
  readonly part: string;
}

/** The parts that a part refers to, or the workbook as a whole: `''`. */
async function readRelations(openPart: OpenPart, of: string): Promise<readonly Relation[]> {
  const folder = posix.dirname(of);
  const relations: Relation[] = [];
  await readPart(
    openPart,
    posix.join(folder, '_rels', `${posix.basename(of)}.rels`),
    (tag, { Id: id, Target: target, Type: type = '' }) => {
      if (tag !== 'Relationship' || target === undefined) return;
      const part = posix.join(target.startsWith('/') ? '' : folder, target).replace(/^\//, '');
      relations.push({ id, type: type.slice(type.lastIndexOf('/') + 1), part });
    },
  );
  return relations;
}

/** What each cell style makes of a number, by the style's index. */
export async function readNumberKinds(openPart: OpenPart, styles: string | undefined): Promise<NumberKind[]> {
  const codes = new Map<number, string>();
  const kinds: NumberKind[] = [];
  let isInCells = false;
  await readPart(
    openPart,
    styles,
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
export async function readSharedTexts(
  openPart: OpenPart,
  part: string | undefined,
  signal: AbortSignal,
): Promise<string[]> {
  const path = part === undefined ? undefined : await openPart(part);
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
  part: string | undefined,
  open: (tag: string, attributes: Readonly<Record<string, string>>) => void,
  close?: (tag: string) => void,
): Promise<void> {
  const path = part === undefined ? undefined : await openPart(part);
  if (path !== undefined) await readXmlAtOnce(path, { open, ...(close === undefined ? {} : { close }) });
}
