import { expect, it } from 'vitest';
import type { Continuation } from './continuation';
import { ContinuedSource } from './continuedSource';
import { Spool } from './spool';

/** Leaves the first three bytes out, and gives each other one twice. */
class Twice implements Continuation {
  #left = 3;
  shift(bytes: Uint8Array<ArrayBuffer>) {
    const body = bytes.subarray(Math.min(this.#left, bytes.length));
    this.#left -= bytes.length - body.length;
    return new Uint8Array([...body].flatMap((b) => [b, b]));
  }
}

const of = (...bytes: number[]) => new Uint8Array(bytes);
const BASE = 1000;

function continued() {
  const spool = new Spool(null);
  return { spool, source: new ContinuedSource(spool, BASE, () => new Twice()) };
}

it('follows what the upload has already', () => {
  const { spool, source } = continued();
  spool.append(of(1, 2, 3, 4, 5));
  expect(source.state()).toEqual({ bytes: BASE + 4, sealed: false });
  expect([...source.read(BASE, BASE + 4)]).toEqual([4, 4, 5, 5]);
  spool.append(of(6));
  spool.seal();
  expect(source.state()).toEqual({ bytes: BASE + 6, sealed: true });
  expect([...source.read(BASE + 4, BASE + 6)]).toEqual([6, 6]);
});

it('gives a part again, and goes on anywhere after a crash', () => {
  const { spool, source } = continued();
  spool.append(of(1, 2, 3, 4, 5, 6, 7));
  source.state();
  expect([...source.read(BASE + 2, BASE + 6)]).toEqual([5, 5, 6, 6]);
  expect([...source.read(BASE + 2, BASE + 8)]).toEqual([5, 5, 6, 6, 7, 7]);
  expect([...source.read(BASE, BASE + 3)]).toEqual([4, 4, 5]); // the server had less than was thought
  const again = new ContinuedSource(spool, BASE, () => new Twice());
  expect([...again.read(BASE + 5, BASE + 8)]).toEqual([6, 7, 7]);
});

it('goes on without what the server has, where the browser keeps no copy', () => {
  const spool = new Spool(null, { keep: 0 });
  const source = new ContinuedSource(spool, BASE, () => new Twice());
  for (let n = 0; n < 8; n++) {
    spool.append(of(n));
    const { bytes } = source.state();
    const sent = n < 3 ? BASE : BASE + 2 * (n - 3);
    expect([...source.read(sent, bytes)]).toEqual(n < 3 ? [] : [n, n]);
    spool.acknowledge(source.recordedUpTo(bytes));
  }
  expect(spool.progress()).toMatchObject({ recorded: 8, durable: 8, inMemory: 0 });
});

it('counts as sent what the server has whole', () => {
  const { spool, source } = continued();
  for (const n of [1, 2, 3, 4, 5]) spool.append(of(n));
  source.state(); // one step: all five bytes
  expect(source.recordedUpTo(BASE + 3)).toBe(0);
  spool.append(of(6));
  source.state();
  source.read(BASE, BASE + 6);
  expect(source.recordedUpTo(BASE + 4)).toBe(5);
  expect(source.recordedUpTo(BASE + 6)).toBe(6);
});
