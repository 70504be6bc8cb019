import type { Cue } from './cues';

const timing = /^(\d+):(\d\d):(\d\d)\.(\d{3}) --> (\d+):(\d\d):(\d\d)\.(\d{3})$/;
const references: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&amp;': '&' };

const toSeconds = (h?: string, m?: string, s?: string, ms?: string) => Number(h) * 3600 + Number(m) * 60 + Number(s) + Number(ms) / 1000;

/**
 * The cues of captions.vtt as this server writes it: blocks of a time and its lines, the speaker as a voice tag before
 * the first, and three character references. Null for anything else, such as the sign-in page of a network.
 */
export function parseCaptions(vtt: string): Cue[] | null {
  const [head, ...blocks] = vtt.trimEnd().split('\n\n');
  if (head !== 'WEBVTT') return null;
  const cues = blocks.map(parseBlock);
  return cues.every((c) => c !== null) ? cues : null;
}

function parseBlock(block: string): Cue | null {
  const [time = '', ...lines] = block.split('\n');
  const m = timing.exec(time);
  if (!m || lines.length === 0) return null;
  return { start: toSeconds(m[1], m[2], m[3], m[4]), end: toSeconds(m[5], m[6], m[7], m[8]), lines: lines.map(plainLine) };
}

function plainLine(line: string): string {
  return line.replace(/^<v [^>]*>/, '').replace(/&(?:lt|gt|amp);/g, (r) => references[r]!);
}
