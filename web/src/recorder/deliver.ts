/**
 * Brings one recording to the server, whatever was done already: the clip, the upload, the title, and the
 * comment that makes it an answer. Every step can be repeated without harm.
 */
import { openContinuation } from './continueClip';
import type { Continues, Meta } from './meta';
import { RetryPolicy, RequestRefused, request, sendJSON, type UploadTrouble } from './request';
import type { Spool } from './spool';
import { pushUpload, resolvesWithin } from './tus';

export interface Delivery {
  meta: Meta;
  source: Pick<Spool, 'state' | 'read' | 'changed'>;
  signal: AbortSignal;
  /** meta has changed: keep it. */
  save(): void;
  onClip(clip: { id: string; shareUrl: string }): void;
  onProgress(durable: number): void;
  onTrouble(trouble: UploadTrouble | null): void;
  /** A proxy refused a part of so many bytes: it goes on in smaller ones. */
  onProxyLimit?(refusedBytes: number): void;
  /** It cannot go on in the clip it was meant for, and becomes one of its own. `why`: the server's sentence, or '': its file does not fit. */
  onSeparate?(why: string): void;
}

const api = '/api/v1';

/** As long (ms) as all kinds of file take that a recorder tries. */
const FIRST_BYTES_MS = 25_000;

/** Resolves when the server has the whole recording, to what the page shows next. */
export async function deliver(d: Delivery): Promise<{ clipId: string; answered: string | null }> {
  const patience = new RetryPolicy(d.signal, d.onTrouble);
  const continued = await openContinuation(d, patience);
  const clipId = d.meta.clipId ?? (await patience.retryUntilDone(() => createClip(d)));
  void saveTitle(d).catch(() => {}); // tried again below, where it counts
  if (!d.meta.path) await waitForBytes(d);
  await pushUpload(continued ?? d.source, {
    metadata: { clip_id: clipId, filetype: d.meta.mime.split(';')[0], filename: `${d.meta.id}.${fileExtension(d.meta.mime)}` },
    path: d.meta.path ?? undefined,
    onPath: (path) => {
      d.meta.path = path;
      d.save();
    },
    onProgress: (durable) => d.onProgress(continued?.recordedUpTo(durable) ?? durable),
    onTrouble: d.onTrouble,
    onProxyLimit: d.onProxyLimit,
    signal: d.signal,
  });
  await saveTitle(d).catch(ignoreRefusal);
  return { clipId, answered: await postReply(d, clipId).catch(ignoreRefusal) };
}

/** The upload names the kind of file, which is known when an encoder gives something. A recorder that waits longer is announced without. */
async function waitForBytes({ source, signal }: Delivery) {
  const { bytes, sealed } = source.state();
  if (bytes === 0 && !sealed) await resolvesWithin(FIRST_BYTES_MS, source.changed(), signal);
}

/** The whole recording is safe by now; a title or an answer that is not wanted must not look like a loss. */
function ignoreRefusal(e: unknown): null {
  if (e instanceof RequestRefused) return null;
  throw e;
}

async function createClip(d: Delivery): Promise<string> {
  const { meta, signal, save, onClip } = d;
  const { commentId, clipId: at } = meta.reply ?? {};
  const body = JSON.stringify({
    workspace_id: meta.workspaceId,
    kind: meta.kind,
    ...(meta.reply ? {} : meta.place),
    reply_to_comment_id: commentId ?? null,
    ...(meta.language && { language: meta.language }),
    ...(at && !commentId ? { reply_to_clip_id: at } : {}),
  });
  try {
    const clip = await sendJSON<{ id: string; share_url: string }>('POST', `${api}/clips`, body, signal, meta.key);
    meta.clipId = clip.id;
    save();
    onClip({ id: clip.id, shareUrl: clip.share_url });
    return clip.id;
  } catch (e) {
    if (!retargetReply(d, e)) throw e;
    return createClip(d);
  }
}

/** The comment that was to be answered is gone: the reply starts a thread of its own at the same second. */
function retargetReply({ meta, save }: Delivery, e: unknown): boolean {
  if (!(e instanceof RequestRefused) || e.code !== 'invalid' || !meta.reply?.commentId || !meta.reply.clipId) return false;
  meta.reply = { ...meta.reply, commentId: null };
  if (!meta.clipId) meta.key = `${meta.key}-thread`; // another request than the one that was refused
  save();
  return true;
}

/** Sends the title as it is now, if the server does not have it yet. */
export async function saveTitle({
  meta,
  signal,
  save,
  onTrouble,
}: Pick<Delivery, 'meta' | 'signal' | 'save' | 'onTrouble'>): Promise<void> {
  const patience = new RetryPolicy(signal, onTrouble);
  while (meta.clipId && meta.title.trim() && meta.title !== meta.savedTitle) {
    const title = meta.title;
    await patience.retryUntilDone(() => sendJSON('PATCH', `${api}/clips/${meta.clipId}`, JSON.stringify({ title: title.trim() }), signal));
    meta.savedTitle = title;
    save();
  }
}

async function postReply(d: Delivery, clipId: string): Promise<string | null> {
  const { meta, signal, onTrouble } = d;
  const { commentId, clipId: at, atMs } = meta.reply ?? {};
  if (!at) return null;
  const body = JSON.stringify(commentId ? { parent_id: commentId, clip_id: clipId } : { at_ms: atMs ?? null, clip_id: clipId });
  try {
    await new RetryPolicy(signal, onTrouble).retryUntilDone(() =>
      sendJSON('POST', `${api}/clips/${at}/comments`, body, signal, `${meta.key}-answer${commentId ? '' : '-thread'}`),
    );
    return at;
  } catch (e) {
    if (!retargetReply(d, e)) throw e;
    return postReply(d, clipId);
  }
}

/**
 * Removes what the server has of a recording. A clip that is gone already is fine; rejects when the
 * server cannot be asked before the signal.
 */
export async function deleteFromServer(meta: Meta, signal: AbortSignal): Promise<void> {
  const patience = new RetryPolicy(signal, () => {});
  const gone = (e: unknown) => {
    if (!(e instanceof RequestRefused)) throw e;
  };
  const { path, clipId, continues } = meta;
  if (continues) return patience.retryUntilDone(() => cancelContinuation(continues, signal)).catch(gone);
  if (path) await patience.retryUntilDone(() => request('DELETE', path, { headers: { 'Tus-Resumable': '1.0.0' }, signal })).catch(gone);
  if (clipId) await patience.retryUntilDone(() => request('DELETE', `${api}/clips/${clipId}`, { signal })).catch(gone);
}

/**
 * Gives up an upload that is about to be sent again as a new clip. Its clip goes with it, unless the server has closed
 * it already: then it is a clip of its own that people may have seen.
 */
export async function abandonUpload(meta: Pick<Meta, 'path' | 'clipId' | 'continues'>, signal: AbortSignal): Promise<void> {
  if (meta.continues) return cancelContinuation(meta.continues, signal);
  if (!meta.path || !meta.clipId) return;
  await request('DELETE', meta.path, { headers: { 'Tus-Resumable': '1.0.0' }, signal });
  await request('DELETE', `${api}/clips/${meta.clipId}`, { signal });
}

/** The clip stays, as it was before this recording went on in it. */
async function cancelContinuation({ clipId, number }: Continues, signal: AbortSignal): Promise<void> {
  if (number !== undefined) await request('DELETE', `${api}/clips/${clipId}/continue?number=${number}`, { signal });
}

/** Why the server does not know a recording: `no_access` when its workspace is not known to this person either. */
export async function explainRefusal(refused: RequestRefused, meta: Pick<Meta, 'workspaceId'>): Promise<RequestRefused> {
  if (refused.code !== 'not_found') return refused;
  try {
    await request('GET', `${api}/workspaces/${meta.workspaceId}`, { deadlineMs: 5000 });
    return refused;
  } catch (e) {
    return e instanceof RequestRefused ? new RequestRefused('no_access', refused.message) : refused;
  }
}

function fileExtension(mime: string): string {
  const container = mime.split(';')[0]!.split('/')[1]!;
  return container === 'mp4' && mime.startsWith('audio') ? 'm4a' : container;
}
