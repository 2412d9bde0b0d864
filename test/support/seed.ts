import * as fc from 'fast-check';

/**
 * Where property tests begin to draw. CI judges a change and not the luck of a draw, so there it is always the same;
 * everywhere else each run draws anew, and IGARAPE_PROPERTY_SEED repeats one.
 */
const SEED = process.env['IGARAPE_PROPERTY_SEED'] ?? (process.env['CI'] === 'true' ? '20261124' : undefined);

if (SEED !== undefined) fc.configureGlobal({ seed: Number(SEED) });
