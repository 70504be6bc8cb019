/** What can be done about a refusal: nothing is offered that must be refused again. */
export interface RefusalActions {
  retry: boolean;
  renew: boolean; // send all of it as a new clip
  restore: boolean; // take the clip out of the trash, and go on
}

/** Refusals that may be over when the same is asked again: somebody makes room, gives a right back, closes a tab. */
const mayPass = new Set(['quota', 'proxy_limit', 'not_found', 'no_access', 'forbidden', 'busy', 'failed']);

/** Refusals of this one clip: a new one may be taken. */
const ofThisClip = new Set(['gone', 'not_found', 'trashed', 'failed']);

const known = new Set([...mayPass, ...ofThisClip, 'too_large', 'unsupported_media', 'lost', 'unreadable']);

/** `whole`: every byte is on this computer. */
export function refusalActions(code: string, whole: boolean): RefusalActions {
  return {
    retry: mayPass.has(code) || !known.has(code),
    renew: whole && (ofThisClip.has(code) || !known.has(code)),
    restore: code === 'trashed',
  };
}
