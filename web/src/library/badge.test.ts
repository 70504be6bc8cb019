import { expect, test } from 'vitest';
import { clipBadge } from './badge';
import { exampleClip } from './testing';

const steps = exampleClip().steps;

test('a clip that is there says nothing', () => expect(clipBadge(exampleClip())).toBeNull());

test.each([
  ['being recorded', exampleClip({ state: 'recording' }), 'Recording now'],
  ['being uploaded', exampleClip({ state: 'recording', kind: 'file' }), 'Uploading'],
  ['silent', exampleClip({ state: 'recording', at_risk: true }), 'Upload is silent'],
  [
    'processed',
    exampleClip({ state: 'processing', steps: { ...steps, transcode: { state: 'running', progress: 0.429, failure: null } } }),
    'Processing 42 %',
  ],
  [
    'waiting for its turn',
    exampleClip({ state: 'processing', steps: { ...steps, transcode: { state: 'waiting', progress: 0, failure: null } } }),
    'Processing',
  ],
  [
    'transcribed',
    exampleClip({ steps: { ...steps, transcribe: { state: 'running', progress: 0.5, failure: null } } }),
    'Transcribing 50 %',
  ],
  [
    'without words',
    exampleClip({ steps: { ...steps, transcribe: { state: 'failed', progress: 0, failure: 'No engine.' } } }),
    'No transcript',
  ],
  [
    'without space to be processed',
    exampleClip({ state: 'processing', steps: { ...steps, transcode: { state: 'waiting', progress: 0, failure: 'No space.' } } }),
    'Waiting for space',
  ],
  [
    'without space for a transcript',
    exampleClip({ steps: { ...steps, transcribe: { state: 'waiting', progress: 0, failure: 'No space.' } } }),
    'Waiting for space',
  ],
  ['cut off', exampleClip({ ended_early: true }), 'Ended early'],
])('a clip that is %s', (_, clip, text) => expect(clipBadge(clip)?.text).toBe(text));

test('a failed clip says why', () => {
  expect(clipBadge(exampleClip({ state: 'failed', failure: 'This is no video.' }))).toMatchObject({
    text: 'Failed',
    detail: 'This is no video.',
  });
});
