/** What the recorder says of its encoder. */
import { formatClock } from '../../lib/time';
import { noticedGaps, totalMissedMs, type EncoderState, type Restart, type Running } from '../encoderState';

/** What is said of an encoder that does not do as it should, or null. */
export function encoderNotice(s: EncoderState): { tone: 'warn' | 'danger'; text: string; more: string } | null {
  switch (s.name) {
    case 'trying':
      return { tone: 'danger', text: 'Nothing is recorded yet', more: `The browser’s encoder gives nothing. ${nextTry(s.soundAlone)}` };
    case 'failed':
      return {
        tone: 'danger',
        text: 'Nothing is recorded',
        more: 'This browser gives nothing for any kind of file, so the recording ends.',
      };
    case 'stalled':
      return {
        tone: 'danger',
        text: `Nothing new since ${formatClock(s.atMs)}`,
        more: `The browser’s encoder has come to a standstill. Everything up to ${formatClock(s.atMs)} is kept. Stop, and record the rest as another clip.`,
      };
    case 'restarting':
      return {
        tone: 'danger',
        text: `Nothing new since ${formatClock(s.atMs)}`,
        more: `The browser’s encoder failed at ${formatClock(s.atMs)} and is being started again. Everything up to there is kept.`,
      };
    case 'slow':
      return { tone: 'warn', text: '', more: `${runningNotice(s.running)} ${slowNotice(s.pictures)}`.trim() };
    case 'running': {
      const more = runningNotice(s);
      return more ? { tone: 'warn', text: '', more } : null;
    }
  }
  return null;
}

const nextTry = (soundAlone: boolean) => (soundAlone ? 'Trying to record your sound alone…' : 'Trying another kind of file…');

const slowNotice = (pictures: number) =>
  `Your computer cannot keep up: ${Math.round(pictures)} pictures a second are recorded. Your sound is not affected, and the picture is made simpler from here on. Close other programs or tabs.`;

function runningNotice({ soundAlone, missedMs, restarts }: Running): string {
  return [
    missedMs > 0 &&
      `The browser’s encoder gave nothing for the first ${Math.round(missedMs / 1000)} seconds: they are not recorded. Start over if you need them.`,
    restarts.length > 0 && `${restartNotice(restarts)} Recording goes on.`,
    soundAlone &&
      !restarts.at(-1)?.soundAlone &&
      'This browser encodes no picture: your sound alone is recorded. Use another browser to be seen.',
  ]
    .filter(Boolean)
    .join(' ');
}

/**
 * Where the encoder failed and what is missing for that, or ''. `over`: the recording has ended, by the encoder or otherwise.
 */
export function restartNotice(restarts: Restart[], over: { byEncoder: boolean } | null = null): string {
  const [first] = restarts;
  if (!first) return '';
  const missing = noticedGaps(restarts) ? `: ${(totalMissedMs(restarts) / 1000).toFixed(1)} s are missing.` : '.';
  const times = restarts.length > 1 ? ` ${restarts.length} times, first` : '';
  const failed = over?.byEncoder ? 'It had failed' : 'The browser’s encoder failed'; // the end was said already
  return `${failed}${times} at ${formatClock(first.atMs)} and was started again${missing}${soundAloneNotice(restarts, over !== null)}`;
}

function soundAloneNotice(restarts: Restart[], isOver: boolean): string {
  const alone = restarts.find((r) => r.soundAlone);
  if (!alone) return '';
  return ` From ${formatClock(alone.atMs + alone.missedMs)} on ${isOver ? 'there is sound alone' : 'your sound alone is recorded'}.`;
}
