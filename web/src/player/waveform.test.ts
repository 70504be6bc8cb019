import { describe, expect, it } from 'vitest';
import { waveformBars, isPeaks } from './waveform';

const of = (...data: number[]) => ({ bits: 8, data });

describe('bars', () => {
  it('takes the loudest sample of each stretch, up or down', () =>
    expect(waveformBars(of(-10, 20, -80, 5, 0, 40, -1, 1), 2)).toEqual([1, 0.5]));
  it('shows silence as a dot', () => expect(waveformBars(of(0, 0, -100, 100), 2)).toEqual([0.06, 1]));
  it('does not blow noise up to speech', () => expect(Math.max(...waveformBars(of(-1, 1, -1, 1), 2))).toBeLessThanOrEqual(0.5));
  it('stretches few pixels over many bars', () => expect(waveformBars(of(-50, 50, -100, 100), 4)).toEqual([0.5, 0.5, 1, 1]));
  it('is empty for nothing', () => {
    expect(waveformBars(of(), 40)).toEqual([]);
    expect(waveformBars(of(1, 2), 0)).toEqual([]);
  });
  it('is quick with hours of sound', () =>
    expect(waveformBars({ bits: 8, data: Array.from({ length: 1_000_000 }, (_, i) => i % 100) }, 120)).toHaveLength(120));
});

describe('isPeaks', () => {
  it.each([
    [{ version: 2, bits: 8, data: [1, 2] }, true],
    [{ bits: 12, data: [] }, false],
    [{ bits: 8, data: ['1'] }, false],
    [{ code: 'not_ready' }, false],
    [null, false],
  ])('%o: %s', (v, want) => expect(isPeaks(v)).toBe(want));
});
