import { formatClock } from '../../lib/time';
import type { EndNotice } from '../endNotice';
import type { Continues } from '../meta';

/** What the page of a clip offers whose recording ended by itself. */
export const continueAction = 'Go on in the same clip';
export const anotherAction = 'Record another clip';

/** What is said before a recording that goes on in a clip; null: it can no longer. */
export const continueNotice = (continues: Continues | null) =>
  continues
    ? `Record again, and it follows at ${formatClock(continues.startMs)} of the same clip.`
    : 'That recording can no longer be continued. Record another clip instead.';

/** What the page of a clip says that was to continue another one. `why` is the server's sentence, or '': its file does not fit. */
export const separateNotice = (why: string): EndNotice => ({
  title: 'This part became a clip of its own.',
  text: `${why || 'What was recorded now is of another kind: other devices, or another encoder.'} Both are saved: send both links, or record again.`,
  isUnexpected: false,
});
