import { expect, it } from 'vitest';
import { cutOffNotice } from './cutOff';

const file = new Blob(['x']);

it('says where a file ends that has not all of the recording', () => {
  expect(cutOffNotice({ file, endMs: 4200, lengthMs: 20_900 })?.title).toBe('This file ends at 0:04 of 0:20');
});
it('says that the rest is lost where the server has nothing of it', () => {
  expect(cutOffNotice({ file, endMs: 4200, lengthMs: 20_900 }, false)?.text).toMatch(/what followed is lost/);
  expect(cutOffNotice({ file, endMs: 4200, lengthMs: 20_900 }, true)?.text).not.toMatch(/lost/);
});
it('says that nothing is here', () => {
  expect(cutOffNotice({ file: new Blob(), endMs: 0, lengthMs: 20_900 })?.title).toMatch(/^Nothing of it is left/);
});
it('says nothing of a file that has all of it', () => {
  expect(cutOffNotice({ file, endMs: 20_000, lengthMs: 20_900 })).toBeNull();
});
