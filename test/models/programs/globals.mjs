// What `multithreading` takes from Node 22, for Node 20: loaded before it, in its workers too.
globalThis.navigator ??= { hardwareConcurrency: 2 };
Promise.withResolvers ??= () => {
  let resolve, reject;
  const promise = new Promise((...both) => ([resolve, reject] = both));
  return { promise, resolve, reject };
};
