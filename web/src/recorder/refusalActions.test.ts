import { expect, it } from 'vitest';
import { keptNotice } from './problem/sending';
import { refusalActions } from './refusalActions';

const cases: [code: string, whole: boolean, offered: string][] = [
  ['quota', true, 'retry'], // a new clip would need the same room
  ['too_large', true, ''],
  ['unsupported_media', true, ''],
  ['lost', true, ''],
  ['proxy_limit', true, 'retry'],
  ['forbidden', true, 'retry'],
  ['no_access', true, 'retry'],
  ['busy', true, 'retry'],
  ['gone', true, 'renew'],
  ['gone', false, ''],
  ['trashed', true, 'renew restore'],
  ['trashed', false, 'restore'],
  ['not_found', true, 'retry renew'],
  ['strange', true, 'retry renew'],
];
it.each(cases)('%s, all of it here: %s → %s', (code, whole, offered) => {
  const actions = refusalActions(code, whole);
  expect((['retry', 'renew', 'restore'] as const).filter((a) => actions[a]).join(' ')).toBe(offered);
});

it('says where the recording is', () => {
  expect(keptNotice(true, true)).toMatch(/kept on this computer, and you can go on/);
  expect(keptNotice(false, false)).toMatch(/only in this tab: leave it open and save/);
});
