import { unwrap, api, toProblem, type Invite, type Member, type NewInvite, type Problem } from '../lib/api/client';
import { fetchAllPages } from '../lib/paged.svelte';
import { canAdminister } from '../lib/workspace';

export type Role = Member['role'];
export const roles: { role: Role; name: string; text: string }[] = [
  { role: 'owner', name: 'Owner', text: 'Everything, other owners too' },
  { role: 'admin', name: 'Admin', text: 'People, channels and settings' },
  { role: 'member', name: 'Member', text: 'Record, comment, make channels' },
  { role: 'guest', name: 'Guest', text: 'Only the channels they are added to' },
];

export const roleName = (role: Role): string => roles.find((r) => r.role === role)?.name ?? role;

/** The roles that a person of role `by` may give to a member of role `is` (null: a new member). */
export function assignableRoles(by: Role, is: Role | null): Role[] {
  const all: Role[] = ['owner', 'admin', 'member', 'guest'];
  if (by === 'owner') return all;
  if (by === 'admin' && is !== 'owner') return all.slice(1);
  return [];
}

/** Whether a person of role `by` may make a link by which a member of role `is` sets a new password. */
export function mayResetPassword(by: Role, is: Role): boolean {
  return by === 'owner' || (by === 'admin' && (is === 'member' || is === 'guest'));
}

/** The people of a workspace and, for those who look after it, its open invitations. */
export class WorkspacePeople {
  members = $state<Member[] | null>(null);
  invites = $state<Invite[]>([]);
  canMail = $state(false);
  mailTrouble = $state<string | null>(null);
  error = $state<Problem | null>(null);
  readonly ws: string;
  readonly manages: boolean;

  constructor(ws: string, role: Role) {
    this.ws = ws;
    this.manages = canAdminister(role);
  }

  async load(): Promise<void> {
    this.error = null;
    try {
      const path = { ws: this.ws };
      const members = await fetchAllPages((cursor) =>
        unwrap(api.GET('/workspaces/{ws}/members', { params: { path, query: { limit: 100, cursor } } })),
      );
      if (this.manages) {
        const page = await unwrap(api.GET('/workspaces/{ws}/invites', { params: { path, query: { limit: 100 } } }));
        this.invites = page.items;
        this.canMail = page.can_mail;
        this.mailTrouble = page.mail_trouble;
      }
      this.members = members;
    } catch (e) {
      this.error = toProblem(e);
    }
  }

  /** Throws Problem. */
  async setRole(member: Member, role: Role): Promise<void> {
    const got = await unwrap(
      api.PATCH('/workspaces/{ws}/members/{user}', { params: { path: { ws: this.ws, user: member.id } }, body: { role } }),
    );
    this.members = this.members?.map((m) => (m.id === got.id ? got : m)) ?? null;
  }

  /** Throws Problem. */
  async remove(member: Member): Promise<void> {
    await unwrap(api.DELETE('/workspaces/{ws}/members/{user}', { params: { path: { ws: this.ws, user: member.id } } }));
    this.members = this.members?.filter((m) => m.id !== member.id) ?? null;
  }

  addInvite(made: NewInvite): void {
    const { token: _, url: __, ...invite } = made;
    this.invites = [invite, ...this.invites];
  }

  /** Throws Problem. */
  async revoke(invite: Invite): Promise<void> {
    await unwrap(api.DELETE('/workspaces/{ws}/invites/{id}', { params: { path: { ws: this.ws, id: invite.id } } }));
    this.invites = this.invites.filter((i) => i.id !== invite.id);
  }
}
