/** What a promise gives, or something else when it takes longer than so many ms; `onlate` gets what it gives after that. */
export async function withinPatience<T>(promise: Promise<T>, ms: number, otherwise: T, onlate?: (given: T) => void): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(() => {
      resolve(otherwise);
      if (onlate) promise.then(onlate, () => {});
    }, ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
