/** The state machine of an audio graph: every transition is one pure function. */

export type GraphState =
  | 'unused' // nobody waits for it: browsers start none before a click
  | 'starting' // wanted, and its clock has not moved yet
  | 'running'
  | 'stalled' // its clock stands still: what it mixes is lost
  | 'closed';

export type GraphAction =
  | 'want' // a recording begins
  | 'advance' // its clock has moved
  | 'stand' // its clock has not moved for too long
  | 'close';

/** The next state. An action that does not fit changes nothing. */
export function nextGraph(s: GraphState, a: GraphAction): GraphState {
  if (s === 'closed') return s;
  switch (a) {
    case 'want':
      return s === 'unused' ? 'starting' : s;
    case 'advance':
      return 'running';
    case 'stand':
      return s === 'starting' || s === 'running' ? 'stalled' : s;
    case 'close':
      return 'closed';
  }
}
