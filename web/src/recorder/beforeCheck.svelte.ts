import { boot } from '../lib/boot';
import { longestClip, type Limits } from './limits';
import { fetchRoom } from './roomLeft';
import { checkUpload, forgetSpeed, type UploadCheck } from './uploadCheck';

/** What is checked before a recording without anybody's doing: the room there is, and the connection. */
export class BeforeCheck {
  limits = $state.raw<Limits | null>(null);
  upload = $state.raw<UploadCheck | null>(null);

  #attempt = 0; // number of the look at the connection; an older one says nothing any more

  /** Checks once, and again when the network is another one. Ends with the signal. */
  begin(workspaceId: string, signal: AbortSignal) {
    const checkNetwork = () => (forgetSpeed(), void this.#checkUpload(signal));
    for (const event of ['online', 'offline']) addEventListener(event, checkNetwork, { signal });
    void this.#checkRoom(workspaceId);
    void this.#checkUpload(signal);
  }

  async #checkRoom(workspaceId: string) {
    const room = await fetchRoom(workspaceId);
    this.limits = { lengthMs: longestClip, bytes: boot.max_upload_bytes || null, ...room };
  }

  async #checkUpload(signal: AbortSignal) {
    const attempt = ++this.#attempt;
    const found = await checkUpload(signal);
    if (!signal.aborted && attempt === this.#attempt) this.upload = found;
  }
}
