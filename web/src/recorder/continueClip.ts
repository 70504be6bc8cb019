import { continueFile, HEAD_BYTES } from './continuation';
import { ContinuedSource } from './continuedSource';
import type { Delivery } from './deliver';
import type { Continues } from './meta';
import { RequestRefused, request, sendJSON, type RetryPolicy } from './request';
import { haveSameTracks } from './sameTracks';
import { resolvesWithin, type Source } from './tus';

const clips = '/api/v1/clips';

type Opened = { upload_url: string; offset: number; number: number };

/**
 * Opens the upload of the clip that a recording goes on in. Where that cannot be, the recording becomes a clip of its own:
 * null. Once it is open, refusals are those of any upload.
 */
export async function openContinuation(d: Delivery, patience: RetryPolicy): Promise<ContinuedSource | null> {
  const { continues } = d.meta;
  if (!continues) return null;
  try {
    const first = await patience.retryUntilDone(() => loadHead(continues.clipId, d.signal));
    await checkFile(d, continues, first);
    const offset = continues.offset ?? (await patience.retryUntilDone(() => openUpload(d, continues)));
    const begin = () => continueFile(first, continues.startMs)!;
    return new ContinuedSource(d.source, offset, begin);
  } catch (e) {
    if (!(e instanceof RequestRefused) || d.meta.continues?.offset !== undefined) throw e;
    d.meta.continues = undefined;
    d.meta.key = `${d.meta.key}-alone`; // another request than the one that was refused
    d.save();
    d.onSeparate?.(e.message);
    return null;
  }
}

async function loadHead(clipId: string, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  const answer = await request('GET', `${clips}/${clipId}/media/original`, { headers: { Range: `bytes=0-${HEAD_BYTES - 1}` }, signal });
  return new Uint8Array(await answer.arrayBuffer());
}

/** Throws Refused unless the recording can continue the file that begins with `first`. */
async function checkFile(d: Delivery, continues: Continues, first: Uint8Array) {
  const fits = await waitForTracks(d.source, first, d.signal);
  const isSameType = d.meta.mime === continues.mime;
  if (!fits || !isSameType || !continueFile(first, continues.startMs)) throw new RequestRefused('other_file', '');
}

async function waitForTracks(source: Source, first: Uint8Array, signal: AbortSignal): Promise<boolean> {
  for (;;) {
    const { bytes, sealed } = source.state();
    const fits = haveSameTracks(first, await source.read(0, Math.min(bytes, HEAD_BYTES)));
    if (fits !== null) return fits;
    if (sealed || bytes >= HEAD_BYTES) return false;
    await resolvesWithin(60_000, source.changed(), signal);
  }
}

async function openUpload({ meta, save, signal, onClip }: Delivery, continues: Continues): Promise<number> {
  const opened = await sendJSON<Opened>('POST', `${clips}/${continues.clipId}/continue`, '', signal, meta.key);
  Object.assign(meta, {
    path: opened.upload_url,
    clipId: continues.clipId,
    continues: { ...continues, offset: opened.offset, number: opened.number },
  });
  save();
  onClip({ id: continues.clipId, shareUrl: `${location.origin}/c/${continues.clipId}` });
  return opened.offset;
}
