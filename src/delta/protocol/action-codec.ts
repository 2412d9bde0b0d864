import type {
  Action,
  AddFile,
  ChangeFile,
  CheckpointMetadata,
  DeletionVectorDescriptor,
  DomainMetadata,
  Metadata,
  Protocol,
  RemoveFile,
  Sidecar,
  Transaction,
} from './actions.ts';
import { corrupt, messageOf } from './corrupt.ts';
import { Fields } from './fields.ts';
import { formatJson, isJsonObject, type Json, type JsonObject, parseJson } from './json.ts';

/**
 * The actions of a log file in NDJSON; empty lines and unknown actions are passed over, as the protocol demands.
 *
 * @param file The file's name, for messages.
 * @throws IgarapeError DELTA_CORRUPT that names the file and the line.
 */
export function decodeActions(bytes: Uint8Array, file: string): Action[] {
  const actions: Action[] = [];
  let number = 0;
  for (const line of decodeText(bytes, file).split('\n')) {
    number += 1;
    const action = decodeAction(line, `${file}:${number}`);
    if (action !== undefined) actions.push(action);
  }
  return actions;
}

/** The action of one line of a log, or undefined for an empty line and for an action that is not known here. */
export function decodeAction(line: string, where: string): Action | undefined {
  if (line.trim() === '') return undefined;
  const value = parseLine(line, where);
  for (const [name, body] of Object.entries(value)) {
    if (body === null || !isActionName(name)) continue;
    return READERS[name](body, `${where} ${name}`);
  }
  return undefined;
}

/** A commit's bytes: an action a line, `commitInfo` where the caller has put it (first, by the protocol's advice). */
export function encodeActions(actions: readonly Action[]): Uint8Array {
  return new TextEncoder().encode(actions.map((action) => `${formatJson(actionJson(action))}\n`).join(''));
}

/** The text of a log file. @throws IgarapeError DELTA_CORRUPT where it is no UTF-8 */
export function decodeText(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw corrupt(file, 'it is not UTF-8', cause);
  }
}

/** An action as its one-member JSON object. */
function actionJson(action: Action): JsonObject {
  if ('commitInfo' in action) return { commitInfo: action.commitInfo };
  if ('protocol' in action) return { protocol: writeOpen(action.protocol) };
  if ('metaData' in action) return { metaData: writeOpen(action.metaData, { createdTimeMs: 'createdTime' }) };
  if ('add' in action) return { add: writeFile(action.add) };
  if ('remove' in action) return { remove: writeFile(action.remove) };
  if ('cdc' in action) return { cdc: writeFile(action.cdc) };
  if ('txn' in action) return { txn: writeOpen(action.txn, { updatedMs: 'lastUpdated' }) };
  if ('domainMetadata' in action) return { domainMetadata: writeOpen(action.domainMetadata) };
  if ('checkpointMetadata' in action) return { checkpointMetadata: writeOpen(action.checkpointMetadata) };
  return { sidecar: writeOpen(action.sidecar, { sizeBytes: 'sizeInBytes', modifiedMs: 'modificationTime' }) };
}

type ActionName = (typeof ACTION_NAMES)[number];

const ACTION_NAMES = [
  'commitInfo',
  'protocol',
  'metaData',
  'add',
  'remove',
  'cdc',
  'txn',
  'domainMetadata',
  'checkpointMetadata',
  'sidecar',
] as const;

function isActionName(name: string): name is ActionName {
  return (ACTION_NAMES as readonly string[]).includes(name);
}

const READERS: Readonly<Record<ActionName, (body: Json, where: string) => Action>> = {
  commitInfo: (body, where) => {
    if (!isJsonObject(body)) throw corrupt(where, 'it is not an object');
    return { commitInfo: body };
  },
  protocol: (body, where) => ({ protocol: readProtocol(new Fields(body, where)) }),
  metaData: (body, where) => ({ metaData: readMetadata(new Fields(body, where)) }),
  add: (body, where) => ({ add: readAdd(new Fields(body, where)) }),
  remove: (body, where) => ({ remove: readRemove(new Fields(body, where)) }),
  cdc: (body, where) => ({ cdc: readChangeFile(new Fields(body, where)) }),
  txn: (body, where) => ({ txn: readTransaction(new Fields(body, where)) }),
  domainMetadata: (body, where) => ({ domainMetadata: readDomain(new Fields(body, where)) }),
  checkpointMetadata: (body, where) => ({ checkpointMetadata: readCheckpoint(new Fields(body, where)) }),
  sidecar: (body, where) => ({ sidecar: readSidecar(new Fields(body, where)) }),
};

function parseLine(line: string, where: string): JsonObject {
  let value: Json;
  try {
    value = parseJson(line);
  } catch (cause) {
    throw corrupt(where, `it is not JSON (${messageOf(cause)})`, cause);
  }
  if (!isJsonObject(value)) throw corrupt(where, 'it is not a JSON object');
  return value;
}

function readProtocol(fields: Fields): Protocol {
  return {
    minReaderVersion: fields.integer('minReaderVersion'),
    minWriterVersion: fields.integer('minWriterVersion'),
    readerFeatures: fields.optionalTexts('readerFeatures'),
    writerFeatures: fields.optionalTexts('writerFeatures'),
    rest: fields.rest(),
  };
}

function readMetadata(fields: Fields): Metadata {
  const format = fields.optionalFields('format');
  return {
    id: fields.text('id'),
    name: fields.optionalText('name'),
    description: fields.optionalText('description'),
    format: {
      provider: format?.text('provider') ?? 'parquet',
      options: format?.optionalTextMap('options') ?? {},
    },
    // Old tables without a column leave it out; the schema's reader says so where one is needed.
    schemaString: fields.optionalText('schemaString') ?? '',
    partitionColumns: fields.optionalTexts('partitionColumns') ?? [],
    configuration: fields.optionalTextMap('configuration') ?? {},
    createdTimeMs: fields.optionalInteger('createdTime'),
    rest: fields.rest(),
  };
}

function readDeletionVector(fields: Fields | undefined): DeletionVectorDescriptor | undefined {
  if (fields === undefined) return undefined;
  return {
    storageType: fields.oneOf('storageType', ['u', 'p', 'i']),
    pathOrInlineDv: fields.text('pathOrInlineDv'),
    offset: fields.optionalInteger('offset'),
    sizeBytes: fields.integer('sizeInBytes'),
    cardinality: fields.integer('cardinality'),
    rest: fields.rest(),
  };
}

function readAdd(fields: Fields): AddFile {
  return {
    path: fields.text('path'),
    partitionValues: fields.optionalNullableTextMap('partitionValues') ?? {},
    sizeBytes: fields.integer('size'),
    modifiedMs: fields.integer('modificationTime'),
    dataChange: fields.boolean('dataChange'),
    stats: fields.optionalText('stats'),
    tags: fields.optionalObject('tags'),
    deletionVector: readDeletionVector(fields.optionalFields('deletionVector')),
    baseRowId: fields.optionalLong('baseRowId'),
    defaultRowCommitVersion: fields.optionalLong('defaultRowCommitVersion'),
    clusteringProvider: fields.optionalText('clusteringProvider'),
    rest: fields.rest(),
  };
}

function readRemove(fields: Fields): RemoveFile {
  return {
    path: fields.text('path'),
    deletedMs: fields.optionalInteger('deletionTimestamp'),
    dataChange: fields.boolean('dataChange'),
    extendedFileMetadata: fields.optionalBoolean('extendedFileMetadata'),
    partitionValues: fields.optionalNullableTextMap('partitionValues'),
    sizeBytes: fields.optionalInteger('size'),
    stats: fields.optionalText('stats'),
    tags: fields.optionalObject('tags'),
    deletionVector: readDeletionVector(fields.optionalFields('deletionVector')),
    baseRowId: fields.optionalLong('baseRowId'),
    defaultRowCommitVersion: fields.optionalLong('defaultRowCommitVersion'),
    rest: fields.rest(),
  };
}

function readChangeFile(fields: Fields): ChangeFile {
  return {
    path: fields.text('path'),
    partitionValues: fields.optionalNullableTextMap('partitionValues') ?? {},
    sizeBytes: fields.integer('size'),
    dataChange: fields.optionalBoolean('dataChange') ?? false,
    tags: fields.optionalObject('tags'),
    rest: fields.rest(),
  };
}

function readTransaction(fields: Fields): Transaction {
  return {
    appId: fields.text('appId'),
    version: fields.long('version'),
    updatedMs: fields.optionalInteger('lastUpdated'),
    rest: fields.rest(),
  };
}

function readDomain(fields: Fields): DomainMetadata {
  return {
    domain: fields.text('domain'),
    configuration: fields.text('configuration'),
    removed: fields.boolean('removed'),
    rest: fields.rest(),
  };
}

function readCheckpoint(fields: Fields): CheckpointMetadata {
  return {
    version: fields.integer('version'),
    tags: fields.optionalObject('tags'),
    rest: fields.rest(),
  };
}

function readSidecar(fields: Fields): Sidecar {
  return {
    path: fields.text('path'),
    sizeBytes: fields.integer('sizeInBytes'),
    modifiedMs: fields.integer('modificationTime'),
    tags: fields.optionalObject('tags'),
    rest: fields.rest(),
  };
}

const FILE_NAMES = { sizeBytes: 'size', modifiedMs: 'modificationTime', deletedMs: 'deletionTimestamp' };

function writeFile(file: AddFile | RemoveFile | ChangeFile): JsonObject {
  if (!('deletionVector' in file) || file.deletionVector === undefined) return writeOpen(file, FILE_NAMES);
  const deletionVector = writeOpen(file.deletionVector, { sizeBytes: 'sizeInBytes' });
  return writeOpen({ ...file, deletionVector }, FILE_NAMES);
}

/** The fields under the names of the log, and what was kept of unknown ones. */
function writeOpen(body: object, logNames: Readonly<Record<string, string>> = {}): JsonObject {
  const members: [string, Json][] = [];
  for (const [name, value] of Object.entries(body)) {
    if (value === undefined) continue;
    if (name === 'rest') members.push(...Object.entries<Json>(value));
    else members.push([logNames[name] ?? name, value]);
  }
  return Object.fromEntries(members);
}
