// biome-ignore lint/style/noDefaultExport: what a pool runs of a file
export default (value) => {
  if (value === "throw") throw new Error("the task failed");
  return value?.byteLength ?? typeof value;
};
