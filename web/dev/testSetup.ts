import { vi } from 'vitest';

/**
 * In milliseconds. Tests wait for events, and how long is only a bound against waiting for ever: on a busy machine a page
 * takes seconds to draw, and the default of both libraries is one second.
 */
export const waitingBound = 30_000;

const { waitFor } = vi;
vi.waitFor = (callback, options = waitingBound) => waitFor(callback, options);
