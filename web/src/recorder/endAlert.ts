const prefix = 'Recording ended: ';

/** Says by the tab's title that a recording has ended, while the page is hidden or until the signal. */
export function markTitle(signal: AbortSignal) {
  if (!document.hidden) return;
  const title = document.title;
  document.title = prefix + title;
  const restore = () => {
    if (document.title === prefix + title) document.title = title;
  };
  document.addEventListener('visibilitychange', restore, { signal, once: true });
  signal.addEventListener('abort', restore);
}

/** Two short tones for whoever looks at another window; nothing while the page is seen. */
export function soundEnd() {
  if (!document.hidden) return;
  const context = new AudioContext();
  const volume = context.createGain();
  volume.gain.value = 0.1;
  volume.connect(context.destination);
  const tones = [660, 440].map((hertz, i) => {
    const tone = new OscillatorNode(context, { frequency: hertz });
    tone.connect(volume);
    tone.start(context.currentTime + i * 0.2);
    tone.stop(context.currentTime + i * 0.2 + 0.15);
    return tone;
  });
  tones.at(-1)!.onended = () => void context.close();
}
