import { quoteText } from '../../engine/quote.ts';
import { type DemoProduct, demoProducts } from './products.ts';

export type DemoDay = 1 | 2 | 3;

/** How many clients and transactions there are on the first day: 100 and 50 at least. */
export interface DemoSize {
  readonly clients: number;
  readonly transactions: number;
}

/**
 * A day's tables as SQL, by name. Everything follows from an index by hashing it with a word; integers only, so that
 * it is the same on every machine.
 *
 * In SQL, `c` is a client's index, `t` a transaction's and `d` the day on which it appeared. Of a hundred clients two
 * leave, one each on days 2 and 3, with their transactions; of fifty, two have half of their transactions corrected.
 */
export function demoQueries(day: DemoDay, size: DemoSize): Readonly<Record<string, string>> {
  const products = demoProducts(day);
  const items = itemsOf(day, size, products);
  return {
    produtos: productsQuery(products),
    clientes: clientsQuery(day, size, items),
    transacoes: `
      WITH itens AS (${items})
      SELECT ${uuid('transacao', 't')} AS IdTransacao, ${uuid('cliente', 'any_value(c)')} AS IdCliente,
        ${text('any_value(momento)')} AS DtCriacao, sum(vl * qtde)::BIGINT AS QtdePontos,
        ${choice('origem', 't', ORIGINS)} AS DescSistemaOrigem
      FROM itens GROUP BY t ORDER BY 1`,
    transacao_produto: `
      WITH itens AS (${items})
      SELECT ${uuid('item', 't * 2 + n')} AS idTransacaoProduto, ${uuid('transacao', 't')} AS IdTransacao,
        produto AS IdProduto, qtde AS QtdeProduto, vl AS vlProduto
      FROM itens ORDER BY 1`,
  };
}

const ORIGINS = ['canoa', 'canoa', 'loja', 'aplicativo'];
const START = `TIMESTAMP '2024-12-10 00:00:00'`;
const HISTORY_END = `TIMESTAMP '2025-03-10 00:00:00'`;
const HISTORY_MS = 90 * 86_400_000;

function productsQuery(products: readonly DemoProduct[]): string {
  const rows = products.map(({ id, name, description, category }) => {
    const described = description === null ? 'NULL' : quoteText(description);
    return `(${id}, ${quoteText(name)}, ${described}, ${quoteText(category)})`;
  });
  const columns = 'IdProduto, DescNomeProduto, DescDescricaoProduto, DescCategoriaProduto';
  return `SELECT * FROM (VALUES ${rows.join(', ')}) AS produtos(${columns}) ORDER BY IdProduto`;
}

function clientsQuery(day: DemoDay, size: DemoSize, items: string): string {
  const newToday = arrivals(size.clients, 100);
  const last = size.clients + (day - 1) * newToday;
  const joinedLate = `${dayOf('instagram', 100)} BETWEEN 2 AND ${day}`;
  return `
    WITH itens AS (${items}),
      somas AS (SELECT c, sum(vl * qtde)::BIGINT AS pontos, max(momento) AS ultimo FROM itens GROUP BY c),
      todos AS (
        SELECT c, CASE WHEN c <= ${size.clients} THEN 1 ELSE 2 + (c - ${size.clients} - 1) // ${newToday} END AS d
        FROM range(1, ${last + 1}) AS indices(c)
      )
    SELECT ${uuid('cliente', 'c')} AS idCliente,
      ${flag('email', 6)} AS flEmail, ${flag('twitch', 7)} AS flTwitch, ${flag('youtube', 3)} AS flYouTube,
      ${flag('bluesky', 1)} AS flBlueSky,
      CASE WHEN ${joinedLate} THEN 1 - (${flag('instagram', 2)}) ELSE ${flag('instagram', 2)} END AS flInstagram,
      ${initialPoints('c')} + coalesce(pontos, 0) AS qtdePontos,
      ${text(createdAt('c', 'd'))} AS DtCriacao,
      ${text(`greatest(${createdAt('c', 'd')}, ultimo, ${touchedAt(day)})`)} AS DtAtualizacao
    FROM todos LEFT JOIN somas USING (c)
    WHERE ${isHere(day, size)}
    ORDER BY 1`;
}

/** The sold items, one or two to a transaction: t, n, c, momento, produto, qtde, vl. */
function itemsOf(day: DemoDay, size: DemoSize, products: readonly DemoProduct[]): string {
  const newToday = arrivals(size.transactions, 50);
  const last = size.transactions + (day - 1) * newToday;
  const newClients = arrivals(size.clients, 100);
  const activeClients = Math.max(1, Math.floor(size.clients / 25));
  const hundred = products.flatMap(({ id, weight }) => Array.from({ length: weight }, () => id));
  const points = products.map((product) => product.points);
  // Squared, so that a few clients have most of the transactions.
  const share = pick('quem', 't', 2 ** 20);
  const anyClient = `1 + (${share} * ${share} // 1048576) * ${size.clients} // 1048576`;
  const activeClient = `1 + (${pick('quem', 't', activeClients)} * 25 + d * 7) % ${size.clients}`;
  const newClient = `${size.clients} + (d - 2) * ${newClients} + 1 + ${pick('quem', 't', newClients)}`;
  return `
    SELECT t, n, c, momento, produto, vl,
      1 + ${pick('quantos', 't * 2 + n', 3)}
        + CASE WHEN ${dayOf('correcao', 50)} BETWEEN 2 AND ${day} AND d = 1 AND ${pick('linha', 't', 2)} = 0 THEN 1 ELSE 0 END AS qtde
    FROM (
      SELECT *, (${list(hundred)})[1 + ${pick('produto', 't * 2 + n', hundred.length)}] AS produto,
        (${list(points)})[produto] AS vl,
        CASE WHEN d = 1
          THEN ${createdAt('c', '1')} + to_milliseconds(
            date_diff('millisecond', ${createdAt('c', '1')}, ${HISTORY_END}) * ${pick('quando', 't', 1000)} // 1000
            + ${pick('instante', 't', 60_000)})
          ELSE ${dayStart('d')} + to_milliseconds(28800000 + ${pick('quando', 't', 50_400_000)}) END AS momento
      FROM (
        SELECT *, CASE WHEN d = 1 THEN ${anyClient} WHEN ${pick('novo', 't', 5)} = 0 THEN ${newClient} ELSE ${activeClient} END AS c
        FROM (
          SELECT t, CASE WHEN t <= ${size.transactions} THEN 1 ELSE 2 + (t - ${size.transactions} - 1) // ${newToday} END AS d,
            unnest(CASE WHEN ${pick('itens', 't', 10)} = 0 THEN [0, 1] ELSE [0] END) AS n
          FROM range(1, ${last + 1}) AS indices(t)
        )
      )
    )
    WHERE ${isHere(day, size)}`;
}

/** How many come each day, when one of so many does. */
function arrivals(total: number, oneOf: number): number {
  return Math.max(1, Math.floor(total / oneOf));
}

/** SQL: a number from 0 to below `below`, that depends on the word and the index only. */
function pick(word: string, index: string, below: number): string {
  return `(${hashed(word, index)} % ${below})::BIGINT`;
}

/** SQL: 64 bits; of one text, for the hashes of several values are not independent of each other. */
function hashed(word: string, index: string): string {
  return `hash(concat(${quoteText(`${word} `)}, ${index}))`;
}

/** SQL: the day, 2 or 3, on which something happens to client `c`, to one of so many each day; else another number. */
function dayOf(word: string, oneOf: number): string {
  return `(2 + ${pick(word, 'c', oneOf)})`;
}

/** SQL: whether client `c` has not left by that day. Clients who come later stay. */
function isHere(day: DemoDay, size: DemoSize): string {
  return `NOT (c <= ${size.clients} AND ${dayOf('saida', 100)} BETWEEN 2 AND ${day})`;
}

/** SQL: 1 for so many of ten clients, else 0. */
function flag(word: string, ofTen: number): string {
  return `CASE WHEN ${pick(word, 'c', 10)} < ${ofTen} THEN 1 ELSE 0 END`;
}

function initialPoints(client: string): string {
  return `(3000 + ${pick('inicio', client, 20_000)})`;
}

function dayStart(day: string): string {
  return `(${HISTORY_END} + to_days((${day} - 2)::INTEGER))`;
}

/** SQL: when a client came: in the history that the first day shows, or early on the day before a later one. */
function createdAt(client: string, day: string): string {
  const before = `${START} + to_milliseconds(${pick('criacao', client, HISTORY_MS)})`;
  const early = `${dayStart(day)} + to_milliseconds(${pick('criacao', client, 28_800_000)})`;
  return `(CASE WHEN ${day} = 1 THEN ${before} ELSE ${early} END)`;
}

/** SQL: when client `c` was last changed by hand up to that day, or null. */
function touchedAt(day: DemoDay): string {
  const at = (word: string, oneOf: number): string =>
    `CASE WHEN ${dayOf(word, oneOf)} BETWEEN 2 AND ${day} THEN ${dayStart(dayOf(word, oneOf))} + to_milliseconds(${pick('mudanca', 'c', 86_400_000)}) END`;
  return `${at('instagram', 100)}, ${at('correcao', 50)}`;
}

/** SQL: text in the form of a random UUID. */
function uuid(word: string, index: string): string {
  const hex = (half: string): string => `lpad(lower(to_hex(${hashed(word + half, index)})), 16, '0')`;
  const [a, b] = [hex('-a'), hex('-b')];
  return `concat(${a}[1:8], '-', ${a}[9:12], '-4', ${a}[14:16], '-a', ${b}[2:4], '-', ${b}[5:16])`;
}

/** SQL: an instant with milliseconds, as text. */
function text(timestamp: string): string {
  return `strftime(${timestamp}, '%Y-%m-%d %H:%M:%S.%g')`;
}

function choice(word: string, index: string, values: readonly string[]): string {
  return `(${list(values.map(quoteText))})[1 + ${pick(word, index, values.length)}]`;
}

function list(values: readonly (string | number)[]): string {
  return `[${values.join(', ')}]`;
}
