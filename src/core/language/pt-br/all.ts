import type { Catalogue } from '../translation.ts';
import { ARGUMENTS, COMMANDS } from './commands.ts';
import { DELTA } from './delta.ts';
import { DELTA_REASONS } from './delta-reasons.ts';
import { DOCTOR } from './doctor.ts';
import { ENGINE } from './engine.ts';
import { INIT, PROPOSED } from './init.ts';
import { LAKE } from './lake.ts';
import { MODELS } from './models.ts';
import { PROGRAM } from './program.ts';
import { SCREENS } from './screens.ts';
import { SOURCE } from './source.ts';
import { BY_SPARK, SPARK } from './spark.ts';
import { STORAGE } from './storage.ts';
import { TABLES } from './tables.ts';
import { STATES, WORDS } from './words.ts';

/** What is said in errors, reports and ledgers. */
const REPORTED = {
  ...PROGRAM,
  ...TABLES,
  ...SOURCE,
  ...STORAGE,
  ...LAKE,
  ...MODELS,
  ...DELTA,
  ...DELTA_REASONS,
  ...SPARK,
  ...BY_SPARK,
  ...ENGINE,
};

/** All that the program says, in Portuguese. */
export const PT_BR: {
  /** What the command line says itself. */
  readonly own: Catalogue;
  readonly states: Catalogue;
  /** What others have to tell. */
  readonly told: Catalogue;
  /** Of that, what a page has to. */
  readonly reported: Catalogue;
} = {
  own: { ...WORDS, ...SCREENS, ...COMMANDS, ...INIT },
  states: STATES,
  told: { ...ARGUMENTS, ...DOCTOR, ...PROPOSED, ...REPORTED },
  reported: REPORTED,
};
