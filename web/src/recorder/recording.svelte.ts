import type { Place } from '../lib/place';
import { combine, openScreen, wantsScreen, CaptureError, type Capture, type Mode } from './capture';
import type { Inputs } from './inputs.svelte';
import type { Layout } from './layout';
import type { FromSpool } from './messages';
import type { Meta, Reply } from './meta';
import { load, save } from '../lib/storage';
import { elapsed, live, next, ready, type Action, type Phase, type Problem } from './phase';
import { captureProblem, refusal } from './problem';
import { nothingYet, type Keeping } from './saved';
import { SpoolClient } from './spool.client';
import { recorderOptions, recordingType } from './types';

/** Whose recording it will be, and what it answers. */
export interface Owner {
  userId: string;
  workspaceId: string;
  reply: Reply | null;
}

const countdown = 3; // seconds
const timeslice = 1000; // ms of recording a chunk

/** One recording after another: from the click on "Record" until the server has it all. */
export class Recording {
  phase = $state.raw<Phase>(ready);
  keeping = $state.raw<Keeping>(nothingYet);
  clip = $state.raw<{ id: string; shareUrl: string } | null>(null);
  capture = $state.raw<Capture | null>(null);
  now = $state(0);
  elapsed = $derived(elapsed(this.phase, this.now));
  live = $derived(live(this.phase));
  title = $state('');
  /** What will be spoken (BCP 47); '' = the engine finds out. */
  language = $state(load<string>('recorder.language', ''));
  place = $state.raw<Place>({ channel_id: null, visibility: 'workspace' });
  id = $state('');
  mime = $state('');
  whole = $state(true); // all of it is still here, so that it could be sent again

  #owner: Owner;
  #inputs: Inputs;
  #mode: Mode = 'camera';
  #recorder: MediaRecorder | null = null;
  #spool: SpoolClient | null = null;
  #clock: ReturnType<typeof setInterval> | undefined;
  #count: ReturnType<typeof setInterval> | undefined;

  constructor(owner: Owner, inputs: Inputs) {
    this.#owner = owner;
    this.#inputs = inputs;
  }

  /** Asks for the screen, then for camera and microphone, and counts down. Must be called by a click. */
  async start(layout: Layout) {
    this.#do({ do: 'ask' });
    if (this.phase.name !== 'asking') return;
    this.#mode = this.#inputs.mode;
    let screen: MediaStream | null = null;
    try {
      screen = wantsScreen(this.#mode) ? await openScreen() : null;
      const devices = await this.#inputs.open();
      const capture = await combine(this.#mode, screen, devices, this.#inputs.sound, layout);
      if (this.phase.name !== 'asking') return capture.stop(); // closed while the browser asked
      capture.onended(() => (this.live ? this.stop() : this.cancel('Sharing was stopped, so nothing was recorded.')));
      this.capture = capture;
      this.#countdown();
    } catch (e) {
      for (const t of screen?.getTracks() ?? []) t.stop();
      this.#notCaptured(e);
    }
  }

  /** Before anything is recorded: back to the choice. */
  cancel(note?: string) {
    clearInterval(this.#count);
    this.#do({ do: 'cancel', note });
    this.#release();
  }

  /** Records at once. */
  skip() {
    clearInterval(this.#count);
    this.#begin();
  }

  pause() {
    if (this.phase.name !== 'recording') return;
    this.#recorder?.pause();
    this.#do({ do: 'pause', at: performance.now() });
    this.#inputs.hush();
  }

  resume() {
    if (this.phase.name !== 'paused') return;
    this.#recorder?.resume();
    this.#do({ do: 'resume', at: performance.now() });
    this.#inputs.hush();
  }

  stop() {
    if (!this.live) return;
    this.#do({ do: 'stop', at: performance.now(), why: this.keeping.refusal ?? undefined });
    clearInterval(this.#clock);
    if (this.#recorder?.state !== 'inactive') this.#recorder?.stop();
    this.#release();
    this.#inputs.close();
  }

  /** Throws the recording away, here and on the server, and goes back to the choice. */
  discard() {
    this.#drop();
    this.#release();
    this.#inputs.close();
    this.#do({ do: 'reset' });
    void this.#inputs.choose({});
  }

  /** Throws the recording away and begins again from the same screen, camera and microphone. */
  restart() {
    if (!this.live) return;
    this.#drop();
    this.#do({ do: 'reset' });
    this.#do({ do: 'ask' });
    this.#countdown();
  }

  /** After a refusal: tries again, or sends all of it as a new clip. */
  again(how: 'retry' | 'renew') {
    this.keeping = { ...this.keeping, refusal: null, trouble: null, durable: how === 'renew' ? 0 : this.keeping.durable };
    if (how === 'renew') this.clip = null;
    this.#do({ do: 'retry' });
    this.#spool?.say({ type: how });
  }

  speak(language: string) {
    this.language = language;
    save('recorder.language', language);
  }

  rename(title: string) {
    this.title = title;
    this.#spool?.say({ type: 'title', title });
  }

  #do(action: Action) {
    this.phase = next(this.phase, action);
    this.now = performance.now();
  }

  #countdown() {
    this.#do({ do: 'count', from: countdown });
    this.#count = setInterval(() => {
      this.#do({ do: 'tick' });
      if (this.phase.name === 'countdown' && this.phase.left === 0) this.skip();
    }, 1000);
  }

  #begin() {
    if (this.phase.name !== 'countdown' || !this.capture) return;
    const { stream } = this.capture;
    const picture = stream.getVideoTracks().length > 0;
    const type = recordingType(picture, (t) => MediaRecorder.isTypeSupported(t));
    try {
      this.#recorder = new MediaRecorder(stream, recorderOptions(type ?? '', wantsScreen(this.#mode)));
      this.#record(this.#recorder, type ?? '');
    } catch (e) {
      this.#fail({ code: 'recorder', title: 'The browser could not start recording', text: e instanceof Error ? e.message : '' });
    }
  }

  #record(recorder: MediaRecorder, asked: string) {
    const spool = this.#open(recorder.mimeType || asked);
    let order = Promise.resolve();
    recorder.ondataavailable = ({ data }) => {
      if (data.size === 0) return;
      const lengthMs = Math.round(this.elapsed);
      order = order.then(async () => {
        const bytes = await data.arrayBuffer();
        spool.say({ type: 'chunk', bytes, lengthMs }, [bytes]);
      });
    };
    recorder.onstop = () => {
      // Also when all tracks end by themselves.
      this.stop();
      void order.then(() => spool.say({ type: 'seal' }));
    };
    recorder.start(timeslice);
    this.#inputs.hush();
    this.#do({ do: 'begin', at: performance.now() });
    this.#clock = setInterval(() => (this.now = performance.now()), 200);
  }

  /** A new place on disk and a new clip, for what is recorded now. */
  #open(mime: string): SpoolClient {
    const id = (this.id = crypto.randomUUID());
    this.mime = mime;
    this.whole = true;
    this.keeping = nothingYet;
    this.clip = null;
    void navigator.storage?.persist?.();
    const spool = new SpoolClient((m) => {
      if (this.#spool === spool) this.#heard(m);
      else if (m.type === 'discarded' || m.type === 'failed') spool.close();
    });
    this.#spool = spool;
    const meta: Meta = {
      id,
      key: id,
      createdAt: Date.now(),
      ...this.#owner,
      place: this.place,
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
    spool.say({ type: 'begin', meta });
    return spool;
  }

  #heard(m: FromSpool) {
    switch (m.type) {
      case 'opened':
        this.keeping = { ...this.keeping, disk: m.disk };
        break;
      case 'clip':
        this.clip = { id: m.id, shareUrl: m.shareUrl };
        break;
      case 'standing':
        this.keeping = { ...this.keeping, recorded: m.recorded, onDisk: m.onDisk, durable: m.durable, inMemory: m.inMemory };
        break;
      case 'trouble':
        this.keeping = { ...this.keeping, trouble: m.trouble };
        break;
      case 'refused':
        this.whole = m.whole;
        this.keeping = { ...this.keeping, trouble: null, refusal: refusal(m.code, m.message) };
        this.#do({ do: 'refuse', why: refusal(m.code, m.message) });
        break;
      case 'done':
        this.#spool?.close();
        this.#do({ do: 'finish', clipId: m.clipId, to: `/c/${m.answered ?? m.clipId}` });
        break;
      case 'failed':
        this.#fail({
          code: 'recorder',
          title: 'The recorder broke off',
          text: `${m.message} What was recorded so far is offered to you when you open this page again.`,
        });
    }
  }

  /** Gives the present recording up; its worker ends by itself when the server knows. */
  #drop() {
    clearInterval(this.#clock);
    const spool = this.#spool;
    this.#spool = null;
    if (this.#recorder) {
      this.#recorder.ondataavailable = this.#recorder.onstop = null;
      if (this.#recorder.state !== 'inactive') this.#recorder.stop();
      this.#recorder = null;
    }
    spool?.say({ type: 'discard' });
    this.clip = null;
    this.keeping = nothingYet;
  }

  #release() {
    this.capture?.stop();
    this.capture = null;
  }

  #notCaptured(e: unknown) {
    const why = e instanceof CaptureError ? captureProblem(e.reason, e.asked) : captureProblem(e, { screen: true });
    this.#release();
    if (why) this.#do({ do: 'fail', why, at: performance.now() });
    else this.#do({ do: 'cancel', note: 'Nothing was shared, so nothing was recorded.' });
  }

  #fail(why: Problem) {
    clearInterval(this.#clock);
    this.#do({ do: 'fail', why, at: performance.now() });
    if (this.#recorder && this.#recorder.state !== 'inactive') this.#recorder.stop();
    this.#release();
    this.#inputs.close();
  }
}
