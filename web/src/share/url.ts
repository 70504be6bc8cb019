/**
 * Links to a moment. `t` is seconds with at most one decimal, as in /c/{id}?t=93.5: what search hits,
 * copied links and quotes have in common.
 */
export function withTime(url: string, ms: number | null): string {
  const at = new URL(url, location.href);
  const t = ms === null ? 0 : Math.floor(ms / 100) / 10;
  if (t > 0) at.searchParams.set('t', String(t));
  else at.searchParams.delete('t');
  return at.href;
}

/** Seconds from ?t=: "93.5", "93.5s", "1m33s", "1:33", "1:01:33". Null for anything else. */
export function parseTime(text: string | null): number | null {
  if (!text) return null;
  const plain = /^(\d{1,6}(?:\.\d{1,3})?)s?$/.exec(text);
  if (plain) return Number(plain[1]);
  const units = /^(?:(\d{1,3})h)?(?:(\d{1,4})m)?(?:(\d{1,5})s)?$/.exec(text);
  if (units) return Number(units[1] ?? 0) * 3600 + Number(units[2] ?? 0) * 60 + Number(units[3] ?? 0);
  const clock = /^(?:(\d{1,3}):)?(\d{1,2}):(\d{2})$/.exec(text);
  if (clock) return Number(clock[1] ?? 0) * 3600 + Number(clock[2]) * 60 + Number(clock[3]);
  return null;
}

/** A media URL with the link's token, unless the server wrote it already. */
export function withShare(url: string, token: string | undefined): string {
  if (!token) return url;
  const at = new URL(url, location.href);
  if (at.searchParams.has('share')) return url;
  return `${url}${url.includes('?') ? '&' : '?'}share=${encodeURIComponent(token)}`;
}

/** The same file, to be saved instead of shown. */
export const asDownload = (url: string): string => `${url}${url.includes('?') ? '&' : '?'}download=1`;

/** What is copied as a quote: the words, who says them where, and a link to their second. */
export function formatQuote(text: string, name: string, title: string, url: string): string {
  return `“${text.trim()}” — ${name}, ${title}\n${url}`;
}

/** The page of the whole clip from an embed of it by link: /embed/TOKEN → /s/TOKEN. */
export const pageOfEmbed = (url: string): string => url.replace(/\/embed\//, '/s/');

/** And back: /s/TOKEN → /embed/TOKEN. */
export const embedOfPage = (url: string): string => url.replace(/\/s\//, '/embed/');

/** HTML that embeds the player in another page. */
export function embedCode(page: string, title: string, width: number, height: number): string {
  return `<iframe src="${escapeHtml(embedOfPage(page))}" width="${width}" height="${height}" title="${escapeHtml(title)}" allow="fullscreen; picture-in-picture" allowfullscreen frameborder="0"></iframe>`;
}

/** HTML for a mail: the moving preview, else the poster, as a link to the clip. */
export function mailCode(page: string, clip: { title: string; id: string; media: { preview: string | null } }): string {
  const token = new URL(page).pathname.split('/').pop() ?? '';
  const file = clip.media.preview ? 'preview.webp' : 'share.jpg';
  const picture = new URL(`/api/v1/clips/${clip.id}/media/${file}?share=${encodeURIComponent(token)}`, page).href;
  return `<a href="${escapeHtml(page)}"><img src="${escapeHtml(picture)}" alt="${escapeHtml(clip.title)}" width="320"><br>${escapeHtml(clip.title)}</a>`;
}

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
