/// <reference types="node" />
import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { ClusterShift } from './clusterShift';
import { canContinueType, continueFile } from './continuation';
import { FragmentShift } from './fragmentShift';
import { audioTypes, pictureTypes, videoTypes } from './types';

const sine = ['-f', 'lavfi', '-i', 'sine=sample_rate=48000:duration=1', '-map_metadata', '-1'];
const encode = (...args: string[]) => new Uint8Array(execFileSync('ffmpeg', ['-v', 'error', ...sine, ...args], { maxBuffer: 16 << 20 }));

it.each([
  ['WebM of a live encoder', ['-c:a', 'libopus', '-live', '1', '-f', 'webm', '-'], ClusterShift],
  ['fragmented MP4', ['-c:a', 'aac', '-movflags', 'frag_keyframe+empty_moov', '-f', 'mp4', '-'], FragmentShift],
])('%s is continued', (_, args, kind) => {
  expect(continueFile(encode(...args).slice(0, 2000), 0)).toBeInstanceOf(kind);
});

it.each([
  ['WebM whose size is known', ['-c:a', 'libopus', '-f', 'webm', '-y', '/tmp/tidings-closed.webm']],
  ['MP4 that is not fragmented', ['-c:a', 'aac', '-f', 'mp4', '-movflags', 'faststart', '-y', '/tmp/tidings-closed.mp4']],
  ['Ogg', ['-c:a', 'libopus', '-f', 'ogg', '-']],
])('%s is not', (_, args) => {
  const bytes = encode(...args);
  const file = args.at(-1)!;
  expect(continueFile(file === '-' ? bytes : new Uint8Array(execFileSync('cat', [file])), 0)).toBeNull();
});

it.each([[new Uint8Array()], [new Uint8Array(100)], [new TextEncoder().encode('<!doctype html>')]])('nonsense is not', (bytes) => {
  expect(continueFile(bytes, 0)).toBeNull();
});

it('Ogg alone is never asked for', () => {
  expect([...videoTypes, ...pictureTypes, ...audioTypes].filter((t) => !canContinueType(t))).toEqual(['audio/ogg;codecs=opus']);
});
