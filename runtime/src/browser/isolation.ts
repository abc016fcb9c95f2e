/** What to do where a page has no shared memory. */
export const isolation =
  "a browser shares memory between threads only in a page that is cross-origin isolated; serve the page with the headers " +
  '"Cross-Origin-Opener-Policy: same-origin" and "Cross-Origin-Embedder-Policy: require-corp"';
