import { configure } from '@testing-library/svelte';
import { vi } from 'vitest';

// Tests wait for events. How long is only a bound against waiting for ever: on a busy machine a page takes seconds to
// draw, and the default of both libraries is one second.
const bound = 30_000; // ms
configure({ asyncUtilTimeout: bound });

const { waitFor } = vi;
vi.waitFor = (callback, options = bound) => waitFor(callback, options);
