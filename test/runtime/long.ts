/** Whether the tests are to look for longer than each change can wait: `FEARLESS_THREADS_LONG=1 npx mocha 'test/runtime/**'`. */
export const thorough = process.env.FEARLESS_THREADS_LONG !== undefined;
