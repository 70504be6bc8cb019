import { beforeEach, expect, it, vi } from 'vitest';
import type { FromComposite, ToComposite } from './composite.worker';
import { corner } from './layout';

const SIZE = { width: 64, height: 36 };

const still = { type: 'still', isStill: true };
const moving = { type: 'still', isStill: false };

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

let said: FromComposite[], asked: FromComposite[];
let made: Frame[];
let camera: ReadableStreamDefaultController<Frame>;
let worker: { onmessage: (e: { data: ToComposite }) => void };

beforeEach(async () => {
  said = [];
  asked = [];
  made = [];
  vi.useFakeTimers();
  worker = { postMessage: (m: FromComposite) => (m.type === 'still' ? said : asked).push(m) } as unknown as typeof worker;
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
  expect(said).toEqual([still]);
  expect(made.length, 'the last picture is repeated').toBeGreaterThan(10);
  await give();
  expect(said).toEqual([still, moving]);
});

it('says the same of one that is plugged in again and gives nothing', async () => {
  await vi.advanceTimersByTimeAsync(5000);
  worker.onmessage({ data: { type: 'camera', camera: openCamera() as unknown as ReadableStream<VideoFrame> } });
  await vi.advanceTimersByTimeAsync(5000);
  expect(said).toEqual([still, still]);
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

const answer = (frame: Frame | null) => worker.onmessage({ data: { type: 'copy', of: 'camera', frame: frame as unknown as VideoFrame } });

it('asks the page for copies of a camera whose stream is not connected, one at a time, and draws them', async () => {
  await give();
  await vi.advanceTimersByTimeAsync(2000);
  expect(asked, 'the first one is not answered').toEqual([{ type: 'copy', of: 'camera' }]);
  for (let i = 0; i < 30; i++) {
    answer(new Frame());
    await vi.advanceTimersByTimeAsync(70);
  }
  expect(asked.length).toBeGreaterThan(25);
  const before = made.length;
  answer(new Frame());
  await vi.advanceTimersByTimeAsync(30);
  expect(made.length).toBe(before + 1);
  expect(said).toEqual([]);
});

it('asks less often while the page shows the same picture, and at once again when it shows another', async () => {
  await give();
  let answered = 0;
  const answerAll = async (ms: number, picture: () => Frame | null) => {
    for (let t = 0; t < ms; t += 10) {
      for (; answered < asked.length; answered++) answer(picture());
      await vi.advanceTimersByTimeAsync(10);
    }
  };
  await answerAll(10_000, () => null);
  const idle = asked.length;
  expect(idle).toBeGreaterThan(5);
  expect(idle).toBeLessThan(20);
  await answerAll(3000, () => new Frame());
  expect(asked.length - idle).toBeGreaterThan(25);
});

it('asks for no more copies once the stream gives pictures, and closes one that is late', async () => {
  await give();
  await vi.advanceTimersByTimeAsync(1000);
  expect(asked).toEqual([{ type: 'copy', of: 'camera' }]);
  await give();
  const late = new Frame();
  const before = made.length;
  answer(late);
  expect(late.isClosed).toBe(true);
  expect(made.length).toBe(before);
  for (let i = 0; i < 40; i++) await give();
  expect(asked).toEqual([
    { type: 'copy', of: 'camera' },
    { type: 'connected', of: 'camera' },
  ]);
});

it('asks again where a picture of the stream comes only now and then', async () => {
  for (let i = 0; i < 5; i++) {
    await give();
    await vi.advanceTimersByTimeAsync(1000);
    answer(new Frame());
  }
  expect(asked.length).toBeGreaterThanOrEqual(5);
  expect(asked.every((m) => m.type === 'copy')).toBe(true);
});

it('never asks for a copy where the stream runs from the start', async () => {
  for (let i = 0; i < 100; i++) await give();
  expect(asked).toEqual([]);
});
