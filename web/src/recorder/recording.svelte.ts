import { CaptureError, type Capture, type Mode } from './capture';
import { CaptureDrain } from './captureDrain';
import { CaptureSource } from './captureSource.svelte';
import { keepEndNotice } from './continues';
import { givesNew, type DeviceKind } from './devices';
import { openEncoding, type Encoding } from './encoding';
import { soundEnd } from './endAlert';
import { lostSource, type Ending, type EndReason } from './endReason';
import type { Inputs } from './inputs.svelte';
import type { Layout } from './layout';
import { explainCapture, logFailure } from './logFailure';
import type { SpoolMedia } from './messages';
import type { Owner } from './newMeta';
import { elapsedMs, isLive, nextPhase, ready, type Action, type Phase, type Problem } from './phase';
import { brokenRecorder, cannotStart, endNotice, lostBeforeStart, notLoaded, nothingRecorded } from './problem';
import { refusal } from './problem/sending';
import { nothingShared, sharingStoppedBefore } from './problem/start';
import { isOnDisk } from './saved';
import { SpooledRecording, type SpoolOutcome } from './spooled.svelte';

/** One recording after another: from the click on "Record" until the server has it all. */
export class Recording extends SpooledRecording {
  phase = $state.raw<Phase>(ready);
  capture = $state.raw<Capture | null>(null);
  now = $state(0);
  elapsed = $derived(elapsedMs(this.phase, this.now));
  /** The clock of the clip: it goes on where the recording ended that this one continues. */
  #beforeMs = $derived(this.continues?.startMs ?? 0);
  clock = $derived(this.elapsed + this.#beforeMs);
  live = $derived(isLive(this.phase));
  /** Why the recording ended although nobody pressed Stop. */
  ending = $state.raw<Ending | null>(null);

  #inputs: Inputs;
  /** What the next recording is made from; keeps a screen that was chosen. */
  readonly source: CaptureSource;
  #attempt = 0; // number of the attempt to open devices; an older one is given up
  #mode: Mode = 'camera';
  #encoding: Encoding | null = null;
  #drain = new CaptureDrain();
  #clockTimer: ReturnType<typeof setInterval> | undefined;
  #countdownTimer: ReturnType<typeof setInterval> | undefined;

  constructor(owner: Owner, inputs: Inputs) {
    super(owner);
    this.#inputs = inputs;
    this.source = new CaptureSource(inputs);
  }

  /** Asks for the screen, then for camera and microphone, and counts down. Must be called by a click. */
  async start(layout: Layout) {
    this.#dispatch({ do: 'ask' });
    if (this.phase.name !== 'asking') return;
    const attempt = ++this.#attempt;
    this.#mode = this.#inputs.recordedMode;
    try {
      const capture = await this.source.open(this.#mode, layout, (kind) => this.#onFixedLost(kind));
      if (attempt !== this.#attempt) return capture.stop(); // cancelled, or closed, while the browser asked
      capture.onended(() => (this.live ? this.#endByItself('sharing') : this.cancel(sharingStoppedBefore)));
      this.capture = capture;
      this.#startCountdown();
    } catch (e) {
      if (attempt === this.#attempt) this.#onCaptureError(e);
      else this.source.releaseScreen();
    }
  }

  /** Before anything is recorded: back to the choice. */
  cancel(note?: string) {
    this.#attempt++;
    clearInterval(this.#countdownTimer);
    this.#dispatch({ do: 'cancel', note });
    this.#releaseCapture();
  }

  /** The cause of a failure is gone, or something else was chosen: back to the choice. Keeps what was recorded in view. */
  dismissFailure() {
    if (this.phase.name === 'failed' && this.phase.length === 0) this.#dispatch({ do: 'reset' });
  }

  /** Another mode makes another kind of file: it cannot go on in a clip that is there. */
  onModeChosen(mode: Mode) {
    this.dismissFailure();
    if (mode !== this.#inputs.mode) this.continues = null;
  }

  /** Records at once. */
  skipCountdown() {
    clearInterval(this.#countdownTimer);
    this.#startRecorder();
  }

  pause() {
    if (this.phase.name !== 'recording') return;
    this.#dispatch({ do: 'pause', at: performance.now() });
    this.#drain.begin(this.elapsed, this.capture, () => this.#encoding?.encoder.pause());
    this.#inputs.resetSilence();
  }

  resume() {
    if (this.phase.name !== 'paused') return;
    this.#dispatch({ do: 'skip', ms: -this.#drain.resume() });
    this.#encoding?.encoder.resume();
    this.#dispatch({ do: 'resume', at: performance.now() });
    this.#inputs.resetSilence();
  }

  stop() {
    if (!this.live) return;
    this.#dispatch({ do: 'stop', at: performance.now(), why: this.saveState.refusal ?? undefined });
    clearInterval(this.#clockTimer);
    this.saveState = { ...this.saveState, encoder: null };
    this.#drain.begin(this.elapsed, this.capture, () => this.#endCapture());
  }

  #endCapture() {
    this.#drain.cancel();
    this.#encoding?.encoder.stop();
    this.#releaseCapture();
    this.#inputs.close();
  }

  /** Throws the recording away, here and on the server, and goes back to the choice. */
  discard() {
    this.#discardRecording();
    this.#releaseCapture();
    this.#inputs.close();
    void this.#inputs.updateChoice({});
  }

  /** Throws the recording away and begins again from the same screen, camera and microphone. */
  restart() {
    if (!this.live) return;
    this.#discardRecording();
    this.#dispatch({ do: 'ask' });
    this.#startCountdown();
  }

  /** After a refusal: tries again, or sends all of it as a new clip. */
  sendAgain(how: 'retry' | 'renew') {
    this.onSaveEvent({ on: how });
    if (how === 'renew') this.clip = this.continues = null;
    this.#dispatch({ do: 'retry' });
    this.spool?.post({ type: how });
  }

  #dispatch(action: Action) {
    this.phase = nextPhase(this.phase, action);
    this.now = performance.now();
  }

  /** A device went that the capture cannot do without: nothing is recorded yet, so the person may choose again. */
  #onFixedLost(kind: DeviceKind) {
    if (this.phase.name !== 'countdown') return;
    this.cancel(lostBeforeStart(kind));
    void this.#inputs.updateChoice({});
  }

  #startCountdown() {
    this.#dispatch({ do: 'count', from: 3 });
    this.#countdownTimer = setInterval(() => {
      this.#dispatch({ do: 'tick' });
      if (this.phase.name === 'countdown' && this.phase.left === 0) this.skipCountdown();
    }, 1000);
  }

  #startRecorder() {
    if (this.phase.name !== 'countdown' || !this.capture) return;
    const encoding = (this.#encoding = this.#openEncoding(this.capture));
    try {
      encoding.encoder.start();
    } catch (e) {
      return this.#failWith(cannotStart, e);
    }
    this.ending = null;
    this.openSpool(this.#mode, encoding.encoder.mimeType);
    this.#inputs.resetSilence();
    this.#dispatch({ do: 'begin', at: performance.now() });
    this.#clockTimer = setInterval(() => this.#onClock(encoding), 200);
  }

  #onClock(encoding: Encoding) {
    this.now = performance.now();
    // While the audio graph stands still there is nothing to encode: that is said, and is no fault of the encoder.
    const hasSources = !this.#inputs.stalled || !this.#inputs.canReplace('microphone');
    if (this.phase.name === 'recording' && hasSources) encoding.watch(this.elapsed);
    if (encoding.encoder.hasChosen) this.followSound(this.phase.name === 'recording' ? (this.capture?.stream ?? null) : null, this.elapsed);
    const encoder = encoding.stateInClip(this.#beforeMs);
    if (this.live && encoder !== this.saveState.encoder) this.saveState = { ...this.saveState, encoder };
  }

  #openEncoding(capture: Capture): Encoding {
    this.#drain.reset();
    const clock = () => elapsedMs(this.phase, performance.now()) + this.#drain.ms;
    const encoding: Encoding = openEncoding(capture.stream, this.#mode, clock, this.continues?.mime ?? '', {
      onChoose: (_, mime, startedAt) => {
        if (mime !== this.mime) this.spool?.post({ type: 'mime', mime: (this.mime = mime) });
        if (startedAt > 0) this.#dispatch({ do: 'skip', ms: startedAt });
      },
      onChunk: (blob) => this.spool?.post({ type: 'chunk', blob, lengthMs: Math.round(this.elapsed) }),
      onJoin: (atMs) => this.spool?.post({ type: 'join', atMs }),
      onSlow: (limit) => capture.limitPicture(limit, !this.mime.includes('avc1')),
      onEnd: (end) => this.#encoding === encoding && this.#finishEncoding(encoding, end),
    });
    return encoding;
  }

  /** The last chunk is on its way; also when all tracks have ended by themselves. */
  #finishEncoding(encoding: Encoding, { error, isEmpty }: { error: string; isEmpty: boolean }) {
    if (isEmpty && this.phase.name !== 'failed') {
      this.#discardRecording(); // nothing of it is worth keeping
      return this.#failWith(nothingRecorded);
    }
    this.#drain.finish();
    const reason = encoding.endReason(error) ?? lostSource(this.#mode, this.#inputs);
    this.#endByItself(reason, this.#beforeMs + encoding.endedAt(this.elapsed));
    this.spool?.post({ type: 'seal' });
  }

  #endByItself(reason: EndReason, atMs = this.clock) {
    if (!this.live) return;
    this.ending = { reason, atMs };
    this.stop();
    soundEnd();
  }

  /** Has the encoder hand out all it has, as events of the page, and goes on. */
  flush() {
    this.#drain.finish();
    if (this.live) this.#encoding?.encoder.flush();
  }

  protected onMedia(media: SpoolMedia | null) {
    this.#drain.addMedia(media, elapsedMs(this.phase, performance.now()));
    const known = this.#encoding?.addMedia(media, givesNew(this.#inputs.cameraDevice.state)) ?? null;
    const before = this.#beforeMs;
    return known?.recordedMs ? { recordedMs: known.recordedMs + before, durableMs: known.durableMs + before } : known;
  }

  protected onOutcome(m: SpoolOutcome) {
    switch (m.type) {
      case 'refused':
        this.#dispatch({ do: 'refuse', why: refusal(m.code, m.message) });
        break;
      case 'done':
        this.#keepNotice(m.clipId, m.answered);
        this.#dispatch({ do: 'finish', clipId: m.clipId, to: `/c/${m.answered ?? m.clipId}` });
        break;
      case 'failed':
        this.#onSpoolFailed();
    }
  }

  /** The spool may have failed before it kept anything. */
  #onSpoolFailed() {
    if (this.saveState.recorded > 0) return this.#failWith(brokenRecorder(isOnDisk(this.saveState)));
    this.#discardRecording();
    this.#failWith(notLoaded);
  }

  #keepNotice(clipId: string, answered: string | null) {
    const { ending, separated, mime, continues } = this;
    const encoding = this.#encoding;
    const check = encoding?.checkClock(this.elapsed + this.#drain.ms) ?? null;
    const notice = endNotice(ending, check, encoding?.restartsInClip(this.#beforeMs));
    keepEndNotice(clipId, answered, { notice, ending, separated, mime, continues, endMs: encoding?.endMs ?? 0, mode: this.#mode });
  }

  /** Gives the present recording up. */
  #discardRecording() {
    clearInterval(this.#clockTimer);
    this.#drain.cancel();
    this.#encoding?.encoder.drop();
    this.#encoding = null;
    this.discardSpool();
    this.#dispatch({ do: 'reset' });
  }

  #releaseCapture() {
    this.capture?.stop();
    this.capture = null;
  }

  /** A missing device is said by the inputs, which try again; what else went wrong ends the attempt. */
  #onCaptureError(e: unknown) {
    if (e instanceof CaptureError && !e.asked.screen) return this.cancel();
    const why = explainCapture(e, { screen: true });
    this.#releaseCapture();
    if (why) this.#dispatch({ do: 'fail', why, at: performance.now() });
    else this.#dispatch({ do: 'cancel', note: nothingShared });
  }

  #failWith(why: Problem, error?: unknown) {
    clearInterval(this.#clockTimer);
    if (error !== undefined) logFailure(why.title, error);
    this.#dispatch({ do: 'fail', why, at: performance.now() });
    this.#endCapture();
  }
}
