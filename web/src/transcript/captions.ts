import { unwrap, api, Problem, type Transcript } from '../lib/api/client';

const types: Record<string, string> = { vtt: 'text/vtt', srt: 'application/x-subrip' };
const maxBytes = 4 << 20; // bytes, as the server reads

export const isCaptions = (file: { name: string }): boolean => fileExtension(file.name) in types;

const fileExtension = (name: string): string => name.split('.').at(-1)?.toLowerCase() ?? '';

/** Puts a captions file in place of the transcript. Throws Problem, with the line that is wrong. */
export async function importCaptions(clip: string, file: File, language: string | null): Promise<Transcript> {
  const kind = types[fileExtension(file.name)];
  if (!kind) throw new Problem({ code: 'unsupported_media', status: 415, detail: 'Choose a WebVTT (.vtt) or SubRip (.srt) file.' });
  if (file.size > maxBytes) throw new Problem({ code: 'too_large', status: 413, detail: 'A captions file may have at most 4 MiB.' });
  const text = await file.text();
  return unwrap(
    api.PUT('/clips/{id}/transcript', {
      params: { path: { id: clip }, query: language ? { language } : {} },
      body: text,
      bodySerializer: (b) => b as string,
      headers: { 'Content-Type': kind },
    }) as Promise<{ data?: Transcript; error?: unknown; response: Response }>,
  );
}
