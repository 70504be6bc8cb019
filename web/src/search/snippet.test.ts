import { expect, test } from 'vitest';
import { splitMarked } from './snippet';

const plain = (text: string) => ({ text, marked: false });
const marked = (text: string) => ({ text, marked: true });

test.each([
  ['text and marks', 'the <mark>tide</mark> comes in', [plain('the '), marked('tide'), plain(' comes in')]],
  ['escaped text', 'a &lt;b&gt; &amp; &#34;c&#34; &#39;d&#39;', [plain(`a <b> & "c" 'd'`)]],
  ['an escape inside a mark', '<mark>R&amp;D</mark>', [marked('R&D')]],
  ['escaped twice stays escaped once', '&amp;lt;', [plain('&lt;')]],
  ['unknown and impossible entities', '&nope; &#0; &#xd800; &#x1F600;', [plain('&nope; &#0; &#xd800; 😀')]],
  ['a mark that is not closed', 'a <mark>b', [plain('a '), marked('b')]],
  ['nothing', '', []],
])('%s', (_, snippet, want) => expect(splitMarked(snippet)).toEqual(want));

test('any other tag is only characters', () => {
  expect(
    splitMarked('<img src=x onerror=alert(1)><mark onclick=x>y</mark>')
      .map((p) => p.text)
      .join(''),
  ).toBe('<img src=x onerror=alert(1)><mark onclick=x>y');
});
