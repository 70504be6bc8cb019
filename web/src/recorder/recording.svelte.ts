import type { Destination } from '../lib/destination';
import { api, unwrap } from '../lib/api/client';
import { combineStreams, openScreen, wantsScreen, CaptureError, type Capture, type Mode } from './capture';
import { watchClip, type ClipFate } from './clipWatch';
import type { Inputs } from './inputs.svelte';
import type { Layout } from './layout';
import type { FromSpool, RecordedFile } from './messages';
import type { Meta, ReplyTo } from './meta';
import { loadStored, saveStored } from '../lib/storage';
import { elapsedMs, isLive, nextPhase, ready, type Action, type Phase, type Problem } from './phase';
import { captureProblem, refusal } from './problem';
import { fileName } from './recover';
import { initialSaveState, type SaveState } from './saved';
import { SpoolClient } from './spool.client';
import { holdsFragments, recorderOptions, recordingType } from './types';

/** The owner of the recording, and what it replies to. */
export interface Owner {
  userId: string;
  workspaceId: string;
  reply: ReplyTo | null;
}

const countdownSeconds = 3; // seconds
const chunkDuration = 1000; // ms of recording a chunk

/** One recording after another: from the click on "Record" until the server has it all. */
export class Recording {
  phase = $state.raw<Phase>(ready);
  saveState = $state.raw<SaveState>(initialSaveState);
  clip = $state.raw<{ id: string; shareUrl: string } | null>(null);
  capture = $state.raw<Capture | null>(null);
  now = $state(0);
  elapsed = $derived(elapsedMs(this.phase, this.now));
  live = $derived(isLive(this.phase));
  title = $state('');
  /** The spoken language (BCP 47); '' lets the engine detect it. */
  language = $state(loadStored<string>('recorder.language', ''));
  destination = $state.raw<Destination>({ channel_id: null, visibility: 'workspace' });
  id = $state('');
  mime = $state('');
  beganAt = $state(0); // ms since 1970
  fileName = $derived(fileName({ createdAt: this.beganAt, mime: this.mime, title: this.title }));
  isComplete = $state(true); // all bytes are still here, so that it could be sent again

  #owner: Owner;
  #inputs: Inputs;
  #mode: Mode = 'camera';
  #recorder: MediaRecorder | null = null;
  #spool: SpoolClient | null = null;
  #clockTimer: ReturnType<typeof setInterval> | undefined;
  #countdownTimer: ReturnType<typeof setInterval> | undefined;

  constructor(owner: Owner, inputs: Inputs) {
    this.#owner = owner;
    this.#inputs = inputs;
  }

  get workspaceId() {
    return this.#owner.workspaceId;
  }

  /** Asks for the screen, then for camera and microphone, and counts down. Must be called by a click. */
  async start(layout: Layout) {
    this.#dispatch({ do: 'ask' });
    if (this.phase.name !== 'asking') return;
    this.#mode = this.#inputs.mode;
    let screen: MediaStream | null = null;
    try {
      screen = wantsScreen(this.#mode) ? await openScreen() : null;
      const devices = await this.#inputs.open();
      const capture = await combineStreams(this.#mode, screen, devices, this.#inputs.sound, layout);
      if (this.phase.name !== 'asking') return capture.stop(); // closed while the browser asked
      capture.onended(() => (this.live ? this.stop() : this.cancel('Sharing was stopped, so nothing was recorded.')));
      this.capture = capture;
      this.#startCountdown();
    } catch (e) {
      for (const t of screen?.getTracks() ?? []) t.stop();
      this.#onCaptureError(e);
    }
  }

  /** Before anything is recorded: back to the choice. */
  cancel(note?: string) {
    clearInterval(this.#countdownTimer);
    this.#dispatch({ do: 'cancel', note });
    this.#releaseCapture();
  }

  /** Records at once. */
  skipCountdown() {
    clearInterval(this.#countdownTimer);
    this.#startRecorder();
  }

  pause() {
    if (this.phase.name !== 'recording') return;
    this.#recorder?.pause();
    this.#dispatch({ do: 'pause', at: performance.now() });
    this.#inputs.resetSilence();
  }

  resume() {
    if (this.phase.name !== 'paused') return;
    this.#recorder?.resume();
    this.#dispatch({ do: 'resume', at: performance.now() });
    this.#inputs.resetSilence();
  }

  stop() {
    if (!this.live) return;
    this.#dispatch({ do: 'stop', at: performance.now(), why: this.saveState.refusal ?? undefined });
    clearInterval(this.#clockTimer);
    if (this.#recorder?.state !== 'inactive') this.#recorder?.stop();
    this.#releaseCapture();
    this.#inputs.close();
  }

  /** Throws the recording away, here and on the server, and goes back to the choice. */
  discard() {
    this.#discardSpool();
    this.#releaseCapture();
    this.#inputs.close();
    this.#dispatch({ do: 'reset' });
    void this.#inputs.updateChoice({});
  }

  /** Throws the recording away and begins again from the same screen, camera and microphone. */
  restart() {
    if (!this.live) return;
    this.#discardSpool();
    this.#dispatch({ do: 'reset' });
    this.#dispatch({ do: 'ask' });
    this.#startCountdown();
  }

  /** After a refusal: tries again, or sends all of it as a new clip. */
  sendAgain(how: 'retry' | 'renew') {
    this.saveState = { ...this.saveState, refusal: null, trouble: null, durable: how === 'renew' ? 0 : this.saveState.durable };
    if (how === 'renew') this.clip = null;
    this.#dispatch({ do: 'retry' });
    this.#spool?.post({ type: how });
  }

  /** Stops sending when the clip is put in the trash or taken away, and goes on when it is back. Returns what stops this. */
  followClip(): (() => void) | undefined {
    const id = this.clip?.id;
    return id ? watchClip(id, this.#owner.workspaceId, (fate) => this.#onClipFate(fate)) : undefined;
  }

  #onClipFate(fate: ClipFate) {
    const refused = this.saveState.refusal?.code;
    if (fate === 'kept' && refused === 'trashed') this.sendAgain('retry');
    if (fate !== 'kept' && refused === undefined) this.#spool?.post({ type: 'hold', code: fate });
  }

  /** Takes the clip out of the trash; sending goes on by itself. */
  async restoreClip() {
    const id = this.clip?.id;
    if (!id) return;
    await unwrap(api.POST('/clips/{id}/restore', { params: { path: { id } } }));
    this.#onClipFate('kept');
  }

  /** What this computer holds of the recording, on disk and in memory. */
  async exportFile(): Promise<RecordedFile | null> {
    return (await this.#spool?.exportFile()) ?? null;
  }

  setLanguage(language: string) {
    this.language = language;
    saveStored('recorder.language', language);
  }

  setTitle(title: string) {
    this.title = title;
    this.#spool?.post({ type: 'title', title });
  }

  #dispatch(action: Action) {
    this.phase = nextPhase(this.phase, action);
    this.now = performance.now();
  }

  #startCountdown() {
    this.#dispatch({ do: 'count', from: countdownSeconds });
    this.#countdownTimer = setInterval(() => {
      this.#dispatch({ do: 'tick' });
      if (this.phase.name === 'countdown' && this.phase.left === 0) this.skipCountdown();
    }, 1000);
  }

  #startRecorder() {
    if (this.phase.name !== 'countdown' || !this.capture) return;
    const { stream } = this.capture;
    const picture = stream.getVideoTracks().length > 0;
    const type = recordingType(picture, (t) => MediaRecorder.isTypeSupported(t)) ?? '';
    try {
      this.#recorder = new MediaRecorder(stream, recorderOptions(type, wantsScreen(this.#mode)));
      const spool = this.#openSpool(this.#recorder.mimeType || type);
      this.#recordInto(this.#recorder, spool);
      this.#inputs.resetSilence();
      this.#dispatch({ do: 'begin', at: performance.now() });
      this.#clockTimer = setInterval(() => (this.now = performance.now()), 200);
    } catch (e) {
      this.#failWith({ code: 'recorder', title: 'The browser could not start recording', text: e instanceof Error ? e.message : '' });
    }
  }

  #recordInto(recorder: MediaRecorder, spool: SpoolClient) {
    // The blob goes as it is: a page that is left has no time to read it.
    recorder.ondataavailable = ({ data }) => {
      if (data.size > 0) spool.post({ type: 'chunk', blob: data, lengthMs: Math.round(this.elapsed) });
    };
    recorder.onstop = () => {
      // Also when all tracks end by themselves.
      this.stop();
      spool.post({ type: 'seal' });
    };
    recorder.start(chunkDuration);
  }

  /**
   * Has the encoder hand out all it has, as events of the page, and goes on. One that writes MP4 with a picture keeps up
   * to a key frame's interval for itself: it is stopped, and another goes on where it ended.
   */
  flush() {
    const recorder = this.#recorder;
    if (!recorder || recorder.state === 'inactive' || !this.live) return;
    if (!holdsFragments(this.mime)) return recorder.requestData();
    const spool = this.#spool!;
    const atMs = Math.round(elapsedMs(this.phase, performance.now()));
    const next = new MediaRecorder(recorder.stream, recorderOptions(this.mime, wantsScreen(this.#mode)));
    recorder.onstop = () => spool.post({ type: 'join', atMs });
    recorder.stop();
    this.#recorder = next;
    this.#recordInto(next, spool);
    if (this.phase.name === 'paused') next.pause();
  }

  /** Opens a new spool on disk and a new clip for the recording. */
  #openSpool(mime: string): SpoolClient {
    const id = (this.id = crypto.randomUUID());
    this.mime = mime;
    this.beganAt = Date.now();
    this.isComplete = true;
    this.saveState = initialSaveState;
    this.clip = null;
    void navigator.storage?.persist?.();
    const spool = new SpoolClient((m) => {
      if (this.#spool === spool) this.#onSpoolMessage(m);
      else if (m.type === 'discarded' || m.type === 'failed') spool.close();
    });
    this.#spool = spool;
    const meta: Meta = {
      id,
      key: id,
      createdAt: this.beganAt,
      ...this.#owner,
      place: this.destination,
      kind: this.#mode,
      mime,
      title: this.title,
      savedTitle: '',
      ...(this.language && { language: this.language }),
      lengthMs: 0,
      sealed: false,
      discarded: false,
      clipId: null,
      path: null,
    };
    spool.post({ type: 'begin', meta });
    return spool;
  }

  #onSpoolMessage(m: FromSpool) {
    switch (m.type) {
      case 'opened':
        this.saveState = { ...this.saveState, disk: m.disk };
        break;
      case 'clip':
        this.clip = { id: m.id, shareUrl: m.shareUrl };
        break;
      case 'standing':
        this.saveState = { ...this.saveState, recorded: m.recorded, onDisk: m.onDisk, durable: m.durable, inMemory: m.inMemory };
        break;
      case 'trouble':
        this.saveState = { ...this.saveState, trouble: m.trouble };
        break;
      case 'proxy_limit':
        this.saveState = { ...this.saveState, proxyLimit: m.bytes };
        break;
      case 'refused':
        this.isComplete = m.whole;
        this.saveState = { ...this.saveState, trouble: null, refusal: refusal(m.code, m.message) };
        this.#dispatch({ do: 'refuse', why: refusal(m.code, m.message) });
        break;
      case 'done':
        this.#spool?.close();
        this.#dispatch({ do: 'finish', clipId: m.clipId, to: `/c/${m.answered ?? m.clipId}` });
        break;
      case 'failed':
        this.#failWith({
          code: 'recorder',
          title: 'The recorder broke off',
          text: `${m.message} What was recorded so far is offered to you when you open this page again.`,
        });
    }
  }

  /** Gives the present recording up; its worker ends by itself when the server knows. */
  #discardSpool() {
    clearInterval(this.#clockTimer);
    const spool = this.#spool;
    this.#spool = null;
    if (this.#recorder) {
      this.#recorder.ondataavailable = this.#recorder.onstop = null;
      if (this.#recorder.state !== 'inactive') this.#recorder.stop();
      this.#recorder = null;
    }
    spool?.post({ type: 'discard' });
    this.clip = null;
    this.saveState = initialSaveState;
  }

  #releaseCapture() {
    this.capture?.stop();
    this.capture = null;
  }

  #onCaptureError(e: unknown) {
    const why = e instanceof CaptureError ? captureProblem(e.reason, e.asked) : captureProblem(e, { screen: true });
    this.#releaseCapture();
    if (why) this.#dispatch({ do: 'fail', why, at: performance.now() });
    else this.#dispatch({ do: 'cancel', note: 'Nothing was shared, so nothing was recorded.' });
  }

  #failWith(why: Problem) {
    clearInterval(this.#clockTimer);
    this.#dispatch({ do: 'fail', why, at: performance.now() });
    if (this.#recorder && this.#recorder.state !== 'inactive') this.#recorder.stop();
    this.#releaseCapture();
    this.#inputs.close();
  }
}
