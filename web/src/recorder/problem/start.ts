/** What is said before anything is recorded. */
import type { Problem } from '../phase';

export const nothingShared = 'Nothing was shared, so nothing was recorded. Start again to choose something else.';

export const sharingStoppedBefore = 'Sharing was stopped, so nothing was recorded. Start again when you are ready.';

export const noScreens = 'This browser cannot share its screen; a computer can.';

/** No new recording may begin; `why` is the server's sentence. */
export const noSpace = (why: string): Problem => ({ code: 'storage_full', title: 'No new recordings for now', text: why });

export const screenKept = 'The screen you chose is kept.';

/** In the place of the picture. */
export const stageWords = {
  asks: 'Your browser asks for permission.',
  asksForMicrophone: 'Your browser asks for the microphone when you start.',
  asksForScreen: 'Your browser asks which screen, window or tab to show when you start.',
  screenKept: 'The screen you chose is recorded when you start.',
  noPicture: 'There is no picture yet.',
  seeYourself: 'See yourself before you start.',
  monitor: (recording: boolean) =>
    `Your whole screen is ${recording ? 'being recorded' : 'shared'}. It is not shown here, or you would see a picture in a picture.`,
};

export const nothingRecordedYet = 'Nothing is recorded until the countdown ends.';

export const withoutMicrophone = 'Without a microphone there is no transcript, and nobody can search what you say.';

export const saySomething = 'Say something';

export const unheardBefore = 'We can’t hear you. Is the microphone muted, or is it another one?';

export const keepsMicrophone = 'This recording keeps its microphone: stop to choose another one.';
