/** The times in an Ogg file with Opus (https://www.rfc-editor.org/rfc/rfc3533, https://www.rfc-editor.org/rfc/rfc7845). */
import { viewOf } from './byteQueue';
import type { ContainerReader } from './mediaTime';

const RATE = 48_000; // granules of Opus a second, whatever the microphone has
const HEAD = 27; // bytes of a page before its table of segments

export function readOgg(): ContainerReader {
  let preSkip = 0;
  return (bytes, timeline) => {
    const segments = bytes.peek(HEAD)?.[HEAD - 1];
    if (segments === undefined) return false;
    const head = bytes.peek(HEAD + segments);
    if (!head) return false;
    if (String.fromCharCode(...head.subarray(0, 4)) !== 'OggS') throw new Error('no page');
    const size = head.subarray(HEAD).reduce((n, b) => n + b, HEAD + segments);
    const page = bytes.peek(size);
    if (!page) return false;

    const body = page.subarray(HEAD + segments);
    if (String.fromCharCode(...body.subarray(0, 8)) === 'OpusHead' && body.length >= 12) preSkip = viewOf(body).getUint16(10, true);
    const view = viewOf(page);
    const granule = view.getInt32(10, true) * 2 ** 32 + view.getUint32(6, true);
    if (granule > preSkip) timeline.addSample('audio', 0, ((granule - preSkip) * 1000) / RATE, segments);
    bytes.skip(size);
    return true;
  };
}
