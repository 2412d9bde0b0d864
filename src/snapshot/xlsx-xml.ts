import { createReadStream } from 'node:fs';
import { SaxesParser, type SaxesTagPlain } from 'saxes';

/** What happens while an XML file is read: names are without their prefix. */
export interface XmlHandler {
  open?(name: string, attributes: Readonly<Record<string, string>>): void;
  text?(text: string): void;
  close?(name: string): void;
}

/** Reads an XML file from its beginning to its end; yields after each part of it. Throws what is wrong with the XML. */
export async function* readXml(path: string, handler: XmlHandler): AsyncGenerator<void> {
  const parser = new SaxesParser();
  let failure: Error | undefined;
  parser.on('error', (error) => (failure ??= error));
  parser.on('opentag', ({ name, attributes }: SaxesTagPlain) => handler.open?.(local(name), attributes));
  parser.on('closetag', ({ name }) => handler.close?.(local(name)));
  parser.on('text', (text) => handler.text?.(text));
  parser.on('cdata', (text) => handler.text?.(text));
  for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: 256 * 1024 })) {
    parser.write(String(chunk));
    if (failure !== undefined) throw failure;
    yield;
  }
  parser.close();
  if (failure !== undefined) throw failure;
}

export async function readXmlAtOnce(path: string, handler: XmlHandler): Promise<void> {
  // oxlint-disable-next-line no-unused-vars -- read to its end
  for await (const _ of readXml(path, handler));
}

function local(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

/** Excel writes control characters as `_x000D_`, and an underscore before such a thing as `_x005F_`. */
export function unescapeExcel(text: string): string {
  return text.replaceAll(/_x(00[01][0-9A-Fa-f]|005F)_/g, (_, code: string) =>
    String.fromCharCode(parseInt(code, 16)),
  );
}
