import type { AuditEntry } from '../lib/api/client';

type Detail = Record<string, string>;

const methodNames: Record<string, string> = {
  password: 'by password',
  passkey: 'by passkey',
  oidc: 'by the OpenID provider',
  setup: 'by setting the server up',
  invite: 'by an invitation',
};
const methodName = (d: Detail) => methodNames[d.method ?? ''] ?? '';
const accessNames: Record<string, string> = { anyone: ', open to anyone', password: ', with a password', workspace: ', for the workspace' };
const accessName = (d: Detail) => accessNames[d.access ?? ''] ?? '';
const resetOrigins: Record<string, string> = {
  mail: ' from a mail',
  manager: ' from an owner or admin',
  operator: ' from the server’s operator',
};
const quoted = (text?: string) => (text ? ` “${text}”` : '');

/** The description of each act, to follow the name of the actor. */
const descriptions: Record<string, (d: Detail) => string> = {
  'session.created': (d) => `signed in ${methodName(d)}`,
  'session.refused': (d) => `failed to sign in${d.person ? ` as ${d.person}` : ''} ${methodName(d)}`,
  'session.ended': () => 'signed out',
  'session.revoked': (d) => (d.others ? 'signed out everywhere else' : 'ended a session elsewhere'),
  'password.changed': () => 'changed their password',
  'password.reset_requested': (d) => `asked for a new password${d.person ? ` for ${d.person}` : ''} by mail`,
  'password.reset_link': (d) => `made a link for a new password for ${d.person ?? 'a member'}`,
  'password.reset': (d) => `set a new password by a link${resetOrigins[d.by ?? ''] ?? ''}`,
  'passkey.added': (d) => `added the passkey${quoted(d.name)}`,
  'passkey.renamed': (d) => `renamed a passkey to${quoted(d.name)}`,
  'passkey.removed': (d) => `removed the passkey${quoted(d.name)}`,
  'passkey.suspect': (d) => `used the passkey${quoted(d.name)}, which may have been copied`,
  'identity.linked': (d) => `connected the account ${d.email || d.issuer || ''}`,
  'identity.unlinked': (d) => `disconnected the account ${d.email || d.issuer || ''}`,
  'token.created': (d) => `made the API token${quoted(d.name)}${d.scope ? ` (${d.scope})` : ''}`,
  'token.revoked': (d) => (d.others ? `revoked all API tokens${d.name ? `: ${d.name}` : ''}` : `revoked the API token${quoted(d.name)}`),
  'member.joined': (d) => `joined${d.role ? ` as ${d.role}` : ''}`,
  'member.role_changed': (d) =>
    `changed the role of ${d.person ?? 'a member'}${d.from ? ` from ${d.from}` : ''}${d.to ? ` to ${d.to}` : ''}`,
  'member.removed': (d) => `removed ${d.person ?? 'a member'}`,
  'invite.created': (d) => `invited ${d.email || 'somebody'}${d.role ? ` as ${d.role}` : ''}`,
  'invite.revoked': () => 'took an invitation back',
  'link.created': (d) => `shared a clip by link${accessName(d)}`,
  'link.changed': (d) => `changed a link to a clip${accessName(d)}`,
  'link.revoked': () => 'took back a link to a clip',
  'workspace.created': () => 'created the workspace',
  'workspace.changed': (d) => {
    if (d.embed_origins !== undefined) return `changed who may embed clips${d.embed_origins ? `: ${d.embed_origins}` : ''}`;
    if (d.mask_profanity !== undefined) return `${d.mask_profanity === 'true' ? 'masked' : 'unmasked'} profane words in transcripts`;
    return `changed the workspace${d.name ? `: it is called “${d.name}”` : ''}`;
  },
  'channel.created': (d) => `created the channel${quoted(d.name)}`,
  'channel.changed': (d) => `changed the channel${quoted(d.name)}`,
  'channel.deleted': (d) => `deleted the channel${quoted(d.name)}`,
};

/** The acts that can be filtered by, with their labels. */
export const filterableActs: [action: string, label: string][] = [
  ['session.created', 'Signing in'],
  ['session.refused', 'Failing to sign in'],
  ['session.ended', 'Signing out'],
  ['session.revoked', 'Ending sessions'],
  ['password.changed', 'Changing a password'],
  ['password.reset_requested', 'Asking for a new password'],
  ['password.reset_link', 'Making a password link'],
  ['password.reset', 'Setting a new password by a link'],
  ['passkey.added', 'Adding a passkey'],
  ['passkey.removed', 'Removing a passkey'],
  ['passkey.suspect', 'Copied passkeys'],
  ['identity.linked', 'Connecting an account'],
  ['identity.unlinked', 'Disconnecting an account'],
  ['token.created', 'Making an API token'],
  ['token.revoked', 'Revoking an API token'],
  ['member.joined', 'Joining'],
  ['member.role_changed', 'Changing a role'],
  ['member.removed', 'Removing a member'],
  ['invite.created', 'Inviting'],
  ['invite.revoked', 'Taking an invitation back'],
  ['link.created', 'Sharing by link'],
  ['link.changed', 'Changing a link'],
  ['link.revoked', 'Taking a link back'],
  ['workspace.changed', 'Changing the workspace'],
  ['channel.created', 'Creating a channel'],
  ['channel.changed', 'Changing a channel'],
  ['channel.deleted', 'Deleting a channel'],
];

/** The name of the actor. The server's command line and unknown visitors have none. */
export function actorName(e: AuditEntry): string {
  if (e.actor) return e.actor.name || 'Somebody who left';
  return e.action === 'session.refused' || e.action === 'password.reset_requested' ? 'Somebody' : 'The server';
}

/** The description of an act; an unknown one is shown by its name. */
export function describeAct(e: AuditEntry): string {
  const text = descriptions[e.action]?.(e.detail as Detail) ?? [e.action, ...Object.values(e.detail as Detail)].join(' ');
  return text.replace(/\s+/g, ' ').trim();
}
