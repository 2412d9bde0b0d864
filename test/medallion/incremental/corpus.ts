/** What people write: models over the tables of a shop, each with its key, and why it is made as a whole where it is. */
export interface CorpusModel {
  readonly name: string;
  readonly key: string;
  readonly sql: string;
  readonly whole?: string;
}

export const SHOP: Readonly<Record<string, string>> = {
  clients:
    'id INTEGER, name VARCHAR, email VARCHAR, city VARCHAR, state VARCHAR, since DATE, referrer INTEGER',
  orders:
    'id INTEGER, client_id INTEGER, status VARCHAR, ordered_at TIMESTAMP, delivered_at TIMESTAMP, channel VARCHAR',
  items: 'id INTEGER, order_id INTEGER, product_id INTEGER, quantity INTEGER, price DECIMAL(12,2)',
  products: 'id INTEGER, name VARCHAR, category VARCHAR, cost DECIMAL(12,2), tags VARCHAR[]',
  payments: 'id INTEGER, order_id INTEGER, method VARCHAR, amount DECIMAL(12,2)',
  reviews: 'id INTEGER, order_id INTEGER, score INTEGER, moment TIMESTAMP',
  events: 'id INTEGER, client_id INTEGER, kind VARCHAR, moment TIMESTAMP, page VARCHAR',
  prices: 'product_id INTEGER, valid_from TIMESTAMP, valid_to TIMESTAMP, price DECIMAL(12,2)',
  calendar: 'day DATE, is_holiday BOOLEAN',
};

export const CORPUS: readonly CorpusModel[] = [
  // Stages: a row of the source is a row of the table.
  {
    name: 'stage',
    key: 'order_id',
    sql: `WITH source AS (SELECT * FROM shop.orders), renamed AS (SELECT id AS order_id, client_id, upper(status) AS status, CAST(ordered_at AS DATE) AS day FROM source) SELECT * FROM renamed WHERE status IS NOT NULL`,
  },
  {
    name: 'stage of cents',
    key: 'payment_id',
    sql: `SELECT id AS payment_id, order_id, coalesce(method, 'other') AS method, amount / 100 AS amount FROM shop.payments`,
  },
  {
    name: 'stage of texts',
    key: 'client_id',
    sql: `SELECT id AS client_id, trim(lower(email)) AS email, CASE WHEN state IN ('SP', 'RJ') THEN 'southeast' ELSE 'other' END AS region FROM shop.clients`,
  },
  // Rows that are told apart first.
  {
    name: 'newest by row_number',
    key: 'client_id',
    sql: `WITH ranked AS (SELECT *, row_number() OVER (PARTITION BY client_id ORDER BY moment DESC, id DESC) AS place FROM shop.events WHERE client_id IS NOT NULL) SELECT client_id, kind, moment FROM ranked WHERE place = 1`,
  },
  {
    name: 'newest by QUALIFY',
    key: 'client_id',
    sql: `SELECT client_id, kind, moment FROM shop.events WHERE client_id IS NOT NULL QUALIFY row_number() OVER (PARTITION BY client_id ORDER BY moment DESC, id DESC) = 1`,
  },
  {
    name: 'newest by DISTINCT ON',
    key: 'order_id',
    sql: `SELECT DISTINCT ON (order_id) order_id, score, moment FROM shop.reviews WHERE order_id IS NOT NULL ORDER BY order_id, moment DESC, id`,
  },
  {
    name: 'distinct pairs',
    key: 'client_id, product_id',
    sql: `SELECT DISTINCT o.client_id, i.product_id FROM shop.orders o JOIN shop.items i ON i.order_id = o.id WHERE o.client_id IS NOT NULL AND i.product_id IS NOT NULL`,
  },
  // Chains of WITH that aggregate and join.
  {
    name: 'clients with their orders and payments',
    key: 'client_id',
    sql: `WITH clients AS (SELECT * FROM shop.clients), orders AS (SELECT * FROM shop.orders), payments AS (SELECT * FROM shop.payments),
client_orders AS (SELECT client_id, min(ordered_at) AS first_order, max(ordered_at) AS last_order, count(id) AS orders FROM orders GROUP BY client_id),
client_payments AS (SELECT orders.client_id, sum(amount) AS total FROM payments LEFT JOIN orders ON payments.order_id = orders.id GROUP BY orders.client_id),
final AS (SELECT clients.id AS client_id, clients.name, client_orders.first_order, client_orders.last_order, client_orders.orders, client_payments.total AS lifetime_value
  FROM clients LEFT JOIN client_orders ON clients.id = client_orders.client_id LEFT JOIN client_payments ON clients.id = client_payments.client_id)
SELECT * FROM final`,
  },
  {
    name: 'orders with their payments',
    key: 'order_id',
    sql: `WITH orders AS (SELECT id AS order_id, client_id, status FROM shop.orders),
order_payments AS (SELECT order_id, sum(CASE WHEN method = 'card' THEN amount ELSE 0 END) AS card, sum(CASE WHEN method = 'pix' THEN amount ELSE 0 END) AS pix, sum(amount) AS total FROM shop.payments GROUP BY order_id)
SELECT orders.*, p.card, p.pix, p.total FROM orders LEFT JOIN order_payments p USING (order_id)`,
  },
  {
    name: 'order items with supplies',
    key: 'item_id',
    sql: `WITH items AS (SELECT id AS item_id, order_id, product_id, quantity FROM shop.items), products AS (SELECT id AS product_id, name, cost FROM shop.products), supplies AS (SELECT product_id, sum(cost) AS supply_cost FROM products GROUP BY 1),
joined AS (SELECT items.*, orders.ordered_at, products.name, supplies.supply_cost FROM items LEFT JOIN shop.orders AS orders ON items.order_id = orders.id LEFT JOIN products ON items.product_id = products.product_id LEFT JOIN supplies ON items.product_id = supplies.product_id)
SELECT * FROM joined`,
  },
  {
    name: 'is a first order',
    key: 'order_id',
    sql: `WITH numbered AS (SELECT id AS order_id, client_id, row_number() OVER (PARTITION BY client_id ORDER BY ordered_at, id) AS number FROM shop.orders) SELECT *, number = 1 AS is_first FROM numbered`,
  },
  // Facts and dimensions.
  {
    name: 'fact of items',
    key: 'item_id',
    sql: `SELECT i.id AS item_id, o.id AS order_id, c.state, p.category, i.quantity * i.price AS revenue, i.quantity * (i.price - p.cost) AS margin, r.score
FROM shop.items i JOIN shop.orders o ON o.id = i.order_id LEFT JOIN shop.clients c ON c.id = o.client_id LEFT JOIN shop.products p ON p.id = i.product_id
LEFT JOIN (SELECT order_id, avg(score) AS score FROM shop.reviews GROUP BY order_id) r ON r.order_id = o.id WHERE o.status <> 'canceled'`,
  },
  {
    name: 'fact by comma',
    key: 'item_id',
    sql: `SELECT i.id AS item_id, o.channel, p.category FROM shop.items i, shop.orders o, shop.products p WHERE o.id = i.order_id AND p.id = i.product_id AND i.quantity > 0`,
  },
  {
    name: 'fact by day of a calendar',
    key: 'order_id',
    sql: `SELECT o.id AS order_id, d.is_holiday FROM shop.orders o LEFT JOIN shop.calendar d ON CAST(o.ordered_at AS DATE) = d.day`,
  },
  {
    name: 'clients and their referrers',
    key: 'id',
    sql: `SELECT c.id, c.name, r.name AS referrer, rr.id AS second FROM shop.clients c LEFT JOIN shop.clients r ON r.id = c.referrer LEFT JOIN shop.clients rr ON rr.id = r.referrer`,
  },
  {
    name: 'matched by a folded text',
    key: 'id',
    sql: `SELECT c.id, count(DISTINCT e.id) AS others FROM shop.clients c LEFT JOIN shop.clients e ON lower(trim(e.email)) = lower(trim(c.email)) AND e.id <> c.id GROUP BY c.id`,
  },
  {
    name: 'price at the time by BETWEEN',
    key: 'item_id, valid_from',
    sql: `SELECT i.id AS item_id, coalesce(p.valid_from, TIMESTAMP '1970-01-01') AS valid_from, p.price FROM shop.items i JOIN shop.orders o ON o.id = i.order_id LEFT JOIN shop.prices p ON p.product_id = i.product_id AND o.ordered_at >= p.valid_from AND o.ordered_at < coalesce(p.valid_to, TIMESTAMP '9999-12-31')`,
  },
  {
    name: 'price at the time by ASOF',
    key: 'id',
    sql: `SELECT o.id, o.ordered_at, e.kind FROM (SELECT * FROM shop.orders WHERE ordered_at IS NOT NULL) o ASOF LEFT JOIN (SELECT client_id, moment, max(kind) AS kind FROM shop.events GROUP BY ALL) e ON e.client_id = o.client_id AND e.moment <= o.ordered_at`,
  },
  {
    name: 'versions of rows',
    key: 'client_id, id',
    sql: `SELECT client_id, id, kind, moment AS valid_from, lead(moment) OVER (PARTITION BY client_id ORDER BY moment, id) AS valid_to FROM shop.events WHERE client_id IS NOT NULL`,
  },
  {
    name: 'all products, sold or not',
    key: 'product_id, item_id',
    sql: `SELECT p.id AS product_id, coalesce(i.id, -1) AS item_id, p.category, i.quantity FROM shop.items i RIGHT JOIN shop.products p ON p.id = i.product_id`,
  },
  {
    name: 'due and paid',
    key: 'order_id',
    sql: `WITH due AS (SELECT order_id, sum(quantity * price) AS due FROM shop.items WHERE order_id IS NOT NULL GROUP BY order_id), paid AS (SELECT order_id, sum(amount) AS paid FROM shop.payments WHERE order_id IS NOT NULL GROUP BY order_id)
SELECT coalesce(due.order_id, paid.order_id) AS order_id, due.due, paid.paid, coalesce(paid.paid, 0) - coalesce(due.due, 0) AS gap FROM due FULL JOIN paid ON paid.order_id = due.order_id`,
  },
  // Several kinds of rows in one table.
  {
    name: 'sales and payments',
    key: 'kind, id',
    sql: `SELECT 'sale' AS kind, i.id, i.quantity * i.price AS amount, o.ordered_at AS moment FROM shop.items i JOIN shop.orders o ON o.id = i.order_id UNION ALL SELECT 'payment', id, -amount, NULL FROM shop.payments`,
  },
  {
    name: 'places',
    key: 'city, state',
    sql: `SELECT coalesce(city, '-') AS city, coalesce(state, '-') AS state FROM shop.clients UNION SELECT 'web', coalesce(channel, '-') FROM shop.orders`,
  },
  {
    name: 'orders that nobody paid',
    key: 'id',
    sql: `SELECT id FROM shop.orders EXCEPT SELECT order_id FROM shop.payments WHERE amount > 0`,
  },
  // Who has, and who has not.
  {
    name: 'clients without orders',
    key: 'id',
    sql: `SELECT c.id, c.name FROM shop.clients c WHERE NOT EXISTS (SELECT 1 FROM shop.orders o WHERE o.client_id = c.id AND o.status <> 'canceled')`,
  },
  {
    name: 'products of the app',
    key: 'id',
    sql: `SELECT p.id, p.category FROM shop.products p WHERE p.id IN (SELECT i.product_id FROM shop.items i JOIN shop.orders o ON o.id = i.order_id WHERE o.channel = 'app')`,
  },
  {
    name: 'not referred by who lost an order',
    key: 'id',
    sql: `SELECT c.id, c.city FROM shop.clients c WHERE c.referrer NOT IN (SELECT o.client_id FROM shop.orders o WHERE o.status = 'lost')`,
  },
  {
    name: 'newest order by a subquery',
    key: 'id',
    sql: `SELECT c.id, (SELECT max(o.ordered_at) FROM shop.orders o WHERE o.client_id = c.id) AS last_order, (SELECT count(*) FROM shop.clients r WHERE r.referrer = c.id) AS referred FROM shop.clients c`,
  },
  {
    name: 'newest order by LATERAL',
    key: 'id',
    sql: `SELECT c.id, l.order_id, l.ordered_at FROM shop.clients c LEFT JOIN LATERAL (SELECT o.id AS order_id, o.ordered_at FROM shop.orders o WHERE o.client_id = c.id ORDER BY o.ordered_at DESC NULLS LAST, o.id LIMIT 1) l ON true`,
  },
  {
    name: 'tags',
    key: 'id, tag',
    sql: `SELECT DISTINCT p.id, u.tag, p.category FROM shop.products p, unnest(p.tags) AS u(tag) WHERE u.tag IS NOT NULL`,
  },
  // Per client: lifetime value, features, recency.
  {
    name: 'lifetime value',
    key: 'client_id',
    sql: `SELECT o.client_id, count(DISTINCT o.id) AS orders, sum(i.quantity * i.price) AS revenue, avg(i.price) AS price, min(o.ordered_at) AS first, count(DISTINCT i.product_id) AS products FROM shop.orders o JOIN shop.items i ON i.order_id = o.id WHERE o.client_id IS NOT NULL GROUP BY o.client_id`,
  },
  {
    name: 'features',
    key: 'client_id',
    sql: `SELECT client_id, count(*) FILTER (kind = 'view') AS views, count(*) FILTER (kind = 'cart') AS carts, max(moment) AS last_seen, date_diff('day', min(moment), max(moment)) AS age, count(DISTINCT CAST(moment AS DATE)) AS days, median(hour(moment)) AS hour FROM shop.events WHERE client_id IS NOT NULL GROUP BY ALL`,
  },
  {
    name: 'features of several sources',
    key: 'id',
    sql: `WITH bought AS (SELECT client_id, count(*) AS n FROM shop.orders GROUP BY 1), seen AS (SELECT client_id, count(*) AS n FROM shop.events GROUP BY 1), scored AS (SELECT o.client_id, avg(r.score) AS score FROM shop.reviews r JOIN shop.orders o ON o.id = r.order_id GROUP BY 1)
SELECT c.id, coalesce(b.n, 0) AS orders, coalesce(s.n, 0) AS events, x.score FROM shop.clients c LEFT JOIN bought b ON b.client_id = c.id LEFT JOIN seen s ON s.client_id = c.id LEFT JOIN scored x ON x.client_id = c.id`,
  },
  {
    name: 'recency, frequency, value by fixed limits',
    key: 'r, f, v',
    sql: `WITH per AS (SELECT o.client_id, max(CAST(o.ordered_at AS DATE)) AS last, count(DISTINCT o.id) AS n, sum(p.amount) AS total FROM shop.orders o LEFT JOIN shop.payments p ON p.order_id = o.id WHERE o.client_id IS NOT NULL GROUP BY 1),
scored AS (SELECT client_id, total, CASE WHEN last >= DATE '2024-06-01' THEN 2 ELSE 1 END AS r, least(n, 3) AS f, CASE WHEN total > 100 THEN 2 ELSE 1 END AS v FROM per) SELECT r, f, v, count(*) AS clients, sum(total) AS total FROM scored GROUP BY r, f, v`,
  },
  {
    name: 'recency, frequency, value by ntile',
    key: 'client_id',
    sql: `WITH per AS (SELECT client_id, count(*) AS n, max(ordered_at) AS last FROM shop.orders WHERE client_id IS NOT NULL GROUP BY 1) SELECT client_id, ntile(5) OVER (ORDER BY last, client_id) AS r, ntile(5) OVER (ORDER BY n, client_id) AS f FROM per`,
    whole: 'its SQL has a window over all rows (without PARTITION BY)',
  },
  {
    name: 'clients of more than two orders',
    key: 'client_id',
    sql: `SELECT client_id, count(*) AS n FROM shop.orders WHERE client_id IS NOT NULL GROUP BY client_id HAVING count(*) > 2`,
  },
  // By time: cohorts, funnels, sessions, rolling windows.
  {
    name: 'cohorts',
    key: 'cohort, months',
    sql: `WITH firsts AS (SELECT client_id, date_trunc('month', min(ordered_at)) AS cohort FROM shop.orders WHERE client_id IS NOT NULL GROUP BY 1)
SELECT f.cohort, date_diff('month', f.cohort, o.ordered_at) AS months, count(DISTINCT o.client_id) AS clients, count(*) AS orders FROM shop.orders o JOIN firsts f ON f.client_id = o.client_id WHERE o.ordered_at IS NOT NULL GROUP BY 1, 2`,
  },
  {
    name: 'funnel by day',
    key: 'day',
    sql: `WITH per AS (SELECT CAST(moment AS DATE) AS day, client_id, bool_or(kind = 'view') AS viewed, bool_or(kind = 'cart') AS carted, bool_or(kind = 'buy') AS bought FROM shop.events GROUP BY 1, 2)
SELECT day, count(*) FILTER (viewed) AS viewed, count(*) FILTER (viewed AND carted) AS carted, count(*) FILTER (viewed AND carted AND bought) AS bought FROM per GROUP BY day`,
  },
  {
    name: 'sessions',
    key: 'client_id, session',
    sql: `WITH marked AS (SELECT id, client_id, moment, CASE WHEN moment - lag(moment) OVER (PARTITION BY client_id ORDER BY moment, id) <= INTERVAL 30 DAY THEN 0 ELSE 1 END AS is_new FROM shop.events WHERE client_id IS NOT NULL),
numbered AS (SELECT *, sum(is_new) OVER (PARTITION BY client_id ORDER BY moment, id ROWS UNBOUNDED PRECEDING) AS session FROM marked)
SELECT client_id, session, min(moment) AS start, max(moment) AS stop, count(*) AS events FROM numbered GROUP BY client_id, session`,
  },
  {
    name: 'page views with their session',
    key: 'id',
    sql: `WITH pages AS (SELECT * FROM shop.events WHERE kind = 'view'), with_previous AS (SELECT id, client_id, moment, lag(moment) OVER (PARTITION BY client_id ORDER BY moment, id) AS previous FROM pages), with_new AS (SELECT *, CASE WHEN moment - previous < INTERVAL 20 DAY THEN 0 ELSE 1 END AS new_session FROM with_previous)
SELECT id, sum(new_session) OVER (PARTITION BY client_id ORDER BY moment, id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS session FROM with_new`,
    whole: 'its key id, and any other column, comes from no rows of its sources alone',
  },
  {
    name: 'running total and the order before',
    key: 'order_id',
    sql: `SELECT o.id AS order_id, o.client_id, sum(p.amount) OVER (PARTITION BY o.client_id ORDER BY o.ordered_at, o.id ROWS UNBOUNDED PRECEDING) AS running, lag(o.ordered_at) OVER (PARTITION BY o.client_id ORDER BY o.ordered_at, o.id) AS previous FROM shop.orders o LEFT JOIN (SELECT order_id, sum(amount) AS amount FROM shop.payments GROUP BY 1) p ON p.order_id = o.id`,
  },
  {
    name: 'rolling days of a product',
    key: 'product_id, day',
    sql: `WITH daily AS (SELECT i.product_id, CAST(o.ordered_at AS DATE) AS day, sum(i.quantity) AS quantity FROM shop.items i JOIN shop.orders o ON o.id = i.order_id WHERE i.product_id IS NOT NULL AND o.ordered_at IS NOT NULL GROUP BY 1, 2)
SELECT product_id, day, sum(quantity) OVER (PARTITION BY product_id ORDER BY day RANGE BETWEEN INTERVAL 27 DAY PRECEDING AND CURRENT ROW) AS last_28 FROM daily`,
  },
  {
    name: 'rolling days of a shop',
    key: 'day',
    sql: `WITH daily AS (SELECT CAST(ordered_at AS DATE) AS day, count(*) AS n FROM shop.orders WHERE ordered_at IS NOT NULL GROUP BY 1) SELECT d.day, sum(b.n) AS last_7 FROM daily d JOIN daily b ON b.day BETWEEN d.day - 6 AND d.day GROUP BY d.day`,
  },
  {
    name: 'daily by category',
    key: 'day, category',
    sql: `SELECT CAST(o.ordered_at AS DATE) AS day, coalesce(p.category, '-') AS category, count(*) AS n, sum(i.quantity * i.price) AS revenue FROM shop.items i JOIN shop.orders o ON o.id = i.order_id LEFT JOIN shop.products p ON p.id = i.product_id WHERE o.ordered_at IS NOT NULL GROUP BY ALL`,
  },
  {
    name: 'prices by category, of items of no product too',
    key: 'category',
    sql: `SELECT coalesce(p.category, '-') AS category, count(*) AS n, avg(i.price) AS price FROM shop.items i LEFT JOIN shop.products p ON p.id = i.product_id GROUP BY coalesce(p.category, '-')`,
  },
  {
    name: 'payments by channel, of no order too',
    key: 'channel',
    sql: `SELECT coalesce(o.channel, 'none') AS channel, count(*) AS n, avg(p.amount) AS amount FROM shop.orders o FULL JOIN shop.payments p ON p.order_id = o.id GROUP BY coalesce(o.channel, 'none')`,
  },
  {
    name: 'every client and product, bought or not',
    key: 'id, product_id',
    sql: `SELECT c.id, p.id AS product_id, p.category, b.n FROM shop.clients c CROSS JOIN shop.products p LEFT JOIN (SELECT o.client_id, i.product_id, count(*) AS n FROM shop.orders o JOIN shop.items i ON i.order_id = o.id GROUP BY ALL) b ON b.client_id = c.id AND b.product_id = p.id`,
  },
  {
    name: 'places of an order among those of its client, and among these in a channel',
    key: 'id',
    sql: `SELECT id, client_id, channel, count(*) OVER (PARTITION BY client_id, channel) AS alike, row_number() OVER (PARTITION BY client_id ORDER BY ordered_at, id) AS place FROM shop.orders`,
  },
  {
    name: 'time to deliver by state and month',
    key: 'state, month',
    sql: `SELECT coalesce(c.state, '-') AS state, date_trunc('month', o.delivered_at) AS month, avg(date_diff('day', o.ordered_at, o.delivered_at)) AS days, quantile_cont(date_diff('day', o.ordered_at, o.delivered_at), 0.9) AS ninth FROM shop.orders o LEFT JOIN shop.clients c ON c.id = o.client_id WHERE o.delivered_at IS NOT NULL GROUP BY 1, 2`,
  },
  {
    name: 'best products of a category',
    key: 'category, place',
    sql: `SELECT coalesce(p.category, '-') AS category, row_number() OVER (PARTITION BY coalesce(p.category, '-') ORDER BY sum(i.quantity) DESC NULLS LAST, p.id) AS place, p.id AS product_id FROM shop.items i JOIN shop.products p ON p.id = i.product_id GROUP BY coalesce(p.category, '-'), p.id QUALIFY place <= 3`,
  },
  {
    name: 'levels of a rollup below the total',
    key: 'level, state, channel',
    sql: `SELECT grouping(o.channel) AS level, coalesce(c.state, '-') AS state, coalesce(o.channel, '-') AS channel, count(*) AS n FROM shop.orders o JOIN shop.clients c ON c.id = o.client_id GROUP BY GROUPING SETS ((c.state), (c.state, o.channel))`,
  },
  {
    name: 'share of all',
    key: 'category',
    sql: `SELECT p.category, sum(i.quantity) * 100.0 / (SELECT sum(quantity) FROM shop.items) AS share FROM shop.items i JOIN shop.products p ON p.id = i.product_id WHERE p.category IS NOT NULL GROUP BY p.category`,
  },
  {
    name: 'days since the newest order of all',
    key: 'client_id',
    sql: `WITH newest AS (SELECT max(CAST(ordered_at AS DATE)) AS day FROM shop.orders) SELECT o.client_id, newest.day - max(CAST(o.ordered_at AS DATE)) AS days FROM shop.orders o CROSS JOIN newest WHERE o.client_id IS NOT NULL GROUP BY o.client_id, newest.day`,
  },
  {
    name: 'newest three orders of all',
    key: 'id',
    sql: `SELECT id, ordered_at FROM shop.orders ORDER BY ordered_at DESC NULLS LAST, id LIMIT 3`,
    whole: 'its SQL uses LIMIT',
  },
];
