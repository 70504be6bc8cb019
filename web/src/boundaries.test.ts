/// <reference types="node" />
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = dirname(fileURLToPath(import.meta.url));
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((f) => /\.(ts|svelte|css)$/.test(f) && !f.endsWith('schema.d.ts'))
  .map((name) => ({ name, text: readFileSync(join(root, name), 'utf8') }));
const product = files.filter((f) => !/(\.test|(^|\/)testing)\.ts$/.test(f.name));

/** The folders that make up the page of a clip. They share its state, so they may import each other. */
const aroundClip = ['lib', 'ui', 'clip', 'player', 'transcript', 'comments', 'replies', 'share', 'recorder'];

/** Folders of src and what they may import beside themselves: pages import all, and nothing imports pages. */
const arrows: Record<string, string[]> = {
  lib: [],
  ui: ['lib'],
  recorder: ['lib', 'ui'],
  clip: aroundClip,
  player: aroundClip,
  transcript: aroundClip,
  comments: aroundClip,
  replies: aroundClip,
  share: aroundClip,
  inbox: ['lib', 'ui', 'comments'],
  settings: ['lib', 'ui'],
  library: ['lib', 'ui', 'recorder', 'player'],
  search: ['lib', 'ui', 'library'],
};

function imports(file: { name: string; text: string }): string[] {
  const forms = [
    /^\s*(?:import|export)\s[^'";]*?\bfrom\s+'([^']+)'/gm,
    /^\s*@?import\s+'([^']+)'/gm,
    /\bimport\('([^']+)'\)/g,
    /\bnew URL\('([^']+)', import\.meta\.url\)/g,
  ];
  return forms.flatMap((form) => [...file.text.matchAll(form)].map((m) => m[1]!));
}

function folderOf(file: string, to: string): string {
  return relative(root, resolve(root, dirname(file), to)).split('/')[0]!;
}

/** "./toast.svelte" may be a component or toast.svelte.ts, a module with state. */
function isComponent(file: string, to: string): boolean {
  return to.startsWith('.') && to.endsWith('.svelte') && existsSync(resolve(root, dirname(file), to));
}

describe('arrows', () => {
  test.each(Object.entries(arrows))('%s imports only what it may', (folder, allowed) => {
    const wrong = product
      .filter((f) => f.name.startsWith(folder + '/'))
      .flatMap((f) =>
        imports(f)
          .filter((i) => i.startsWith('.'))
          .map((i) => [f.name, folderOf(f.name, i)] as const),
      )
      .filter(([, to]) => to !== folder && !allowed.includes(to));
    expect(wrong).toEqual([]);
  });

  test('every folder has a rule', () => {
    const folders = new Set(product.filter((f) => f.name.includes('/')).map((f) => f.name.split('/')[0]!));
    expect([...folders].filter((f) => f !== 'pages' && !(f in arrows))).toEqual([]);
  });

  test('rules in plain modules know no components', () => {
    const logic = product.filter((f) => /^(recorder|player)\/[^/]+\.ts$/.test(f.name));
    expect(
      logic.flatMap((f) =>
        imports(f)
          .filter((i) => isComponent(f.name, i))
          .map((i) => [f.name, i]),
      ),
    ).toEqual([]);
  });
});

describe('size', () => {
  const longerThan = (limit: number, ending: RegExp) =>
    files.map((f) => [f.name, f.text.split('\n').length - 1] as const).filter(([name, lines]) => ending.test(name) && lines > limit);

  test('no component has more than 140 lines', () => expect(longerThan(140, /\.svelte$/)).toEqual([]));
  test('no module has more than 300 lines', () => expect(longerThan(300, /\.ts$/)).toEqual([]));
});

describe('outside', () => {
  const homes: Record<string, RegExp> = {
    'hls.js': /^player\//,
    mediabunny: /^recorder\//,
    'openapi-fetch': /^lib\/api\//,
    '@fontsource-variable/inter': /^app\.css$/,
    '@lucide/svelte': /./,
    svelte: /./,
  };

  test('each library has its home', () => {
    const wrong = product.flatMap((f) =>
      imports(f)
        .filter((i) => !i.startsWith('.') && !i.startsWith('/'))
        .map((i) => [f.name, i, i.startsWith('@') ? i.split('/').slice(0, 2).join('/') : i.split('/')[0]!] as const)
        .filter(([name, , lib]) => !homes[lib]?.test(name)),
    );
    expect(wrong).toEqual([]);
  });

  test('icons come one by one', () => {
    expect(product.filter((f) => /from '@lucide\/svelte'/.test(f.text)).map((f) => f.name)).toEqual([]);
  });

  test('no other host is ever asked', () => {
    const hosts = product.flatMap((f) =>
      [...f.text.matchAll(/\bhttps?:\/\/([a-z0-9.-]+\.[a-z]{2,})/gi)].map((m) => [f.name, m[1]!] as const),
    );
    const example = (host: string) => /(^|\.)example(\.com|\.org|\.net)?$/.test(host); // RFC 2606: shown as an example, nobody's
    const links = hosts.filter(([name, host]) => !(host === 'www.w3.org' || example(host) || isComment(name, host)));
    expect(links).toEqual([]);
  });

  test('nothing is drawn as HTML', () => {
    expect(product.filter((f) => /\{@html|\.innerHTML\s*=|insertAdjacentHTML|document\.write\(/.test(f.text)).map((f) => f.name)).toEqual(
      [],
    );
  });
});

/** A reference to a standard in a comment is no request. */
function isComment(name: string, host: string): boolean {
  const text = product.find((f) => f.name === name)!.text;
  return text
    .split('\n')
    .filter((line) => line.includes(host))
    .every((line) => /^\s*(\/\/|\*|\/\*|<!--)/.test(line));
}
