import type { components } from './api/schema';

export type Boot = components['schemas']['Boot'];
export type Me = components['schemas']['Me'];
export type Workspace = components['schemas']['Workspace'];

const emptyBoot: Boot = {
  page: 'not_found',
  version: '',
  event_id: '',
  max_upload_bytes: 0,
  no_space: null,
  me: null,
  setup: null,
  clip: null,
  share: null,
  embed: false,
  invite: null,
  next: null,
  sign_in: null,
  reset: null,
};

/** Reads what the server put into <script type="application/json" id="boot">; null when it is not there or not JSON. */
export function readBoot(from: Document): Boot | null {
  const text = from.getElementById('boot')?.textContent;
  if (!text) return null;
  try {
    return { ...emptyBoot, ...(JSON.parse(text) as Boot) };
  } catch {
    return null;
  }
}

const bootData = readBoot(document);

/** Whether the server's data was there at all. */
export const hasBootData = bootData !== null;

/** What the server says about this page and this visitor. Tests fill it with Object.assign. */
export const boot: Boot = bootData ?? { ...emptyBoot };
