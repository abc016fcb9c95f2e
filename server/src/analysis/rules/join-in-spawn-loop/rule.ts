/** `join-in-spawn-loop`: a loop waits for the thread that it has just started, so that one runs at a time. */
import type { Label } from "../../diagnostic.js";
import type { Facts } from "../../facts.js";
import { libraryOf } from "../../models/dialect.js";
import { sceneOf } from "../../threads/scene.js";
import { type Scene, threadStarts } from "../../threads/starts.js";
import type { Report, Rule } from "../rule.js";
import { startAllFirst } from "./fix.js";
import { type Start, type Turn, turnOf } from "./turns.js";
import { type Starter, startsByFunctions } from "./wrappers.js";

export const joinInSpawnLoop: Rule = {
  name: "join-in-spawn-loop",
  summary: "A loop that waits for each thread before it starts the next one: nothing runs in parallel",
  severity: "hint",
  rust: undefined,
  check,
};

function check(facts: Facts): readonly Report[] {
  const scene = sceneOf(facts);
  const direct = threadStarts(scene).flatMap((start) => {
    const turn = start.wrapper === undefined && !start.maps ? turnOf(scene, start, "handle") : undefined;
    return turn === undefined ? [] : [reportOf(scene, start, turn, undefined)];
  });
  const wrapped = startsByFunctions(scene).flatMap(({ start, starter }) => {
    const turn = turnOf(scene, start, starter.gives);
    return turn === undefined ? [] : [reportOf(scene, start, turn, starter)];
  });
  return [...direct, ...wrapped];
}

function reportOf(scene: Scene, start: Start, turn: Turn, starter: Starter | undefined): Report {
  const { module } = scene;
  const { file } = module;
  const hasPool = libraryOf(scene, starter?.spawn ?? start.call).dialect.exports?.includes("ThreadPool") !== false;
  return {
    message: "each thread is joined in the loop that starts it, so only one runs at a time",
    location: { file, ...turn.join.spans.name },
    label: "the next thread starts when this one has ended",
    related: [starter === undefined ? { file, ...start.call.spans.whole, message: started } : startedIn(starter)],
    notes: [
      "`join` waits for the thread; the loop goes on behind it, so that the work takes as long as without threads, and a start each on top",
    ],
    help: [
      starter?.gives === "end"
        ? `Call \`${starter.name}\` for all of them first, and wait for all that it gives with \`Promise.all\``
        : "Start all threads first and keep their handles, then join them",
      ...(hasPool ? ["For many, `new ThreadPool().map(items, f)` runs as many at a time as there are cores"] : []),
    ],
    fixes: starter?.gives === "end" ? [] : startAllFirst(module, start, turn),
    tags: [],
  };
}

const started = "a thread is started here in every turn";

function startedIn({ name, spawn, file, gives }: Starter): Label {
  const message =
    gives === "end" ? `\`${name}\` starts a thread here, and waits for it` : `\`${name}\` starts a thread here`;
  return { file, ...spawn.spans.whole, message };
}
