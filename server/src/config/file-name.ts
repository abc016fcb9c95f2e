/** The file in which a project says how it is checked. */
export const configFileName = "fearless-threads.config.json";
