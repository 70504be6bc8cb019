/** A clock for the page's canvas: a worker's timers run on when the tab is hidden, a page's do not. */
setInterval(() => self.postMessage(null), 1000 / 30);
