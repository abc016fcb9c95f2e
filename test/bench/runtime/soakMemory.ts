/** What a process holds, in bytes, once all that can go has gone. */
export async function memory() {
  for (let i = 0; i < 4; i++) {
    await new Promise((done) => setTimeout(done, 50));
    globalThis.gc?.();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heapUsed, external, rss };
}

export type Memory = Awaited<ReturnType<typeof memory>>;
