// A separate program that uploads a file with tus-js-client, as another product would: it pauses
// after two chunks, goes on, and can be killed and started again.
// usage: node tus-client.mjs ENDPOINT TOKEN CLIP FILE STORE
import { createReadStream } from 'node:fs';
import * as tus from 'tus-js-client';

const [endpoint, token, clip, file, store] = process.argv.slice(2);
const say = (line) => process.stdout.write(`${line}\n`);
let paused = false;

const upload = new tus.Upload(createReadStream(file), {
  endpoint,
  headers: { Authorization: `Bearer ${token}` },
  metadata: { clip_id: clip, filename: 'noise.wav', filetype: 'audio/wav' },
  chunkSize: 256 * 1024,
  retryDelays: [0, 100, 500],
  urlStorage: new tus.FileUrlStorage(store),
  async onChunkComplete(_size, accepted, total) {
    say(`accepted ${accepted} of ${total}`);
    if (!paused && accepted >= 512 * 1024) {
      paused = true;
      await upload.abort();
      say('paused');
      upload.start();
    }
  },
  onSuccess: () => say('done'),
  onError(error) {
    say(`failed ${error.message}`);
    process.exitCode = 1;
  },
});

const [before] = await upload.findPreviousUploads();
if (before) {
  upload.resumeFromPreviousUpload(before);
  paused = true;
  say('resumes');
}
upload.start();
