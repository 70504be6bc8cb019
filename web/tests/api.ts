import { owner } from './server';

interface Clip {
  state: string;
  media: { master: string | null };
  steps: { transcribe: { state: string } };
}

const tus = { 'Tus-Resumable': '1.0.0' };
const b64 = (text: string) => Buffer.from(text).toString('base64');

/** The API of a server that was just set up, as its owner. */
export class Api {
  private cookie = '';
  private workspace = '';

  private constructor(private readonly base: string) {}

  static async setUp(base: string): Promise<Api> {
    const api = new Api(base);
    await api.send('POST', '/api/v1/setup', { workspace_name: 'Harbour', ...owner, time_zone: 'Europe/Vienna' });
    const session = await api.send('POST', '/api/v1/session', { email: owner.email, password: owner.password });
    api.cookie = session.headers
      .getSetCookie()
      .map((c) => c.split(';')[0])
      .join('; ');
    const me = (await (await api.send('GET', '/api/v1/me')).json()) as { workspaces: { id: string }[] };
    api.workspace = me.workspaces[0]!.id;
    return api;
  }

  /** Sends JSON and answers the response; throws when the server refuses. */
  async send(method: string, path: string, body?: unknown): Promise<Response> {
    return this.request(method, path, { 'Content-Type': 'application/json' }, body === undefined ? undefined : JSON.stringify(body));
  }

  async createClip(title: string): Promise<string> {
    const made = await this.send('POST', '/api/v1/clips', { workspace_id: this.workspace, kind: 'camera', title });
    return ((await made.json()) as { id: string }).id;
  }

  /** A link to comment by; anyone may open it, unless it has a password. */
  async createLink(clip: string, password?: string): Promise<{ url: string; token: string }> {
    const access = password ? { access: 'password', password } : { access: 'anyone' };
    const made = await this.send('POST', `/api/v1/clips/${clip}/links`, { ...access, allow_comments: true, allow_download: false });
    return (await made.json()) as { url: string; token: string };
  }

  /** The address of an invitation to the workspace. */
  async createInvitation(): Promise<string> {
    const made = await this.send('POST', `/api/v1/workspaces/${this.workspace}/invites`, { role: 'member' });
    return ((await made.json()) as { url: string }).url;
  }

  /** Begins an upload of unknown length, as a recorder does. */
  async beginUpload(clip: string): Promise<LiveUpload> {
    const headers = {
      ...tus,
      'Upload-Defer-Length': '1',
      'Upload-Metadata': `clip_id ${b64(clip)},filetype ${b64('video/webm')}`,
    };
    const location = (await this.request('POST', '/api/v1/uploads', headers)).headers.get('Location')!;
    const { pathname } = new URL(location, this.base);
    return new LiveUpload((fields, bytes) => this.request('PATCH', pathname, { ...tus, ...fields }, bytes));
  }

  /** Polls the clip until it is as wanted. */
  async waitForClip(id: string, wanted: (clip: Clip) => boolean): Promise<void> {
    for (;;) {
      const clip = (await (await this.send('GET', `/api/v1/clips/${id}`)).json()) as Clip;
      if (wanted(clip)) return;
      if (clip.state === 'failed') throw new Error(`clip ${id} failed`);
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }

  /** Waits until the clip is ready; answers the bytes that were recorded. */
  async downloadOriginal(id: string): Promise<Buffer> {
    await this.waitForClip(id, (c) => c.state === 'ready');
    return Buffer.from(await (await this.send('GET', `/api/v1/clips/${id}/media/original`)).arrayBuffer());
  }

  /** The names and values of the cookies of a browser that is signed in. */
  get cookies(): string[][] {
    return this.cookie.split('; ').map((c) => c.split('='));
  }

  private async request(method: string, path: string, headers: Record<string, string>, body?: BodyInit): Promise<Response> {
    const answer = await fetch(this.base + path, { method, headers: { ...headers, Cookie: this.cookie }, body });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  }
}

/** An upload to which bytes are appended while others watch. */
class LiveUpload {
  private offset = 0;

  constructor(private readonly patch: (headers: Record<string, string>, bytes: BodyInit) => Promise<Response>) {}

  async append(bytes: Buffer<ArrayBuffer>, last = false): Promise<void> {
    const headers: Record<string, string> = {
      'Upload-Offset': String(this.offset),
      'Content-Type': 'application/offset+octet-stream',
    };
    this.offset += bytes.length;
    if (last) headers['Upload-Length'] = String(this.offset);
    await this.patch(headers, bytes);
  }
}
