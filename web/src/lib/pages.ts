import type { Boot } from './boot';

export type PageName = Boot['page'];

interface Page {
  /** The file in src/pages, without its ending. */
  component: string;
  /** Its address, for pages that navigation leads to. */
  path?: string;
  /** What navigation calls it. */
  label?: string;
  /** What it shows belongs to a workspace: people without one see how to get into one instead. */
  needsWorkspace?: true;
}

/** Every page of the web app by the name that the server gives it. A new page is added here and in src/pages. */
export const pages = {
  home: { component: 'Home', path: '/', label: 'Home', needsWorkspace: true },
  library: { component: 'Library', path: '/library', label: 'Library', needsWorkspace: true },
  record: { component: 'Record', path: '/record', label: 'Record', needsWorkspace: true },
  search: { component: 'Search', path: '/search', label: 'Search', needsWorkspace: true },
  inbox: { component: 'Inbox', path: '/inbox', label: 'Inbox' },
  settings: { component: 'Settings', path: '/settings', label: 'General' },
  people: { component: 'People', path: '/settings/people', label: 'People' },
  workspace: { component: 'Workspace', path: '/settings/workspace', label: 'Workspace' },
  security: { component: 'Security', path: '/settings/security', label: 'Security' },
  audit: { component: 'Audit', path: '/settings/audit', label: 'Audit log' },
  clip: { component: 'Clip' },
  setup: { component: 'Setup' },
  login: { component: 'Login' },
  invite: { component: 'Invite' },
  forgot: { component: 'Forgot' },
  reset: { component: 'Reset' },
  not_found: { component: 'NotFound' },
} as const satisfies Record<PageName, Page>;

/** Whether people without a workspace are shown how to get into one instead of the page. */
export function needsWorkspace(page: PageName): boolean {
  const info: Page = pages[page];
  return info.needsWorkspace === true;
}
