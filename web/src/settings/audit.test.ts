/// <reference types="node" />
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { AuditEntry } from '../lib/api/client';
import { filterableActs, describeAct, actorName } from './audit';

const entry = (action: string, detail: Record<string, string> = {}, actor: AuditEntry['actor'] = { id: 'U', name: 'Ana' }): AuditEntry => ({
  id: 'E',
  at: '',
  action,
  actor,
  target_id: null,
  detail,
  network: '',
});

test.each([
  [entry('session.created', { method: 'passkey' }), 'Ana signed in by passkey'],
  [entry('session.refused', { method: 'password', person: 'Bo' }, null), 'Somebody failed to sign in as Bo by password'],
  [entry('token.created', { name: 'ci', scope: 'read' }, null), 'The server made the API token “ci” (read)'],
  [entry('member.role_changed', { person: 'Bo', from: 'member', to: 'admin' }), 'Ana changed the role of Bo from member to admin'],
  [entry('link.revoked', {}, { id: 'U', name: '' }), 'Somebody who left took back a link to a clip'],
  [entry('link.created', { clip: 'C', access: 'password' }), 'Ana shared a clip by link, with a password'],
  [entry('workspace.changed', { embed_origins: 'https://a.example' }), 'Ana changed who may embed clips: https://a.example'],
  [entry('workspace.changed', { mask_profanity: 'true' }), 'Ana masked profane words in transcripts'],
  [entry('workspace.changed', { mask_profanity: 'false' }), 'Ana unmasked profane words in transcripts'],
  [entry('rocket.started', { to: 'Mars' }), 'Ana rocket.started Mars'],
])('%#', (e, text) => expect(`${actorName(e)} ${describeAct(e)}`).toBe(text));

test('every act the server writes has words, and every filter is an act', () => {
  const names = [...readFileSync('../tidings/audit.go', 'utf8').matchAll(/AuditAction = "([^"]+)"/g)].map((m) => m[1]!);
  expect(names.length).toBeGreaterThan(20);
  expect(names.filter((name) => describeAct(entry(name)).startsWith(name))).toEqual([]);
  expect(filterableActs.filter(([name]) => !names.includes(name))).toEqual([]);
});
