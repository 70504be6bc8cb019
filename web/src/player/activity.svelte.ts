const shownFor = 2600; // ms

/** Whether the pointer, a finger or the focus was active a moment ago: the controls are shown then. */
export class Activity {
  awake = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;

  wake = (): void => {
    this.awake = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.sleep, shownFor);
  };

  sleep = (): void => {
    this.awake = false;
  };
}
