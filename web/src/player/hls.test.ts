import Hls, { type LevelDetails } from 'hls.js';
import { expect, it } from 'vitest';
import { EdgeStreamController } from './hls';

/** A stream controller whose element has played to `playhead` and has nothing more to play. */
function starvedAt(playhead: number) {
  const media = { currentTime: playhead, readyState: 2, duration: Infinity };
  const fields = { config: Hls.DefaultConfig, hls: { liveSyncPosition: 16 }, media, playhead, warn: () => undefined };
  const controller = Object.create(EdgeStreamController.prototype, Object.getOwnPropertyDescriptors(fields)) as EdgeStreamController;
  return { controller, media };
}
const playlist = { fragmentStart: 0, edge: 21, targetduration: 2 } as LevelDetails;

it.each([
  ['waits past the newest segment while the recorder pauses', 21.2, 21.2],
  ['waits at the edge', 21, 21],
  ['stays where the viewer is', 3, 3],
])('%s', (_, playhead, want) => {
  const { controller, media } = starvedAt(playhead);
  controller.synchronizeToLiveEdge(playlist);
  expect(media.currentTime).toBe(want);
});

it('overrides a method that hls.js has', () => {
  expect(Hls.DefaultConfig.streamController.prototype).toHaveProperty('synchronizeToLiveEdge');
});
