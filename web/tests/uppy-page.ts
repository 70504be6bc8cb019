// The script of another product's page that uploads with Uppy: a clip for each file, then the file by
// tus. Built and opened by uppy.spec.ts.
import Uppy from '@uppy/core';
import Tus from '@uppy/tus';

const uppy = new Uppy().use(Tus, {
  endpoint: '/api/v1/uploads/',
  chunkSize: 64 * 1024,
  retryDelays: [100, 200, 400],
  removeFingerprintOnSuccess: true, // the same file again is a new clip
});

interface Made {
  id: string;
}

async function createClip(title: string): Promise<string> {
  const me = (await (await fetch('/api/v1/me')).json()) as { workspaces: Made[] };
  const made = await fetch('/api/v1/clips', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ workspace_id: me.workspaces[0]!.id, kind: 'file', title }),
  });
  if (!made.ok) throw new Error(await made.text());
  return ((await made.json()) as Made).id;
}

uppy.addPreProcessor(async (ids) => {
  for (const id of ids) {
    const file = uppy.getFile(id);
    if (!file.meta.clip_id) uppy.setFileMeta(id, { clip_id: await createClip(file.name) });
  }
});

document.querySelector('input')!.addEventListener('change', (e) => {
  for (const file of (e.target as HTMLInputElement).files ?? []) {
    // As Uppy's Dashboard adds a file that is in no folder.
    uppy.addFile({ source: 'Dashboard', name: file.name, type: file.type, data: file, meta: { relativePath: null } });
  }
});

Object.assign(window, { uppy });
