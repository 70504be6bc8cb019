import { expect, it } from 'vitest';
import { common, nameOf, oneEmoji } from './emoji';

it.each(['👍', '👍🏽', '❤️', '👩‍👩‍👧‍👦', '🇦🇹', '1️⃣', ' 🎉 '])('%s is one emoji', (text) => expect(oneEmoji(text)).toBe(text.trim()));
it.each(['', 'a', '👍👍', 'ok 👍', '1', '🇦', ':+1:', '👍'.repeat(5000)])('%s is not', (text) => expect(oneEmoji(text)).toBeNull());
it('knows what the common ones are called', () => {
  expect(nameOf('👍')).toBe('thumbs up');
  expect(nameOf('🦑')).toBe('🦑');
  expect(common.every(([e]) => oneEmoji(e) === e)).toBe(true);
});
