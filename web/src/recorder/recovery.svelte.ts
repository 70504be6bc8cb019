import type { FromSpool, RecordedFile } from './messages';
import type { Problem } from './phase';
import { refusal } from './problem/sending';
import { spooledFile, watchOrphans, type OrphanListener, type Orphan } from './recover';
import { initialSaveState, type SaveState } from './saved';
import { SpoolClient } from './spool.client';

export type Recovered = 'offered' | 'sending' | 'refused' | 'done' | 'removing';

/** One recording that was left behind, and what becomes of it. */
export class Recovery {
  state = $state<Recovered>('offered');
  saveState = $state.raw<SaveState>(initialSaveState);
  problem = $state.raw<Problem | null>(null);
  isComplete = $state(true); // all of it is still here
  clipId = $state('');
  #spool: SpoolClient | null = null;

  constructor(
    readonly orphan: Orphan,
    private gone: () => void,
  ) {
    this.saveState = { ...initialSaveState, recorded: orphan.bytes, onDisk: orphan.bytes };
  }

  /** Continues the same upload, from the byte the server has. */
  send() {
    this.#openSpool();
  }

  retry(how: 'retry' | 'renew') {
    this.state = 'sending';
    this.problem = null;
    if (this.#spool) this.#spool.post({ type: how });
    else this.#openSpool();
  }

  /** What is on this computer of it. */
  async exportFile(): Promise<RecordedFile | null> {
    return (await this.#spool?.exportFile()) ?? spooledFile(this.orphan.id, this.orphan.meta);
  }

  discard() {
    if (this.#spool) this.#spool.post({ type: 'discard' });
    else this.#openSpool(true);
    this.state = 'removing';
  }

  #openSpool(discard = false) {
    this.state = 'sending';
    const spool = new SpoolClient((m) => this.#onSpoolMessage(m));
    this.#spool = spool;
    spool.post({ type: 'resume', id: this.orphan.id, discard });
  }

  #closeSpool() {
    this.#spool?.close();
    this.#spool = null;
  }

  #onSpoolMessage(m: FromSpool) {
    if (m.type === 'standing') this.#onStanding(m);
    if (m.type === 'trouble') this.saveState = { ...this.saveState, trouble: m.trouble };
    if (m.type === 'proxy_limit') this.saveState = { ...this.saveState, proxyLimit: m.bytes };
    if (m.type === 'done') {
      this.clipId = m.clipId;
      this.state = 'done';
      this.#closeSpool();
    }
    if (m.type === 'discarded') {
      this.#closeSpool();
      this.gone();
    }
    if (m.type === 'refused') this.#onRefused(refusal(m.code, m.message), m.whole);
    if (m.type === 'failed') {
      this.#closeSpool();
      this.#onRefused(refusal('failed', ''), true);
    }
  }

  #onStanding({ recorded, durable, media }: Extract<FromSpool, { type: 'standing' }>) {
    const known = media?.time.isKnown ? { recordedMs: media.time.ms, durableMs: media.durableMs } : null;
    this.saveState = { ...this.saveState, recorded: Math.max(recorded, durable), durable, media: known };
  }

  #onRefused(problem: Problem, whole: boolean) {
    this.problem = problem;
    this.isComplete = whole;
    this.state = 'refused';
  }
}

/** All that was left behind, kept current while the page is open. */
export class Recoveries {
  list = $state<Recovery[]>([]);

  begin(userId: string, signal: AbortSignal) {
    void watchOrphans(userId, (f) => this.#addFound(f), signal);
  }

  #addFound({ orphans, discarded }: OrphanListener) {
    for (const id of discarded) finishDiscarding(id);
    for (const o of orphans) {
      if (this.list.some((r) => r.orphan.id === o.id)) continue;
      const recovery: Recovery = new Recovery(o, () => this.remove(recovery));
      this.list.push(recovery);
    }
  }

  remove(r: Recovery) {
    this.list = this.list.filter((x) => x.orphan.id !== r.orphan.id);
  }
}

/** The worker reads that it was thrown away, tells the server and removes what is left. */
function finishDiscarding(id: string) {
  const spool = new SpoolClient((m) => {
    if (m.type === 'discarded' || m.type === 'failed' || m.type === 'refused') spool.close();
  });
  spool.post({ type: 'resume', id, discard: true });
}
