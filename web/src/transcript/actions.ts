import type { Clip } from '../lib/api/client';
import { toProblem } from '../lib/api/problem';
import { copyText } from '../share/copy';
import { formatQuote, withTime } from '../share/url';
import { confirm } from '../ui/confirm.svelte';
import { toast } from '../ui/toast.svelte';
import { importCaptions } from './captions';
import type { TranscriptEditor } from './editor.svelte';
import type { TranscriptStore } from './transcript.svelte';

/** Copies words of a clip as a quote with a link to their second (ms). */
export async function copyQuote(clip: Clip, speaker: string, text: string, ms: number): Promise<void> {
  const page = location.pathname.startsWith('/s/') ? location.href : clip.share_url;
  const done = await copyText(formatQuote(text, speaker, clip.title, withTime(page, ms)));
  toast(done ? 'Quote copied, with a link to its second.' : 'The browser does not let this page copy.', done ? 'good' : 'bad');
}

/** Makes a captions file the transcript of the clip, after a confirmation where there is one already. */
export async function importTranscript(clip: Clip, transcript: TranscriptStore, file: File, replaces: boolean): Promise<void> {
  const title = `Replace the transcript by ${file.name}?`;
  const text = 'The text that is there now, with all corrections, is lost.';
  if (replaces && !(await confirm({ title, text, action: 'Replace', danger: true }))) return;

  try {
    transcript.applyTranscript(await importCaptions(clip.id, file, clip.language));
    toast('The captions are the transcript now.', 'good');
  } catch (e) {
    toast(toProblem(e).detail, 'bad');
  }
}

/** Ctrl+Z and Ctrl+Y (or Ctrl+Shift+Z) undo and redo changes of the transcript, unless something else takes the key. */
export function handleUndoKey(e: KeyboardEvent, editor: TranscriptEditor | undefined): void {
  const key = e.key.toLowerCase();
  if (!editor || !(e.ctrlKey || e.metaKey) || e.altKey || !['z', 'y'].includes(key) || document.querySelector('dialog[open]')) return;
  const el = e.target as HTMLElement;
  if (el.isContentEditable || el.matches('textarea, input, select')) return;

  e.preventDefault();
  if (e.shiftKey || key === 'y') void editor.redo();
  else if (editor.undoDepth > 0) void editor.undo();
}
