import { expect, it } from 'vitest';
import { UnitBuffer } from './unitBuffer';

const bytes = (...all: number[]) => new Uint8Array(all);

it('hands on what is complete', () => {
  const units = new UnitBuffer();
  expect([...units.take(bytes(1, 2, 3), 2)]).toEqual([1, 2]);
  expect([...units.take(bytes(4), 2)]).toEqual([]);
  expect([...units.take(bytes(5, 6), 5)]).toEqual([3, 4, 5]);
  expect([...units.take(bytes(7), 7)]).toEqual([6, 7]);
});

it('leaves out what will never be complete', () => {
  const units = new UnitBuffer();
  units.take(bytes(1, 2, 3), 1);
  units.drop();
  expect([...units.take(bytes(8, 9), 3)]).toEqual([8, 9]);
});

it('does not wait for a unit that is larger than any', () => {
  const units = new UnitBuffer();
  const piece = new Uint8Array(5 << 20);
  expect(units.take(piece, 0)).toHaveLength(0);
  expect(units.take(piece, 0)).toHaveLength(10 << 20);
  expect([...units.take(bytes(1, 2), (10 << 20) + 1)]).toEqual([1]);
});
