/** What the analyser says of the host's classes, compared with what structured clone and `postMessage` make of them. */
import assert from "node:assert/strict";
import { type HostType, hostTypeOf, knownHostTypes } from "../../server/src/analysis/threads/host-types.js";
import { nodes, runProgram } from "./run.js";

type Outcome = "arrives" | "fields" | "emptied" | "refused";

interface Fact {
  readonly cloned: Outcome;
  readonly posted: Outcome;
  readonly transferred: Outcome;
}

/** Of classes that only newer versions of Node copy, and of memory that many buffers share. */
const excepted: Readonly<Record<string, string>> = {
  DOMException: "arrives empty before Node 22",
  Buffer: "its memory is that of a pool, which newer versions of Node do not transfer",
  Server: "arrives as fields before it listens, and can be transferred since Node 24",
  "WebAssembly.Memory": "is refused where it is not shared",
};

function fits(type: HostType, { cloned, posted, transferred }: Fact): boolean {
  const both = [cloned, posted];
  switch (type) {
    case "copied":
      return both.every((one) => one === "arrives" || one === "fields");
    case "transferable":
      return both.every((one) => one === "arrives") && transferred === "arrives";
    case "movable":
    case "given":
    case "listed":
      return both.every((one) => one === "refused") && transferred === "arrives";
    case "bridged":
    case "function":
    case "symbol":
    case "promise":
    case "weak":
    case "host":
      return [...both, transferred].every((one) => one === "refused" || one === "emptied");
  }
}

for (const node of nodes) {
  describe(`what can be sent, in ${node}`, function () {
    this.timeout(60_000);
    let facts: Readonly<Record<string, Fact>>;
    before(async () => {
      const { stdout, stderr } = await runProgram("sendable.mjs", [], node);
      assert.ok(stdout.startsWith("{"), stderr);
      facts = JSON.parse(stdout) as Readonly<Record<string, Fact>>;
    });

    it("is what the analyser takes it to be, class by class", () => {
      const tried = Object.entries(facts).filter(([name]) => hostTypeOf(name) !== undefined);
      const wrong = tried.filter(([name, fact]) => {
        const type = hostTypeOf(name);
        return type !== undefined && excepted[name] === undefined && !fits(type, fact);
      });
      assert.deepEqual(wrong, []);
      assert.ok(tried.length >= 105, `${tried.length} of ${knownHostTypes().length} classes were tried`);
    });

    it("is refused for a proxy, and a getter is called", () => {
      assert.equal(facts["a proxy"]?.posted, "refused");
      assert.equal(facts["a getter"]?.posted, "arrives");
    });

    it("is an error still for an error of one's own, and fields for an emitter", () => {
      assert.equal(facts["an error of one's own"]?.posted, "arrives");
      assert.equal(facts["an emitter"]?.posted, "fields");
    });
  });
}
