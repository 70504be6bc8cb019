import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the browser's fake camera plays (written by camera.setup.ts). */
export const camera = join(tmpdir(), 'tidings-images-camera.mjpeg');

const page = (style: string, body: string) => `<!doctype html><meta charset="utf-8"><title>Lighthouse Audio</title>
<style>*{box-sizing:border-box;margin:0}body{width:1280px;height:720px;overflow:hidden;font:16px/1.5 'Inter','DejaVu Sans',system-ui,sans-serif}${style}</style>${body}`;

/** A person at a desk, drawn; `t` in seconds moves her a little. */
export function speaker(t: number): string {
  const nod = (4 * Math.sin(t * 2.1)).toFixed(2);
  const tilt = (1.2 * Math.sin(t * 1.3)).toFixed(2);
  const mouth = (34 + 18 * Math.abs(Math.sin(t * 7))).toFixed(2);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1280 720" width="1280" height="720">
  <defs><linearGradient id="wall" x2="0" y2="1"><stop stop-color="#efe0cf"/><stop offset="1" stop-color="#d9c2ad"/></linearGradient>
  <linearGradient id="dawn" x2="0" y2="1"><stop stop-color="#9fb7dd"/><stop offset=".6" stop-color="#f3c9a6"/><stop offset="1" stop-color="#f7e1bb"/></linearGradient></defs>
  <rect width="1280" height="720" fill="url(#wall)"/>
  <rect x="90" y="70" width="330" height="400" rx="10" fill="#fbf6ef"/><rect x="108" y="88" width="294" height="364" rx="4" fill="url(#dawn)"/>
  <circle cx="330" cy="345" r="42" fill="#fff1cf"/><path d="M108 392q80-46 150-14t144-22v96H108z" fill="#6f7fa6"/><path d="M108 420q110-30 294 6v26H108z" fill="#4d5a80"/>
  <rect x="250" y="88" width="10" height="364" fill="#fbf6ef"/><rect x="108" y="262" width="294" height="10" fill="#fbf6ef"/>
  <rect x="900" y="190" width="300" height="14" rx="4" fill="#a47c5b"/>
  ${[
    ['#5b4b8a', 96, 26],
    ['#c96f4a', 112, 30],
    ['#3f6f6a', 88, 22],
    ['#e0b04f', 104, 34],
    ['#8d3f4c', 118, 24],
    ['#40507f', 92, 30],
  ]
    .map(([c, h, w], i) => `<rect x="${924 + i * 38}" y="${190 - Number(h)}" width="${w}" height="${h}" rx="3" fill="${c}"/>`)
    .join('')}
  <path d="M1150 470q-46-80-8-150 34 60 18 150zM1166 470q-6-90 60-130 4 80-44 130z" fill="#5d7f5c"/><path d="M1118 466h92l-14 96h-64z" fill="#b3654a"/>
  <rect y="640" width="1280" height="80" fill="#8a6248"/>
  <g transform="translate(0 ${nod}) rotate(${tilt} 660 640)">
    <path d="M512 330q-14-186 148-186t150 186q4 120-30 168H544q-36-60-32-168z" fill="#3b2a2f"/>
    <path d="M400 720q10-166 170-196l90 30 92-30q160 30 170 196z" fill="#4b4a9c"/><path d="M596 486h128v52q-30 44-64 44t-64-44z" fill="#c98f6d"/>
    <path d="M590 524l70 62 72-62 26 12-98 96-96-96z" fill="#f4efe8"/>
    <ellipse cx="660" cy="366" rx="114" ry="140" fill="#e0aa86"/><path d="M546 356q-6-150 114-156 122 6 116 156-18-70-64-100-60 56-150 44-12 26-16 56z" fill="#3b2a2f"/>
    <g fill="#34262a"><ellipse cx="616" cy="372" rx="10" ry="12"/><ellipse cx="706" cy="372" rx="10" ry="12"/></g>
    <g fill="none" stroke="#34262a" stroke-width="7" stroke-linecap="round"><path d="M592 338q22-14 46-4M684 334q24-10 46 4"/></g>
    <path d="M660 380q-12 36-4 44h12" fill="none" stroke="#b97f5e" stroke-width="6" stroke-linecap="round"/><path d="M624 446q36 ${mouth} 72 0-36 12-72 0z" fill="#8f4243" stroke="#8f4243" stroke-width="5" stroke-linejoin="round"/>
    <g fill="#d98f75" opacity=".5"><circle cx="584" cy="424" r="20"/><circle cx="738" cy="424" r="20"/></g>
  </g>
  <g transform="translate(846 430)"><rect x="34" y="60" width="14" height="240" fill="#2c2b33"/><rect width="84" height="132" rx="42" fill="#3a3944"/><path d="M8 46h68M8 66h68M8 86h68" stroke="#5a5866" stroke-width="5"/></g></svg>`;
}

/** A text that is read aloud, with what its margin says. */
export interface Script {
  book: string;
  part: string;
  parts: string[];
  heading: string;
  clauses: string[];
  notes: [head: string, note: string][];
}

export const cities: Script = {
  book: 'A Tale of Two Cities',
  part: 'Book the First',
  parts: ['1 · The Period', '2 · The Mail', '3 · The Night Shadows', '4 · The Preparation', '5 · The Wine-shop', '6 · The Shoemaker'],
  heading: 'Chapter 1 — The Period',
  clauses: [
    'It was the best of times, it was the worst of times,',
    'it was the age of wisdom, it was the age of foolishness,',
    'it was the epoch of belief, it was the epoch of incredulity,',
    'it was the season of Light, it was the season of Darkness,',
    'it was the spring of hope, it was the winter of despair,',
    'we had everything before us, we had nothing before us,',
    'we were all going direct to Heaven, we were all going direct the other way —',
    'in short, the period was so far like the present period,',
    'that some of its noisiest authorities insisted on its being received,',
    'for good or for evil, in the superlative degree',
    'of comparison only.',
  ],
  notes: [
    ['Breath', 'One breath for the first six, then let the pairs fall.'],
    ['Tempo', 'Do not rush “Light” and “Darkness”: they are names.'],
    ['Ending', 'Dry. He is smiling at the authorities.'],
  ],
};

/** A script in an editor, one clause lit. */
export function script({ book, part, parts, heading, clauses, notes }: Script, at: number): string {
  const lines = clauses.map((c, i) => `<li class="${i === at ? 'now' : i < at ? 'read' : ''}">${c}</li>`).join('');
  return page(
    `body{display:grid;grid-template:48px 1fr/212px 1fr 268px;background:#f5f2ec;color:#2b2733}
header{grid-column:1/-1;display:flex;align-items:center;gap:10px;padding:0 18px;background:#312d49;color:#f2eef9;font-weight:600}header i{width:11px;height:11px;border-radius:50%;background:#8f88b8}header span{margin-left:auto;font-weight:400;font-size:14px;opacity:.8}
nav{padding:20px 16px;border-right:1px solid #e2dbcf;font-size:14px;color:#6b6473}nav b{display:block;color:#2b2733;margin-bottom:8px}nav p{padding:5px 10px;border-radius:8px}nav p.on{background:#e6e2f5;color:#3d3790;font-weight:600}
main{padding:30px 52px;background:#fffdf9;font-family:'DejaVu Serif',Georgia,serif}h1{font-size:29px;line-height:1.2}h2{font-size:15px;font-weight:400;color:#857c84;margin:6px 0 20px}ol{list-style:none;padding:0;font-size:19.5px;line-height:1.62}
li{padding:1px 10px;margin-left:-10px;border-radius:6px}.read{color:#98909a}.now{background:#ffe9b8}aside{padding:24px 18px;border-left:1px solid #e2dbcf;display:grid;gap:12px;align-content:start;font-size:14px}aside div{background:#fff;border:1px solid #e6dfd3;border-radius:10px;padding:11px 13px;color:#645c68}aside b{color:#b0522c;display:block}`,
    `<header><i></i><i></i><i></i>&nbsp; ${book} — reading script<span>Saved 08:41</span></header>
<nav><b>${part}</b>${parts.map((p) => `<p class="${p.endsWith(heading.replace(/^.* — /, '')) ? 'on' : ''}">${p}</p>`).join('')}</nav>
<main><h1>${heading}</h1><h2>Reader: Ana Lovelace · small booth · 24-bit, 48 kHz</h2><ol>${lines}</ol></main>
<aside>${notes.map(([h, n]) => `<div><b>${h}</b>${n}</div>`).join('')}</aside>`,
  );
}

/** An audio editor; `part` (0–1) is the position of the playhead. */
export function editor(part: number): string {
  const bars = (seed: number, color: string, quiet: number) =>
    Array.from({ length: 208 }, (_, i) => {
      const phrase = Math.max(
        0.05,
        Math.abs(Math.sin(i / 11 + seed) * Math.sin(i / 37 + seed * 2)) * (0.7 + 0.3 * Math.sin(i * 2.7 + seed)),
      );
      const h = Math.max(3, phrase * quiet * 128);
      return `<rect x="${i * 5}" y="${70 - h / 2}" width="3" height="${h}" rx="1.5" fill="${color}"/>`;
    }).join('');
  const track = (name: string, note: string, seed: number, color: string, quiet = 1) =>
    `<section><div><b>${name}</b><small>${note}</small></div><svg viewBox="0 0 1040 140" width="1040" height="140">${bars(seed, color, quiet)}</svg></section>`;
  return page(
    `body{background:#1d2027;color:#e9e6df;position:relative}header{height:56px;display:flex;align-items:center;gap:22px;padding:0 22px;background:#272b34;font-weight:600}header em{font:600 22px/1 'DejaVu Sans Mono',monospace;color:#ffcf87}header span{margin-left:auto;font-weight:400;font-size:14px;color:#a9adb8}
.ruler{height:34px;margin-left:200px;border-bottom:1px solid #3a3f4b;display:flex;justify-content:space-between;color:#8b909d;font-size:12px;padding:9px 40px 0 4px}section{display:grid;grid-template-columns:200px 1fr;height:176px;border-bottom:1px solid #303541;align-items:center}section div{padding:0 20px}small{display:block;color:#8b909d}
.cut{position:absolute;top:90px;bottom:36px;left:${200 + 1040 * 0.62}px;width:${1040 * 0.09}px;background:#e86a4a30;border:1px solid #e86a4a;border-width:0 1px}.cut b{position:absolute;top:8px;left:8px;font-size:12px;color:#ff9c80}.head{position:absolute;top:60px;bottom:36px;left:${200 + 1040 * part}px;width:2px;background:#ffcf87}
footer{position:absolute;bottom:0;height:36px;width:100%;background:#272b34;padding:8px 22px;font-size:13px;color:#a9adb8}`,
    `<header>Inaugural — assembly 3<em>00:${(part * 11).toFixed(2).padStart(5, '0')}</em><span>48 kHz · −16 LUFS · room tone laid</span></header>
<div class="ruler">${Array.from({ length: 12 }, (_, i) => `<span>0:${String(i).padStart(2, '0')}</span>`).join('')}</div>
${track('Voice', 'take 2', 0.4, '#8ea2ff')}${track('Room', 'small booth', 1.7, '#6dc6a4', 0.34)}${track('Score', 'strings, low', 2.6, '#d9a4e4', 0.62)}
<div class="cut"><b>cut</b></div><div class="head"></div><footer>Selection 0:06.8 – 0:07.8 · crossfade 20 ms</footer>`,
  );
}

/** A plan of a week as a board; the first `done` cards of the review are ticked. */
export function board(done: number): string {
  const columns: [string, string, [string, string][]][] = [
    [
      'To record',
      '#d98841',
      [
        ['Two Cities, ch. 2', 'Thu · small booth'],
        ['Sonnets XII – XX', 'Fri · big booth'],
        ['Trailer, 30 s', 'Fri'],
      ],
    ],
    [
      'To listen',
      '#5b5bd0',
      [
        ['Two Cities, ch. 1', 'Ana'],
        ['Sonnet I, both readings', 'everybody'],
      ],
    ],
    [
      'To master',
      '#3b8f74',
      [
        ['Inaugural, assembly 3', '−16 LUFS'],
        ['Sonnets I – XI', 'chapter marks'],
      ],
    ],
  ];
  const review = ['What was promised', 'What is late, and why', 'What we drop', 'Who needs a hand'];
  return page(
    `body{background:#eef1f4;color:#252b33;padding:30px 38px}h1{font-size:28px}p{color:#69727d}main{display:grid;grid-template-columns:repeat(3,1fr) 300px;gap:18px;margin-top:24px}section,aside{background:#e3e8ed;border-radius:14px;padding:14px;min-height:520px}
h2{font-size:15px;padding:2px 4px 12px;display:flex;align-items:center;gap:8px}h2 i{width:10px;height:10px;border-radius:50%}article{background:#fff;border-radius:10px;padding:13px 15px;margin-bottom:10px;box-shadow:0 1px 2px #0001;font-weight:600}article small{display:block;font-weight:400;color:#69727d}
aside{background:#fff8e8;border:1px solid #f0dfb6}aside li{list-style:none;padding:9px 0;display:flex;gap:10px}aside ul{padding:0}aside b{width:22px;height:22px;border-radius:6px;border:2px solid #cfae5f;display:grid;place-items:center;font-size:15px;line-height:1;color:#fff}.ok b{background:#3b8f74;border-color:#3b8f74}`,
    `<h1>Recording plan, week 48</h1><p>Lighthouse Audio · reviewed every Tuesday</p><main>
${columns.map(([name, color, cards]) => `<section><h2><i style="background:${color}"></i>${name}</h2>${cards.map(([t, n]) => `<article>${t}<small>${n}</small></article>`).join('')}</section>`).join('')}
<aside><h2>Review, ten minutes</h2><ul>${review.map((r, i) => `<li class="${i < done ? 'ok' : ''}"><b>${i < done ? '✓' : ''}</b>${r}</li>`).join('')}</ul></aside></main>`,
  );
}
