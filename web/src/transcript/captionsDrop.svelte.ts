import { toast } from '../ui/toast.svelte';
import { isCaptions } from './captions';

/** Lets a captions file be dropped on an element, for those who may import one. */
export class CaptionsDrop {
  /** Whether a file is held over the element. */
  over = $state(false);

  readonly #allowed: () => boolean;
  readonly #onFile: (file: File) => void;

  constructor(allowed: () => boolean, onFile: (file: File) => void) {
    this.#allowed = allowed;
    this.#onFile = onFile;
  }

  handleDragOver = (e: DragEvent): void => {
    if (!this.#accepts(e)) return;
    e.preventDefault();
    this.over = true;
  };

  handleDragLeave = (): void => {
    this.over = false;
  };

  handleDrop = (e: DragEvent): void => {
    this.over = false;
    const file = e.dataTransfer?.files[0];
    if (!this.#accepts(e) || !file) return;
    e.preventDefault();
    if (isCaptions(file)) this.#onFile(file);
    else toast('Drop a WebVTT (.vtt) or SubRip (.srt) file here.', 'bad');
  };

  #accepts(e: DragEvent): boolean {
    return this.#allowed() && e.dataTransfer?.types.includes('Files') === true;
  }
}
