/** A part of the spool’s worker: sync access handles are there in workers alone. */
import { dataFile, metaFile, spoolFolder } from './messages';
import { decodeMeta, encodeMeta, type Meta } from './meta';

/** The folder of one recording. */
export class Files {
  private constructor(
    private all: FileSystemDirectoryHandle,
    private id: string,
    private handle: FileSystemFileHandle,
    readonly data: FileSystemSyncAccessHandle,
    private meta: FileSystemSyncAccessHandle,
  ) {}

  static async open(id: string, create: boolean): Promise<Files> {
    const all = await (await navigator.storage.getDirectory()).getDirectoryHandle(spoolFolder, { create: true });
    const folder = await all.getDirectoryHandle(id, { create });
    const handle = await folder.getFileHandle(dataFile, { create: true });
    const data = await handle.createSyncAccessHandle();
    const meta = await (await folder.getFileHandle(metaFile, { create: true })).createSyncAccessHandle();
    return new Files(all, id, handle, data, meta);
  }

  /** The data as it is now, without reading it. */
  snapshot = (): Promise<File> => this.handle.getFile();

  loadMeta(): Meta | null {
    const block = new Uint8Array(this.meta.getSize());
    this.meta.read(block, { at: 0 });
    return decodeMeta(block);
  }

  saveMeta(meta: Meta) {
    this.meta.write(encodeMeta(meta, this.meta.getSize()), { at: 0 });
    this.meta.flush();
  }

  close() {
    this.data.close();
    this.meta.close();
  }

  remove = () => this.all.removeEntry(this.id, { recursive: true });
}
