import * as fc from 'fast-check';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { discoverTables } from '../../src/cli/init/discover.ts';
import { decoded, guessEncoding } from '../../src/cli/init/guess-encoding.ts';
import { useTempDir } from '../support/tmp.ts';
import { writeFileAt } from '../support/write-file.ts';

const dir = useTempDir();

const guess = (bytes: Uint8Array, isWhole = false): string | undefined =>
  guessEncoding(Buffer.from(bytes), isWhole).encoding;

test('the encoding is told by byte order mark or by what is no UTF-8, even where a character is cut', () => {
  expect(guess(Buffer.from('ação'))).toBe('utf-8');
  expect(guess(Buffer.from('açã').subarray(0, -1))).toBe('utf-8');
  expect(guess(Buffer.from('id;v\n1;pé', 'latin1'), true)).toBe('windows-1252');
  expect(guess(Buffer.from('ação', 'latin1'))).toBe('windows-1252');
  expect(guess(Buffer.from('\uFEFFa', 'utf16le'))).toBe('utf-16le');
  expect(guess(Uint8Array.of(0xfe, 0xff, 0, 0x61))).toBe('utf-16be');
  expect(guess(Buffer.from('id,ação\n', 'utf16le'))).toBe('utf-16le');
  expect(guess(Buffer.from('id,ação\n', 'utf16le').swap16())).toBe('utf-16be');
  expect(guess(Buffer.from('id,acao\n'))).toBeUndefined();
});

const WORDS =
  'São João ação açaí pé você avó avô maçã índio última Ação AÇÃO MÃE ÁGUA ÔNIBUS Ângela põe lingüiça niño ESPAÑA français où Noël Müller Bär Größe Åse Øre cœur d’água L’Oréal D’AVILA Rio\u00A0Claro Rio\u00A0de de–para R$ 10 €20 café®'.split(
    ' ',
  );

const OF_A_BYTE = ['windows-1252', 'iso-8859-15', 'cp850', 'cp860', 'macintosh'];

test('a text of Windows is never taken for one of MS-DOS, and one of MS-DOS is where its words show it', () => {
  const written = fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(written, (words) => {
      const bytes = Buffer.from(
        Array.from(words.join(';'), (letter) => byteIn('windows-1252', letter) ?? 0x3f),
      );
      expect(guess(bytes)).not.toBe('cp850');
    }),
    { numRuns: 2000 },
  );
  for (const word of ['São João', 'ação', 'pé de maçã', 'AÇÃO', 'o país é', 'Zélia', 'ESPAÑA', 'garçon où']) {
    const bytes = Buffer.from(Array.from(word, (letter) => byteIn('cp850', letter)));
    expect([word, guess(bytes)]).toEqual([word, 'cp850']);
  }
});

const OF_BRAZIL =
  'São João ação açaí pé você avó avô maçã índio última Ação AÇÃO MÃE ÁGUA ÔNIBUS Ângela põe lingüiça época ótimo água Ágil Ótimo É é À à às Índia Único Êxito êxito ônibus ânsia Órgão JOSÉ CAFÉ nº 1º 2ª 30°C PÃO SÃO Óleo AVÓ AVÔ BAÚ país saúde três mês Além só já Já Pará PARANÁ Piauí fôlego à-toa'.split(
    ' ',
  );

test('where texts come out otherwise than they were written, a word is told as it reads in both', () => {
  const written = fc.array(fc.constantFrom(...OF_BRAZIL), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(written, fc.constantFrom(...OF_A_BYTE), (words, encoding) => {
      const text = `id;nome\n${words.map((word, row) => `${row};${word}\n`).join('')}`;
      const bytes = bytesIn(encoding, text);
      fc.pre(bytes !== undefined);
      const { encoding: guessed = 'utf-8', doubt } = guessEncoding(bytes, true);
      const read = decoded(bytes, guessed, true);
      const { other } = doubt ?? {};
      expect({
        isTold: read === text || doubt !== undefined,
        readsSo: doubt === undefined || read.includes(doubt.read),
        wouldReadSo: other === undefined || decoded(bytes, other.encoding, true).includes(other.read),
        isAnother: other === undefined || (other.encoding !== guessed && other.read !== doubt?.read),
      }).toEqual({ isTold: true, readsSo: true, wouldReadSo: true, isAnother: true });
    }),
    { numRuns: 3000 },
  );
});

test('a text of UTF-8 with some bytes that are none stays one, and these are told', () => {
  const words = fc.array(fc.constantFrom('São', 'João', 'ação', 'pé', 'Ótimo', 'água'), { minLength: 3 });
  fc.assert(
    fc.property(words, fc.constantFrom('São', 'pé', 'ação'), fc.nat(), (good, bad, at) => {
      const lines = good.map((word, row) => Buffer.from(`${row};${word}${row}\n`));
      lines.splice(at % lines.length, 0, Buffer.from(`x;${bad}\n`, 'latin1'));
      const { encoding, doubt } = guessEncoding(Buffer.concat(lines), true);
      expect(encoding).toBe('utf-8');
      expect(doubt?.read).toContain('\uFFFD');
      expect(doubt?.other).toEqual({ encoding: 'windows-1252', read: bad });
    }),
  );
});

test.each(['§', '¦'])('a %s between fields is no letter of a word', (separator) => {
  const words = fc.array(fc.constantFrom('São', 'João', 'ação', 'pé', '1', 'abc', ''), { minLength: 2 });
  fc.assert(
    fc.property(words, (nomes) => {
      const lines = ['id', ...nomes].map((nome, row) => `${row}${separator}${nome}${separator}x\n`);
      const bytes = bytesIn('windows-1252', lines.join(''));
      expect(guessEncoding(bytes ?? Buffer.of(), true).encoding ?? 'windows-1252').toBe('windows-1252');
    }),
  );
});

test('what a file is read as is told where its bytes cannot tell it, with the value and the setting', async () => {
  await writeFileAt(join(dir(), 'dos.csv'), bytesIn('cp850', 'id;nome\n1;Ótimo\n2;ÔNIBUS\n') ?? '');
  await writeFileAt(join(dir(), 'windows.csv'), bytesIn('windows-1252', 'id;nome\n1;Óleo\n2;b\n') ?? '');
  await writeFileAt(join(dir(), 'sure.csv'), bytesIn('windows-1252', 'id;nome\n1;São\n2;Ação\n') ?? '');
  const { tables } = await discoverTables(dir(), 0);
  expect(Object.fromEntries(tables.map(({ name, encoding, notes }) => [name, { encoding, notes }]))).toEqual({
    dos: {
      encoding: 'cp850',
      notes: [
        'dos.csv: it is read as cp850, where it has "Ótimo": if that is "àtimo", "encoding" is "windows-1252"',
      ],
    },
    windows: {
      encoding: 'windows-1252',
      notes: [
        'windows.csv: it is read as windows-1252, where it has "Óleo": if that is "Ëleo", "encoding" is "cp850"',
      ],
    },
    sure: { encoding: 'windows-1252', notes: [] },
  });
});

test('a file of ASCII alone is one table with those beside it, whatever their encoding', async () => {
  await writeFileAt(join(dir(), 'vendas_1.csv'), 'id;nome\n1;Ana\n');
  await writeFileAt(join(dir(), 'vendas_2.csv'), Buffer.from('id;nome\n2;São\n', 'latin1'));
  await writeFileAt(join(dir(), 'vendas_3.csv'), 'id;nome\n3;Bia\n');
  const { tables } = await discoverTables(dir(), 0);
  expect(tables).toMatchObject([{ name: 'vendas', file: 'vendas_*.csv', encoding: 'windows-1252' }]);
});

const BYTES = new Map(
  OF_A_BYTE.map((encoding) => [
    encoding,
    Array.from({ length: 256 }, (_, byte) => decoded(Buffer.of(byte), encoding, true)),
  ]),
);

function byteIn(encoding: string, letter: string): number {
  return BYTES.get(encoding)?.indexOf(letter) ?? -1;
}

/** Undefined where the encoding does not have all of its characters. */
function bytesIn(encoding: string, text: string): Buffer | undefined {
  const bytes = Array.from(text, (letter) => byteIn(encoding, letter));
  return bytes.includes(-1) ? undefined : Buffer.from(bytes);
}
