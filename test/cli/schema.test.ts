/** The config's schema is made from the catalogue; here it is held to it, and to what the program accepts. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { ConfigError, parseConfig } from "../../server/src/config/config.js";
import { schemaText } from "../../server/src/config/schema.js";

const file = new URL("../../server/schema/fearless-threads.config.schema.json", import.meta.url);

describe("cli: config schema", () => {
  it("is what the catalogue says; write it again with `npx tsx server/src/config/write-schema.ts`", () => {
    assert.deepEqual(JSON.parse(readFileSync(file, "utf8")), JSON.parse(schemaText()));
  });

  it("accepts and refuses what the program accepts and refuses", () => {
    const validate = new Ajv({ strict: false }).compile(JSON.parse(readFileSync(file, "utf8")));
    const accepted = [
      {},
      { $schema: "x", rules: {} },
      { rules: { "capture-without-move": "off", "bare-suppression": "hint" } },
      { ignore: ["generated/", "!keep.ts"] },
      { models: [{ package: "p", callables: { start: "spawn", "new Job": "share" }, types: { Job: "handle" } }] },
      { models: [{ file: "src/threads.ts" }] },
    ];
    const refused = [
      [],
      1,
      { rules: [] },
      { rules: { nothing: "off" } },
      { rules: { "capture-without-move": "on" } },
      { other: 1 },
      { ignore: "src" },
      { ignore: [1] },
      { models: {} },
      { models: [{}] },
      { models: [{ package: "p", file: "f" }] },
      { models: [{ package: "" }] },
      { models: [{ package: "p", callables: { start: "fork" } }] },
      { models: [{ package: "p", types: { Job: "job" } }] },
      { models: [{ package: "p", more: {} }] },
    ];
    for (const config of accepted) {
      assert.ok(validate(config), JSON.stringify(config));
      parseConfig("config.json", JSON.stringify(config));
    }
    for (const config of refused) {
      assert.ok(!validate(config), JSON.stringify(config));
      assert.throws(() => parseConfig("config.json", JSON.stringify(config)), ConfigError);
    }
  });
});
