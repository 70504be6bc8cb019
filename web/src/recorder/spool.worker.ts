/**
 * One worker per recording: every chunk goes to the browser's private file system (OPFS) first and from there to
 * the server. If the tab dies the bytes are on disk, and any later page load can go on in the same upload.
 *
 * Only sync access handles are used: createWritable() writes a swap file that a crash throws away.
 */
import { concatBytes } from './byteQueue';
import { continueFile, HEAD_BYTES, type Continuation } from './continuation';
import { abandonUpload, deliver, explainRefusal, saveTitle, deleteFromServer, type Delivery } from './deliver';
import { lockName, type FollowSound, type FromSpool, type RecordedFile, type ToSpool } from './messages';
import { MediaGaps } from './mediaGaps';
import { MediaMarks } from './mediaMarks';
import { MediaTimeParser } from './mediaTime';
import { heldMs, type Meta } from './meta';
import { ProvisionalSound, soundCodecOf } from './provisionalSound.worker';
import { RequestRefused } from './request';
import { Spool } from './spool';
import { Files } from './spoolFiles.worker';
import { UnitBuffer } from './unitBuffer';

/** So much of an older recording is read at once. */
const PIECE_BYTES = 1 << 20;

const post = (m: FromSpool) => self.postMessage(m);

class Recording {
  #spool: Spool;
  #resumed: boolean;
  #knowsTimes: boolean; // all that is here was read
  #isClosed = false;
  #head = new Uint8Array(); // the first bytes, for what is joined: a spool without a disk forgets what the server has
  #joined: Continuation | null = null;
  #times = new MediaTimeParser();
  #marks = new MediaMarks();
  #units = new UnitBuffer();
  #gaps = new MediaGaps();
  #sound: ProvisionalSound | null = null;
  #stop = new AbortController();
  #busy = false;
  #typing: ReturnType<typeof setTimeout> | undefined;
  #discarding = false;

  constructor(
    private meta: Meta,
    private files: Files | null,
    resumed = false,
  ) {
    this.#resumed = resumed;
    this.#knowsTimes = !resumed;
    this.#spool = new Spool(files?.data ?? null, { endMs: files ? heldMs(meta) : 0 });
    if (meta.sealed) this.#spool.seal();
    post({ type: 'opened', disk: files !== null });
    if (meta.discarded) void this.discard();
    else void this.send();
    if (resumed && files && !meta.discarded) void this.#readTimes(files);
  }

  /** Finds the seconds in what an older page recorded, in pieces: sending goes on meanwhile. */
  async #readTimes({ data }: Files) {
    const piece = new Uint8Array(PIECE_BYTES);
    for (let at = 0; ; at += PIECE_BYTES) {
      await new Promise((resolve) => setTimeout(resolve));
      if (this.#isClosed || this.#discarding) return;
      const read = data.read(piece, { at });
      if (read <= 0) break;
      this.#marks.add(read, this.#times.append(piece.subarray(0, read)));
    }
    this.#knowsTimes = true;
    this.#tell();
  }

  chunk(bytes: Uint8Array<ArrayBuffer>, lengthMs: number) {
    const joined = this.#joined ? this.#joined.shift(bytes) : bytes;
    const time = this.#times.append(joined);
    const whole = this.#units.take(joined, this.#times.wholeBytes);
    if (this.#head.length < HEAD_BYTES) this.#head = concatBytes([this.#head, whole.slice(0, HEAD_BYTES - this.#head.length)]);
    if (whole.length > 0) {
      this.#spool.append(whole, lengthMs);
      this.meta.lengthMs = lengthMs; // what is held back is not kept yet, and would seem to be missing on the disk
    }
    this.#marks.add(whole.length, time);
    this.#gaps.onMedia(time);
    this.meta.onDiskMs = this.#spool.diskMs;
    if (whole.length > 0) this.#keepSound('fragmentAfter');
    this.#save();
    this.#tell();
  }

  /** Encodes this sound a second time, where the encoder keeps it back for long; null: not while the recording is paused. */
  followSound(from: FollowSound | null) {
    const codec = soundCodecOf(this.meta.mime);
    if (!from || !codec || !this.files) return this.#sound?.stop();
    this.#sound ??= new ProvisionalSound(codec, () => this.#keepSound('nextFragment'));
    void this.#sound.follow(from).catch(() => {}); // the recording itself goes on
  }

  #keepSound(which: 'fragmentAfter' | 'nextFragment') {
    const { audio } = this.#times.time;
    const fragment = audio && this.#sound?.[which](audio.to, this.#head);
    if (fragment) this.#spool.appendProvisional(fragment);
  }

  /** What follows comes from an encoder that began again at `atMs`: its times go on from there. */
  join(atMs: number) {
    this.#units.drop();
    this.#times.dropIncomplete();
    const { startMs, skipMs } = this.#gaps.join(this.#times.time, atMs);
    this.#joined = continueFile(this.#head, startMs, skipMs);
  }

  /** What is here of it, from disk and memory: the browser may keep no more than a part on disk, or nothing. */
  async exportFile(): Promise<RecordedFile> {
    const { onDisk, memory, endMs } = this.#spool.held();
    const parts: BlobPart[] = [...memory];
    if (onDisk > 0 && this.files) parts.unshift((await this.files.snapshot()).slice(0, onDisk));
    return { file: new Blob(parts, { type: this.meta.mime }), endMs, lengthMs: this.meta.lengthMs };
  }

  seal() {
    this.#sound?.stop();
    this.meta.sealed = true;
    this.#save();
    this.#spool.seal();
  }

  setMime(mime: string) {
    this.meta.mime = mime;
    this.#save();
  }

  title(title: string) {
    this.meta.title = title;
    this.#save();
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => void saveTitle(this.#delivery()).catch(() => {}), 500); // deliver() tries again at the end
  }

  renew() {
    const { path, clipId, continues } = this.meta;
    void abandonUpload({ path, clipId, continues }, AbortSignal.timeout(8000)).catch(() => {}); // left alone, the server closes it by itself
    Object.assign(this.meta, {
      key: crypto.randomUUID(),
      clipId: null,
      path: null,
      savedTitle: '',
      continues: undefined,
    } satisfies Partial<Meta>);
    this.#save();
    this.#spool.resetDurable();
    void this.send();
  }

  /** Delivers the recording; a refusal is posted and can be retried, any other error is a bug. */
  async send() {
    if (this.#busy) return;
    this.#busy = true;
    if (!this.#discarding) this.#stop = new AbortController();
    try {
      const { clipId, answered } = await deliver(this.#delivery());
      await this.#remove();
      post({ type: 'done', clipId, answered });
    } catch (e) {
      if (e instanceof RequestRefused) await this.#refuse(e);
      else if (!this.#stop.signal.aborted) post({ type: 'failed', message: String(e) });
    } finally {
      this.#busy = false;
    }
  }

  /** Sends no more: the clip is no longer what it was. What is recorded stays here. */
  hold(code: string) {
    const refused = new RequestRefused(code, '');
    if (this.#busy) this.#stop.abort(refused);
    else void this.#refuse(refused);
  }

  async #refuse(e: RequestRefused) {
    const { code, message } = await explainRefusal(e, this.meta);
    post({ type: 'refused', code, message, whole: this.#isWhole });
  }

  async discard() {
    if (this.#discarding) return;
    this.#discarding = true;
    this.#sound?.stop();
    this.#stop.abort(new Error('discarded'));
    this.meta.discarded = true;
    this.#save();
    try {
      await deleteFromServer(this.meta, AbortSignal.timeout(8000));
      await this.#remove();
    } catch {
      // No server to tell: the note stays on this disk and the next visit to this page tells it.
      this.files?.data.truncate(0);
      this.files?.close();
    }
    post({ type: 'discarded' });
  }

  /** Whether every byte is still here: not after a crash while the browser's disk was full. */
  get #isWhole() {
    return this.#spool.isComplete && (!this.#resumed || heldMs(this.meta) >= this.meta.lengthMs);
  }

  #delivery(): Delivery {
    return {
      meta: this.meta,
      source: this.#spool,
      signal: this.#stop.signal,
      save: () => this.#save(),
      onClip: (clip) => post({ type: 'clip', ...clip }),
      onProgress: (durable) => {
        this.#spool.acknowledge(durable);
        this.#tell();
      },
      onTrouble: (trouble) => post({ type: 'trouble', trouble }),
      onSeparate: (why) => post({ type: 'separate', why }),
      onProxyLimit: (bytes) => post({ type: 'proxy_limit', bytes }),
    };
  }

  #tell() {
    const progress = this.#spool.progress();
    const known = () => ({ time: this.#times.time, durableMs: this.#marks.durableMs(progress.durable), gap: this.#gaps.last });
    post({ type: 'standing', ...progress, media: this.#knowsTimes ? known() : null });
  }

  #save() {
    try {
      this.files?.saveMeta(this.meta);
    } catch {
      // The disk is full: the older text says enough to recover by.
    }
  }

  async #remove() {
    this.#isClosed = true;
    this.files?.close();
    await this.files?.remove();
  }
}

/** Takes the recording for this tab until the worker ends. */
function lock(id: string): Promise<boolean> {
  return new Promise((resolve) => {
    void navigator.locks.request(lockName(id), { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      return lock && new Promise(() => {}); // held until the worker dies
    });
  });
}

async function begin(meta: Meta): Promise<Recording> {
  let files: Files | null = null;
  try {
    await lock(meta.id);
    files = await Files.open(meta.id, true);
    files.saveMeta(meta);
  } catch {
    // No private file system (Firefox's private windows, an old Safari) or no space in it: memory until the server has it.
    files?.close();
    files = null;
  }
  return new Recording(meta, files);
}

async function resume(id: string, discard: boolean): Promise<Recording> {
  if (!(await lock(id))) throw new RequestRefused('busy', 'Another tab is busy with this recording.');
  const files = await Files.open(id, false);
  const meta = files.loadMeta();
  if (!meta) throw new RequestRefused('lost', 'What belongs to this recording cannot be read any more. You can still save it as a file.');
  meta.sealed = true;
  meta.discarded ||= discard;
  files.saveMeta(meta);
  return new Recording(meta, files, true);
}

let recording: Promise<Recording> | undefined;

self.onmessage = async ({ data: m }: MessageEvent<ToSpool>) => {
  try {
    if (m.type === 'begin') recording = begin(m.meta);
    if (m.type === 'resume') recording = resume(m.id, m.discard ?? false);
    const r = await recording!;
    if (m.type === 'chunk') r.chunk(new Uint8Array(new FileReaderSync().readAsArrayBuffer(m.blob)), m.lengthMs);
    if (m.type === 'sound') r.followSound(m.from);
    if (m.type === 'join') r.join(m.atMs);
    if (m.type === 'mime') r.setMime(m.mime);
    if (m.type === 'title') r.title(m.title);
    if (m.type === 'seal') r.seal();
    if (m.type === 'export') post({ type: 'exported', ...(await r.exportFile()) });
    if (m.type === 'retry') void r.send();
    if (m.type === 'hold') r.hold(m.code);
    if (m.type === 'renew') r.renew();
    if (m.type === 'discard') await r.discard();
  } catch (e) {
    if (e instanceof RequestRefused) post({ type: 'refused', code: e.code, message: e.message, whole: true });
    else post({ type: 'failed', message: String(e) });
  }
};
