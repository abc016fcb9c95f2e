/** The code of a worker. The build puts it here; a worker itself has the URL of it instead. */
export const workerSource: string = "";
