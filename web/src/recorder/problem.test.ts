import { describe, expect, it } from 'vitest';
import { captureProblem, refusal, unsupported, type Asked, type Browser } from './problem';

const able: Browser = { secure: true, devices: true, recorder: true, workers: true, screen: true };

describe('unsupported', () => {
  it('has nothing to say of a browser that can', () => expect(unsupported(able, 'https://t.example')).toBeNull());
  it('names the address when it is not secure', () => {
    const p = unsupported({ ...able, secure: false, devices: false }, 'http://192.168.1.5:8080');
    expect(p?.code).toBe('insecure');
    expect(p?.text).toContain('http://192.168.1.5:8080');
    expect(p?.text).toContain('HTTPS');
  });
  it.each(['devices', 'recorder', 'workers'] as const)('without %s the browser is too old', (what) => {
    expect(unsupported({ ...able, [what]: false }, '')?.code).toBe('unsupported');
  });
  it('a phone without screen sharing still records the rest', () => expect(unsupported({ ...able, screen: false }, '')).toBeNull());
});

describe('captureProblem', () => {
  const both: Asked = { screen: false, camera: true, microphone: true };
  const mic: Asked = { screen: false, camera: false, microphone: true };
  const cases: [string, Asked, string | null, RegExp][] = [
    ['NotAllowedError', both, 'not_allowed', /may not use your camera and microphone/],
    ['NotAllowedError', mic, 'not_allowed', /may not use your microphone/],
    ['NotFoundError', mic, 'not_found', /No microphone was found/],
    ['NotFoundError', both, 'not_found', /No camera or microphone was found/],
    ['OverconstrainedError', both, 'not_found', /was found/],
    ['NotReadableError', { screen: false, camera: true, microphone: false }, 'busy', /camera is busy/],
    ['TypeError', both, 'capture', /could not be started/],
    ['NotAllowedError', { screen: true }, null, /^$/],
    ['NotReadableError', { screen: true }, 'busy', /could not be recorded/],
    ['InvalidStateError', { screen: true }, 'capture', /did not work/],
  ];
  it.each(cases)('%s %o', (name, asked, code, title) => {
    const p = captureProblem(new DOMException('', name), asked);
    expect(p?.code ?? null).toBe(code);
    expect(p?.title ?? '').toMatch(title);
    if (p) expect(p.text).not.toBe('');
  });
});

it('a refusal keeps the sentence of the server unless there is something better to do', () => {
  expect(refusal('quota', 'Full: 5 of 5 GB.')).toMatchObject({ code: 'quota', title: 'The workspace is full' });
  expect(refusal('quota', 'Full: 5 of 5 GB.').text).toMatch(/^Full: 5 of 5 GB. Try again when/);
  expect(refusal('gone', 'x').text).toContain('still on this computer');
  expect(refusal('strange', 'Odd.')).toMatchObject({ title: 'The server did not take the recording', text: 'Odd.' });
});
