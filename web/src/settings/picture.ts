import { Problem, type Me } from '../lib/api/client';

const pictureSize = 512; // pixels; the server makes 256 of it, for screens of any density

/** The middle square of any picture the browser can read, as a file the server can. */
export async function cropSquare(file: Blob): Promise<Blob> {
  let picture: ImageBitmap;
  try {
    picture = await createImageBitmap(file);
  } catch (e) {
    throw new Problem({ code: 'unsupported_media', detail: 'This is no picture that can be read.', cause: e });
  }
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = pictureSize;
  const from = Math.min(picture.width, picture.height);
  canvas
    .getContext('2d')!
    .drawImage(picture, (picture.width - from) / 2, (picture.height - from) / 2, from, from, 0, 0, pictureSize, pictureSize);
  picture.close();
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (b) => (b ? resolve(b) : reject(new Problem({ code: 'internal', detail: 'The picture could not be drawn.' }))),
      'image/png',
    );
  });
}

/** Stores a picture, or takes it away with null. Throws Problem. */
export async function savePicture(picture: Blob | null): Promise<Me> {
  let response: Response;
  try {
    response = await fetch(
      '/api/v1/me/avatar',
      picture ? { method: 'PUT', body: picture, headers: { 'Content-Type': 'image/png' } } : { method: 'DELETE' },
    );
  } catch (e) {
    throw new Problem({ code: 'unreachable', detail: 'The server cannot be reached. Check the connection and try again.', cause: e });
  }
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw Problem.of(body, response);
  return body as Me;
}
