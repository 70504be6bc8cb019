import { expect, it } from 'vitest';
import { FrameWatch } from './frameWatch';

function watch() {
  const said: boolean[] = [];
  const frames = new FrameWatch((isStill) => said.push(isStill));
  const look = (times: number) => Array.from({ length: times }, () => frames.look());
  return { said, frames, look };
}

it('says once that no picture comes, and once that one came again', () => {
  const { said, frames, look } = watch();
  look(14);
  expect(said).toEqual([]);
  look(20);
  expect(said).toEqual([true]);
  frames.addFrame();
  frames.addFrame();
  expect(said).toEqual([true, false]);
});

it('says nothing of a slow camera', () => {
  const { said, frames, look } = watch();
  for (let i = 0; i < 20; i++) {
    look(14);
    frames.addFrame();
  }
  expect(said).toEqual([]);
});

it('says it of the next camera, too', () => {
  const { said, frames, look } = watch();
  look(15);
  frames.reset();
  look(15);
  expect(said).toEqual([true, true]);
});
