/** Writes the config's schema; a test fails where the file and the catalogue disagree. */
import { writeFile } from "node:fs/promises";
import { schemaText } from "./schema.js";

await writeFile(new URL("../../schema/fearless-threads.config.schema.json", import.meta.url), schemaText());
