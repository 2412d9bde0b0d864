/** What the page and its server tell each other: every answer is JSON of one of these types. */
import type { ChangedColumns } from '../explore/changed-positions.ts';
import type { ChangePage } from '../explore/changes.ts';
import type { CubeRows, CubeShape } from '../explore/cube.ts';
import type { FoundKey } from '../explore/find-key.ts';
import type { KeyHistory } from '../explore/key-history.ts';
import type { TableProfile } from '../explore/profile.ts';
import type { SchemaStep } from '../explore/schema-history.ts';
import type { VersionDiff } from '../explore/version-diff.ts';
import type { TablePage } from '../explore/table-page.ts';
import type { Catalogue } from '../core/language/translation.ts';
import type { Progress } from '../core/log.ts';
import type { TableReport } from '../lake/ledger-entry.ts';
import type { PastRun } from '../lake/past-runs.ts';
import type { VerifyReport } from '../lake/verify.ts';
import type { Lineage } from '../medallion/models/lineage.ts';
import type { ListedTable } from '../pipeline/tables.ts';
import type { CycleRecord } from '../pipeline/journal/record.ts';
import type { PlanReport } from '../pipeline/plan.ts';
import type { LayersVerification } from '../pipeline/verify.ts';
import type { ProjectStatus } from '../explore/status.ts';

/** A lake's runs, as the heat map shows them. */
export interface Overview {
  readonly lake: string;
  readonly version: string;
  readonly allowRun: boolean;
  /** Newest first, a year's at most. */
  readonly runs: readonly PastRun[];
  readonly tables: readonly {
    readonly name: string;
    readonly rows: number;
    readonly key: readonly string[];
  }[];
}

export interface RunDetail {
  readonly run: PastRun;
  /** What the journal tells of the cycle that committed it; null where it tells nothing any more. */
  readonly cycle: CycleRecord | null;
  /** Null where there is none. */
  readonly previous: number | null;
  readonly next: number | null;
}

export interface GraphAnswer extends Lineage {
  /** The SQL of models, by full name. */
  readonly sql: Readonly<Record<string, string>>;
}

/** A version of a table: a run that changed a table of the source, or a commit to one of a layer. */
export interface TableVersion {
  readonly version: number;
  readonly at: string;
  readonly operation: string;
  /** Null where its writer does not tell. */
  readonly changes: {
    readonly inserted: number;
    readonly updated: number;
    readonly deleted: number;
  } | null;
  /** Rows that stand for others now, of which nothing tells how many are as they were. */
  readonly replaced: number | null;
}

export interface VersionsAnswer {
  readonly versions: readonly TableVersion[];
  /** Of a table of the source. */
  readonly schema: readonly SchemaStep[];
  /** Of a layer's table. */
  readonly health: TableHealth | null;
}

export interface TableHealth {
  readonly files: number;
  readonly smallFiles: number;
  readonly sizeBytes: number;
  readonly deletedRows: number;
  readonly oldestVersion: number;
}

export interface SqlAnswer {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly (string | null)[])[];
  readonly truncated: boolean;
}

export interface FindAnswer {
  readonly keys: readonly FoundKey[];
}

/** Answers to GET, by path. */
export interface Answers {
  readonly '/api/overview': Overview;
  readonly '/api/status': ProjectStatus;
  readonly '/api/run': RunDetail;
  /** The last cycles, newest first. */
  readonly '/api/cycles': readonly CycleRecord[];
  readonly '/api/changes': ChangePage;
  readonly '/api/columns': ChangedColumns;
  readonly '/api/key': KeyHistory;
  readonly '/api/find': FindAnswer;
  readonly '/api/graph': GraphAnswer;
  readonly '/api/rows': TablePage;
  readonly '/api/profile': TableProfile;
  readonly '/api/versions': VersionsAnswer;
  /** What a query may name. */
  readonly '/api/tables': readonly ListedTable[];
  readonly '/api/diff': VersionDiff;
  readonly '/api/cubes': readonly CubeShape[];
  readonly '/api/cube': CubeRows;
  /** What reports and errors say in English, in Portuguese. */
  readonly '/api/told': Catalogue;
}

export type AnswerPath = keyof Answers;

/** What is asked for, as the part of an address after `?`; a list's parts stand one after the other. */
export type Question = Readonly<Record<string, string>>;

export interface PlanAnswer {
  readonly report: PlanReport;
}

export interface ErrorAnswer {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly hint: string | null;
    /** The same may be asked again in a while. */
    readonly retryable: boolean;
  };
}

/** What the server tells by itself, each as one event of this name. */
export interface Events {
  /** Somebody has committed something, to the lake or to a table of its layers. */
  readonly revision: Record<string, never>;
  /** What this server does, or that another process on this machine has a run under way. */
  readonly running: { readonly running: Doing | 'elsewhere' | null };
  readonly progress: {
    readonly step: Progress['step'] | 'verify';
    readonly table: string | null;
    /** How far the whole is, from 0 to 1. */
    readonly share: number;
  };
  readonly ended: {
    readonly exitCode: number;
    readonly run: number | null;
    readonly tables: Readonly<Record<string, TableReport>>;
    readonly error: ErrorAnswer['error'] | null;
  };
  /** A verification has ended: by an error, or with what it has found. */
  readonly verified: ErrorAnswer | { readonly report: VerifyReport & LayersVerification };
}

/** What the page may set going. */
export type Doing = 'run' | 'verification';
