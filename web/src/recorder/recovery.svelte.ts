import type { FromSpool } from './messages';
import type { Problem } from './phase';
import { refusal } from './problem';
import { watch, type Found, type Orphan } from './recover';
import { nothingYet, type Keeping } from './saved';
import { SpoolClient } from './spool.client';

export type Recovered = 'offered' | 'sending' | 'refused' | 'done' | 'removing';

/** One recording that was left behind, and what becomes of it. */
export class Recovery {
  state = $state<Recovered>('offered');
  keeping = $state.raw<Keeping>(nothingYet);
  problem = $state.raw<Problem | null>(null);
  whole = $state(true); // all of it is still here
  clipId = $state('');
  #spool: SpoolClient | null = null;

  constructor(
    readonly orphan: Orphan,
    private gone: () => void,
  ) {
    this.keeping = { ...nothingYet, recorded: orphan.bytes, onDisk: orphan.bytes };
  }

  /** Goes on in the same upload, from the byte the server has. */
  send() {
    this.#open();
  }

  again(how: 'retry' | 'renew') {
    this.state = 'sending';
    this.problem = null;
    if (this.#spool) this.#spool.say({ type: how });
    else this.#open();
  }

  discard() {
    if (this.#spool) this.#spool.say({ type: 'discard' });
    else this.#open(true);
    this.state = 'removing';
  }

  #open(discard = false) {
    this.state = 'sending';
    const spool = new SpoolClient((m) => this.#heard(m));
    this.#spool = spool;
    spool.say({ type: 'resume', id: this.orphan.id, discard });
  }

  #close() {
    this.#spool?.close();
    this.#spool = null;
  }

  #heard(m: FromSpool) {
    if (m.type === 'standing') this.keeping = { ...this.keeping, recorded: Math.max(m.recorded, m.durable), durable: m.durable };
    if (m.type === 'trouble') this.keeping = { ...this.keeping, trouble: m.trouble };
    if (m.type === 'done') {
      this.clipId = m.clipId;
      this.state = 'done';
      this.#close();
    }
    if (m.type === 'discarded') {
      this.#close();
      this.gone();
    }
    if (m.type === 'refused') this.#refuse(refusal(m.code, m.message), m.whole);
    if (m.type === 'failed') {
      this.#close();
      this.#refuse({ code: 'failed', title: 'It could not be sent', text: m.message }, true);
    }
  }

  #refuse(problem: Problem, whole: boolean) {
    this.problem = problem;
    this.whole = whole;
    this.state = 'refused';
  }
}

/** All that was left behind, kept current while the page is open. */
export class Recoveries {
  list = $state<Recovery[]>([]);

  begin(userId: string, signal: AbortSignal) {
    void watch(userId, (f) => this.#found(f), signal);
  }

  #found({ orphans, discarded }: Found) {
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
  spool.say({ type: 'resume', id, discard: true });
}
