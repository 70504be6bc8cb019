/** What a step waits for, as a sentence, when that is more than its turn; null otherwise. */
export const waitsFor = (step: { state: string; failure: string | null }) => (step.state === 'waiting' ? step.failure : null);
