/// <reference types="node" />
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseCaptions } from './captionsFile';

const captions = join(import.meta.dirname, '../../../transcribe/captions/testdata/captions');

/** A file that the server's tests compare with what it writes. */
const written = (name: string) => readFileSync(join(captions, `${name}.vtt`), 'utf8');

describe('captions as the server writes them', () => {
  it('keep times and lines', () =>
    expect(parseCaptions(written('talk'))?.slice(2, 5)).toEqual([
      { start: 6.8, end: 9.8, lines: ['ask what you can do for your country.'] },
      { start: 12, end: 16.2, lines: ['This one goes on without any', 'pause for longer than six seconds'] },
      { start: 16.2, end: 21.825, lines: ['so that it has to be cut somewhere', 'although nobody draws a breath at all.'] },
    ]));
  it('come without speakers and with what was escaped', () => {
    const cues = parseCaptions(written('markup'));
    expect(cues?.[0]?.lines).toEqual(['a & b <script>alert("x")</script> -->', '{\\an8} 1 < 2 &amp;']);
    expect(cues?.at(-1)?.lines).toEqual(['你好。 مرحبا']);
  });
  it.each(['talk', 'markup', 'jfk', 'two_cities'])('%s is read whole', (name) => {
    const file = written(name);
    expect(parseCaptions(file)).toHaveLength(file.split(' --> ').length - 1);
  });
  it('may have hours', () => expect(parseCaptions(written('talk'))?.at(-1)).toMatchObject({ start: 3600, end: 3601.125 }));
  it('may be none', () => expect(parseCaptions(written('empty'))).toEqual([]));
});

it.each([
  ['a page', '<!doctype html><title>Sign in to the network</title>'],
  ['a problem', '{"code":"not_ready"}'],
  ['nothing', ''],
  ['a cue without a time', 'WEBVTT\n\nhello\n'],
  ['a cue without lines', 'WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n'],
])('%s is no captions file', (_, text) => expect(parseCaptions(text)).toBeNull());
