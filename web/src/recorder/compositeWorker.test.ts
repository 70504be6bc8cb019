import { beforeEach, expect, it, vi } from 'vitest';
import type { FromComposite, ToComposite } from './composite.worker';
import { corner } from './layout';

const SIZE = { width: 64, height: 36 };

/** A picture as the browser gives it. */
class Frame {
  displayWidth = SIZE.width;
  displayHeight = SIZE.height;
  isClosed = false;
  constructor(source?: unknown) {
    if (source instanceof Frame && source.isBroken) throw new DOMException('', 'InvalidStateError');
  }
  isBroken = false;
  close() {
    this.isClosed = true;
  }
}

let said: FromComposite[];
let made: Frame[];
let camera: ReadableStreamDefaultController<Frame>;
let worker: { onmessage: (e: { data: ToComposite }) => void };

beforeEach(async () => {
  said = [];
  made = [];
  vi.useFakeTimers();
  worker = { postMessage: (m: FromComposite) => said.push(m) } as unknown as typeof worker;
  vi.stubGlobal('self', worker);
  vi.stubGlobal('VideoFrame', Frame);
  const pen = new Proxy({}, { get: () => () => {}, set: () => true });
  vi.stubGlobal(
    'OffscreenCanvas',
    class {
      constructor(
        public width: number,
        public height: number,
      ) {}
      getContext = () => pen;
    },
  );
  vi.resetModules();
  await import('./composite.worker');
  const out = new WritableStream({ write: (frame: Frame) => void made.push(frame) });
  const start = { type: 'start', screen: null, camera: openCamera(), out, ...SIZE, resizes: false, layout: corner };
  worker.onmessage({ data: start as unknown as ToComposite });
  return () => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  };
});

const openCamera = () => new ReadableStream<Frame>({ start: (c) => void (camera = c) });

async function give(frame = new Frame()): Promise<Frame> {
  camera.enqueue(frame);
  await vi.advanceTimersByTimeAsync(30);
  return frame;
}

it('says within five seconds that no picture comes of a camera, and once one comes again', async () => {
  await give();
  await vi.advanceTimersByTimeAsync(2000);
  expect(said).toEqual([]);
  await vi.advanceTimersByTimeAsync(3000);
  expect(said).toEqual([{ isStill: true }]);
  expect(made.length, 'the last picture is repeated').toBeGreaterThan(10);
  await give();
  expect(said).toEqual([{ isStill: true }, { isStill: false }]);
});

it('says the same of one that is plugged in again and gives nothing', async () => {
  await vi.advanceTimersByTimeAsync(5000);
  worker.onmessage({ data: { type: 'camera', camera: openCamera() as unknown as ReadableStream<VideoFrame> } });
  await vi.advanceTimersByTimeAsync(5000);
  expect(said).toEqual([{ isStill: true }, { isStill: true }]);
});

it('goes on after a picture that the browser cannot read', async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  await give();
  await give(Object.assign(new Frame(), { isBroken: true }));
  const before = made.length;
  for (let i = 0; i < 10; i++) await give();
  expect(made.length).toBeGreaterThanOrEqual(before + 10);
  expect(said).toEqual([]);
});
