/** What Firefox does not do without a person, a display or a cable. These functions run in its pages, whose devices are its fakes. */

interface Story {
  asked: number; // questions about storage
  tracks: MediaStreamTrack[];
  gone: boolean; // the camera
  cameras: HTMLVideoElement[];
  surface?: string; // what the browser says is shared
  screen?: HTMLCanvasElement;
}

/** Firefox's name for captureStream. */
type CapturedVideo = HTMLVideoElement & { mozCaptureStream(): MediaStream };

declare global {
  var story: Story;
}

/** Shares a picture of which, as in Firefox, nothing says what it is; counts the questions about storage. */
export function shareScreen(): void {
  const media = navigator.mediaDevices;
  const open = media.getUserMedia.bind(media);
  globalThis.story = { asked: 0, tracks: [], cameras: [], gone: false };
  media.getDisplayMedia = async () => {
    const screen = await open({ video: true });
    for (const track of screen.getTracks()) {
      const settings = track.getSettings.bind(track);
      track.getSettings = () => ({ ...settings(), displaySurface: story.surface });
      story.tracks.push(track);
    }
    return screen;
  };
  navigator.storage.persist = () => {
    story.asked++;
    return Promise.resolve(false);
  };
}

/** Shares a screen on which nothing moves. Chromium runs it, too. */
export function shareStillScreen(): void {
  globalThis.story = { asked: 0, tracks: [], cameras: [], gone: false };
  navigator.mediaDevices.getDisplayMedia = () => {
    const canvas = (story.screen = Object.assign(document.createElement('canvas'), { width: 640, height: 360 }));
    canvas.getContext('2d')!.fillRect(0, 0, canvas.width, canvas.height);
    return Promise.resolve(canvas.captureStream(30));
  };
}

/** "Stop sharing" in the browser's own bar. */
export function endSharing(): void {
  for (const track of story.tracks.filter((t) => t.readyState === 'live')) {
    track.stop();
    track.dispatchEvent(new Event('ended'));
  }
}

export type Refusals = Partial<Record<'audio' | 'video', string>>;

/** Refuses microphone or camera for a reason, as Firefox does: one that is missing refuses both where both are asked for. */
export function refuseDevices(refusals: Refusals): void {
  const media = navigator.mediaDevices;
  const open = media.getUserMedia.bind(media);
  media.getUserMedia = (wanted) => {
    const kind = (['audio', 'video'] as const).find((k) => wanted?.[k] && refusals[k]);
    return kind ? Promise.reject(new DOMException('', refusals[kind])) : open(wanted);
  };
  const query = navigator.permissions.query.bind(navigator.permissions);
  navigator.permissions.query = async (of) => {
    const kind = { microphone: 'audio', camera: 'video' }[of.name as string] as 'audio' | 'video' | undefined;
    if (!kind || refusals[kind] !== 'NotAllowedError') return query(of);
    return { state: 'denied' } as PermissionStatus;
  };
}

/** Replaces camera and microphone by a flash and a beep (1 kHz) that begin together at each second. The camera can be taken away. */
export function useFlashAndBeep(): void {
  const media = navigator.mediaDevices;
  globalThis.story = { asked: 0, tracks: [], cameras: [], gone: false };
  const FLASH = 0.2; // s
  let beeps: { graph: AudioContext; source: AudioNode } | undefined;

  const makeBeeps = () => {
    const graph = new AudioContext();
    const second = graph.createBuffer(1, graph.sampleRate, graph.sampleRate);
    const samples = second.getChannelData(0);
    for (let i = 0; i < FLASH * graph.sampleRate; i++) samples[i] = 0.5 * Math.sin((2 * Math.PI * 1000 * i) / graph.sampleRate);
    const source = new AudioBufferSourceNode(graph, { buffer: second, loop: true });
    source.start(1);
    return { graph, source };
  };
  const openMicrophone = () => {
    const out = beeps!.graph.createMediaStreamDestination();
    beeps!.source.connect(out);
    return out.stream.getAudioTracks()[0]!;
  };
  /** Firefox ends a track of its own accord when the element it was taken from has no source any more. */
  const openCamera = async () => {
    if (story.gone) throw new DOMException('', 'NotFoundError');
    const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 });
    const pen = canvas.getContext('2d')!;
    const drawn = canvas.captureStream(30);
    const video = Object.assign(document.createElement('video'), { muted: true, srcObject: drawn }) as CapturedVideo;
    let picture = 0;
    const timer = setInterval(() => {
      if (!video.srcObject) return clearInterval(timer);
      pen.fillStyle = beeps!.graph.currentTime % 1 < FLASH ? '#fff' : '#111';
      pen.fillRect(0, 0, 640, 340);
      pen.fillStyle = `hsl(${picture++ % 360} 80% 50%)`; // no picture is like the one before
      pen.fillRect(0, 340, 640, 20);
    }, 15);
    await video.play();
    story.cameras.push(video);
    return video.mozCaptureStream().getVideoTracks()[0]!;
  };
  media.getUserMedia = async (wanted) => {
    beeps ??= makeBeeps();
    const camera = wanted?.video ? [await openCamera()] : [];
    return new MediaStream([...camera, ...(wanted?.audio ? [openMicrophone()] : [])]);
  };
}

/** Takes the camera away that `useFlashAndBeep` made. */
export function unplugCamera(): void {
  story.gone = true;
  for (const video of story.cameras.splice(0)) video.srcObject = null;
  navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
}

/** Connects the camera again. */
export function plugInCamera(): void {
  story.gone = false;
  navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
}
