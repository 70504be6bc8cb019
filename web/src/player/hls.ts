import Hls, { ErrorDetails, ErrorTypes, Events, type ErrorData, type HlsConfig, type LevelDetails } from 'hls.js';
import { behindLive, type Fault, type SourceEvents } from './source';

// The full build on purpose: the light one plays separate sound as silence, without an error.

const isRetryable = 10_000; // ms: a second decoding error within this is not repaired again

type StreamController = HlsConfig['streamController'];
type LiveSync = { playhead: number; synchronizeToLiveEdge(details: LevelDetails): void }; // private in the types of hls.js

/**
 * hls.js plays from a sliding window: a playhead past the newest segment goes back to the live position. Here a paused
 * recorder adds no segments, and Firefox plays the last one to its very end, so each refresh of the playlist would repeat
 * the last seconds. The playhead waits there instead, and goes on with the next segment.
 */
export class EdgeStreamController extends (Hls.DefaultConfig.streamController as unknown as new (...args: unknown[]) => LiveSync) {
  override synchronizeToLiveEdge(details: LevelDetails): void {
    if (this.playhead <= details.edge) super.synchronizeToLiveEdge(details);
  }
}

/** Plays HLS by Media Source Extensions. `at` null begins at the start, or near the live edge of a recording. */
export function withHls(media: HTMLMediaElement, url: string, at: number | null, on: SourceEvents): () => void {
  const hls = new Hls({
    enableWorker: false, // fMP4 needs hardly any work, and our policy allows no blob: workers
    startPosition: at ?? -1,
    liveSyncDuration: behindLive,
    liveDurationInfinity: true, // with a finite one WebKit ends for good at the edge
    streamController: EdgeStreamController as unknown as StreamController,
    backBufferLength: 60,
    maxBufferLength: 30,
    capLevelToPlayerSize: true,
    capLevelOnFPSDrop: true,
  });
  let repaired = -Infinity;
  hls.on(Events.ERROR, (_, data) => {
    if (!data.fatal) return;
    if (data.type === ErrorTypes.MEDIA_ERROR && Date.now() - repaired > isRetryable) {
      repaired = Date.now();
      hls.recoverMediaError();
    } else on.fault(faultOf(data));
  });
  hls.on(Events.LEVEL_UPDATED, (_, { details }) => on.edge(details.live ? (hls.liveSyncPosition ?? details.edge) : null));
  hls.attachMedia(media);
  hls.loadSource(url);
  return () => hls.destroy();
}

function faultOf(data: ErrorData): Fault {
  if (data.type !== ErrorTypes.NETWORK_ERROR) return 'media';
  if (data.details === ErrorDetails.MANIFEST_PARSING_ERROR) return 'media';
  const status = data.response?.code ?? 0;
  return status >= 400 && status < 500 && status !== 429 ? 'gone' : 'network';
}
