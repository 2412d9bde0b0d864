/** A call in Kaggle's two wire forms, which carry the same data. */
export interface KaggleCall {
  /** The method of `datasets.DatasetApiService`, posted with a JSON body. */
  readonly method: string;
  readonly body: Readonly<Record<string, string | number>>;
  /** The path and query of the older form, read with GET. */
  readonly path: string;
  readonly query: Readonly<Record<string, string | number>>;
}

export interface Endpoints {
  readonly rpc: string;
  readonly rest: string;
}

/** Kaggle's own addresses, or those of another server, which has both forms under `/api/v1`. */
export function endpointsOf(endpoint: string | undefined): Endpoints {
  if (endpoint === undefined || endpoint === '') {
    return { rpc: 'https://api.kaggle.com/v1', rest: 'https://www.kaggle.com/api/v1' };
  }
  const base = `${endpoint.replace(/\/+$/, '').replace(/\/api\/v1$/, '')}/api/v1`;
  return { rpc: base, rest: base };
}

export interface Ref {
  readonly owner: string;
  readonly slug: string;
}

export function viewCall({ owner, slug }: Ref): KaggleCall {
  return { method: 'GetDataset', body: ids(owner, slug), path: `view/${owner}/${slug}`, query: {} };
}

export function statusCall({ owner, slug }: Ref): KaggleCall {
  return { method: 'GetDatasetStatus', body: ids(owner, slug), path: `status/${owner}/${slug}`, query: {} };
}

export function listCall(
  { owner, slug }: Ref,
  version: number,
  pageSize: number,
  pageToken: string | undefined,
): KaggleCall {
  const page = { datasetVersionNumber: version, pageSize, ...(pageToken ? { pageToken } : {}) };
  return {
    method: 'ListDatasetFiles',
    body: { ...ids(owner, slug), ...page },
    path: `list/${owner}/${slug}`,
    query: page,
  };
}

export function downloadCall({ owner, slug }: Ref, version: number): KaggleCall {
  const pinned = { datasetVersionNumber: version };
  return {
    method: 'DownloadDataset',
    body: { ...ids(owner, slug), ...pinned },
    path: `download/${owner}/${slug}`,
    query: pinned,
  };
}

function ids(owner: string, slug: string): Record<string, string> {
  return { ownerSlug: owner, datasetSlug: slug };
}
