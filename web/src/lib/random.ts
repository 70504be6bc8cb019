/** Random text of 32 characters that nobody can guess. crypto.randomUUID is there only on https and localhost. */
export function randomText(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
