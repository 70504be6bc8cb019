// Draws a picture and a tone that flash and beep together once a second, and
// records them with MediaRecorder in slices of a second.
globalThis.record = async (o) => {
  const audio = new AudioContext({ sampleRate: 48000 });
  await audio.resume();
  const speaker = audio.createMediaStreamDestination();
  const tone = audio.createOscillator(), gate = audio.createGain(), hum = audio.createOscillator(), low = audio.createGain();
  tone.frequency.value = 1000;
  gate.gain.value = 0;
  hum.frequency.value = 220;
  low.gain.value = 0.02;
  tone.connect(gate).connect(speaker);
  hum.connect(low).connect(speaker);
  tone.start();
  hum.start();
  const canvas = document.createElement('canvas');
  canvas.width = o.w || 16;
  canvas.height = o.h || 16;
  const g = canvas.getContext('2d');
  const t0 = audio.currentTime + 1;
  for (let s = 0; s < 60; s++) {
    gate.gain.setValueAtTime(0.5, t0 + s);
    gate.gain.setValueAtTime(0, t0 + s + 0.1);
  }
  let n = 0;
  const draw = () => {
    const at = audio.currentTime - t0, lit = at >= 0 && at % 1 < 0.1;
    g.fillStyle = lit ? '#fff' : '#123';
    g.fillRect(0, 0, canvas.width, canvas.height);
    g.fillStyle = '#c63';
    g.fillRect((n * 3) % canvas.width, canvas.height / 2, 24, 24);
    n++;
  };
  const timer = setInterval(draw, 33);
  draw();
  const tracks = [];
  if (o.picture) tracks.push(...canvas.captureStream(30).getVideoTracks());
  if (o.sound) tracks.push(...speaker.stream.getAudioTracks());
  const options = { mimeType: o.mime, videoBitsPerSecond: 150000, audioBitsPerSecond: 32000 };
  if (o.keyEvery) options.videoKeyFrameIntervalDuration = o.keyEvery;
  const recorder = new MediaRecorder(new MediaStream(tracks), options);
  const blobs = [];
  recorder.ondataavailable = (e) => blobs.push(e.data);
  const stopped = new Promise((ok, bad) => { recorder.onstop = ok; recorder.onerror = (e) => bad(e.error); });
  const wait = (s) => new Promise((ok) => setTimeout(ok, s * 1000));
  recorder.start(1000);
  await wait(o.seconds / 2);
  if (o.resize) { canvas.width = 240; canvas.height = 240; draw(); }
  if (o.pause) { recorder.pause(); await wait(1); recorder.resume(); }
  await wait(o.seconds / 2);
  recorder.stop();
  await stopped;
  clearInterval(timer);
  await audio.close();
  const bytes = new Uint8Array(await new Blob(blobs).arrayBuffer());
  let text = '';
  for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
  return JSON.stringify({ mime: recorder.mimeType, base64: btoa(text), blobs: blobs.map((b) => b.size) });
};
