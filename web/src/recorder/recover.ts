/** Recordings on this disk that no open tab is busy with: the tab crashed, was closed, or never reached the server. */
import { dataFile, lockName, metaFile, spoolFolder, type RecordedFile } from './messages';
import { decodeMeta, heldMs, type Meta } from './meta';

export interface Orphan {
  id: string;
  bytes: number;
  meta: Meta;
}

export interface OrphanListener {
  orphans: Orphan[];
  /** Thrown away while no server was there to be told. */
  discarded: string[];
  /** In the hands of another tab; perhaps only of one that is just ending. */
  busy: string[];
}

const nothing: OrphanListener = { orphans: [], discarded: [], busy: [] };

/** What this person left behind in this browser, the newest first. Empty where there is no private file system. */
export async function findOrphans(userId: string): Promise<OrphanListener> {
  const all = await spoolDirectory();
  if (!all) return nothing;
  const seen: Orphan[] = [];
  for await (const [id, entry] of all.entries()) {
    if (entry.kind !== 'directory') continue;
    const one = await listOrphans(id, entry as FileSystemDirectoryHandle);
    if (one?.meta.userId === userId) seen.push(one);
  }
  // The locks after the folders: a recorder takes the lock before it makes the folder.
  const held = new Set((await navigator.locks.query()).held?.map((l) => l.name));
  const free = seen.filter((o) => !held.has(lockName(o.id)));
  return {
    busy: seen.filter((o) => held.has(lockName(o.id))).map((o) => o.id),
    discarded: free.filter((o) => o.meta.discarded || (o.bytes === 0 && !o.meta.clipId)).map((o) => o.id),
    orphans: free.filter((o) => !o.meta.discarded && o.bytes > 0).sort((a, b) => b.meta.createdAt - a.meta.createdAt),
  };
}

/** Calls back with the orphans found, now and whenever another tab releases a recording, until the signal. */
export async function watchOrphans(userId: string, found: (f: OrphanListener) => void, signal: AbortSignal): Promise<void> {
  const waiting = new Set<string>();
  const again = async () => {
    const f = await findOrphans(userId).catch(() => nothing);
    if (signal.aborted) return;
    found(f);
    for (const id of f.busy.filter((id) => !waiting.has(id))) {
      waiting.add(id);
      void navigator.locks
        .request(lockName(id), { signal, mode: 'shared' }, () => void waiting.delete(id))
        .then(again)
        .catch(() => {}); // the page is left
    }
  };
  await again();
}

async function listOrphans(id: string, entry: FileSystemDirectoryHandle): Promise<Orphan | null> {
  try {
    const file = async (name: string) => (await entry.getFileHandle(name)).getFile();
    const meta = decodeMeta(await (await file(metaFile)).text());
    return meta && { id, bytes: (await file(dataFile)).size, meta };
  } catch {
    return null; // being removed at this moment, or cut off before its first byte
  }
}

async function spoolDirectory(): Promise<FileSystemDirectoryHandle | null> {
  try {
    const root = await navigator.storage.getDirectory();
    return await root.getDirectoryHandle(spoolFolder);
  } catch {
    return null; // no private file system, or nothing was ever recorded
  }
}

/** A recording that no tab is busy with, as a file. Null when it is not on this disk. */
export async function spooledFile(id: string, meta: Meta): Promise<RecordedFile | null> {
  try {
    const entry = await (await spoolDirectory())?.getDirectoryHandle(id);
    const file = await (await entry?.getFileHandle(dataFile))?.getFile();
    return file ? { file, endMs: heldMs(meta), lengthMs: meta.lengthMs } : null;
  } catch {
    return null;
  }
}

/** Saves it where the browser saves downloads. */
export function saveFile(file: Blob, name: string) {
  const url = URL.createObjectURL(file);
  Object.assign(document.createElement('a'), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // the browser reads it after the click
}

/** "Tidings 2026-11-24 10.05.mp4" */
export function fileName(meta: Pick<Meta, 'createdAt' | 'mime' | 'title'>): string {
  const at = new Date(meta.createdAt);
  const two = (n: number) => String(n).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}.${two(at.getMinutes())}`;
  const title =
    meta.title
      .trim()
      .replace(/[\\/:*?"<>|\p{Cc}]/gu, ' ')
      .slice(0, 80) || 'Tidings';
  return `${title} ${day}.${meta.mime.includes('mp4') ? (meta.mime.startsWith('audio') ? 'm4a' : 'mp4') : 'webm'}`;
}
