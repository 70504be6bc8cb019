import { beforeEach, expect, it } from 'vitest';
import { save } from '../lib/storage';
import { wantsScreen, type Mode } from './capture';
import { Inputs } from './inputs.svelte';

const computer = () => true;
const phone = (m: Mode) => !wantsScreen(m);

beforeEach(() => localStorage.clear());

it.each<[string, string | null, string | null, (m: Mode) => boolean, Mode]>([
  ['the first time', null, null, computer, 'camera'],
  ['as last time', null, 'voice', computer, 'voice'],
  ['what the link asks for before that', 'screen_camera', 'voice', computer, 'screen_camera'],
  ['as last time where the link asks for what this browser cannot', 'screen', 'voice', phone, 'voice'],
  ['what it can where last time was on another browser', null, 'screen', phone, 'camera'],
  ['as last time where the link asks for what nobody knows', 'hologram', 'voice', computer, 'voice'],
])('opens with the mode %s', (_, asked, last, able, want) => {
  if (last) save('recorder.mode', last);
  expect(new Inputs(able, asked).mode).toBe(want);
});
