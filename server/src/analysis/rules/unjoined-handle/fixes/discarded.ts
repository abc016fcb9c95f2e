/** Repairs for a handle that nobody keeps. */
import type { Fix } from "../../../diagnostic.js";
import { insert } from "../../../fix.js";
import type { Loop, Module, Step } from "../../../mir/mir.js";
import type { Dialect } from "../../../models/dialect.js";
import type { Site } from "../../../ownership/engine.js";
import { atEndOf, before, behind, freshName, isBraceless, mayAwait, separated } from "../../../places.js";
import type { Case } from "../findings.js";
import { innermostLoop, joinAll, joinOne, type Repairs, repairs } from "./repairs.js";

/** `thread.spawn(f);` as a statement of its own, or somewhere inside of one. */
export function discarded(module: Module, one: Case, dialect: Dialect): Repairs {
  const orNot = dialect.detach === "method" ? "call `detach()`" : "say `void handle.join()`";
  const help = `Keep the handle and \`await handle.join()\`, or ${orNot} where nobody needs to wait`;
  const { site, losses } = one;
  const { whole } = site.call.spans;
  const how: How = {
    unwrap: losses.some((loss) => loss.wrapped === "result") ? ".unwrap()" : "",
    optional: losses.some((loss) => loss.maybeNothing) ? "?" : "",
    awaited: losses.some((loss) => loss.wrapped === "promise") ? "await " : "",
    ordinal: one.ordinal,
    dialect,
  };
  const type = site.call.type;
  const isPromise = how.awaited !== "" || (type?.kind === "named" && type.symbol.name === "Promise");
  // `builder.spawn(f).unwrap()`: what is detached is the handle in the Result. Whatever else is done with it needs it.
  const opening = /^\s*\.(?:unwrap\(\)|expect\([^()]*\))/.exec(module.text.slice(whole.end))?.[0] ?? "";
  const end = whole.end + opening.length;
  const isUsed = /^\s*(?:[.[?&|]|!\.)/.test(module.text.slice(end));
  const detach: Fix = {
    title: "Detach the thread: nobody waits for it, on purpose",
    preferred: false,
    edits:
      dialect.detach === "method"
        ? [insert(module.file, end, `${how.unwrap}.detach()`)]
        : [insert(module.file, whole.start, "void "), insert(module.file, end, ".join()")],
  };
  return repairs([keep(module, one, how), isPromise || isUsed || how.optional !== "" ? undefined : detach], help);
}

/** Gives the handle a name and joins it, where the statement's value is the handle. */
function keep(module: Module, { site, losses }: Case, how: How): Fix | undefined {
  const { statement } = site.step;
  const dropped = losses.find((loss) => loss.step?.kind === "discard")?.step;
  const isWhole =
    dropped?.span.start === statement.start && /^;?$/.test(module.text.slice(dropped.span.end, statement.end));
  if (!isWhole || !mayAwait(module, site.body)) return undefined;
  const loop = innermostLoop(module, site.body, site.call.spans.whole);
  return loop === undefined ? keepAndJoin(module, site, dropped, how) : collectAndJoin(module, dropped, loop, how);
}

interface How {
  /** What opens a Result, or nothing. */
  readonly unwrap: string;
  /** `?` where there may be no handle. */
  readonly optional: string;
  /** What waits for a promise of the handle, or nothing. */
  readonly awaited: string;
  /** Which of the names that are made up in this body it takes. */
  readonly ordinal: number;
  readonly dialect: Dialect;
}

function keepAndJoin(module: Module, site: Site, dropped: Step, how: How): Fix {
  const { unwrap, optional, awaited, ordinal, dialect } = how;
  const { file, text } = module;
  const { statement, scope } = site.step;
  const name = freshName(module, "handle", ordinal);
  const join = joinOne(dialect, name, optional);
  const opened = unwrap === "" ? [] : [insert(file, dropped.span.end, unwrap)];
  const title = "Keep the handle and join it";
  if (isBraceless(text, statement.start)) {
    const edits = [
      insert(file, statement.start, `{ const ${name} = ${awaited}`),
      ...opened,
      insert(file, statement.end, ` ${separated(text, statement.end, join)} }`),
    ];
    return { title, preferred: true, edits };
  }
  const rest = text.slice(statement.end, module.scopes[scope]?.span.end ?? statement.end);
  // Where the scope can be left early, the join comes at once: at the end of the scope it could be missed.
  const jumps = /\b(?:return|throw|break|continue)\b/.test(rest);
  const joined = jumps ? behind(module, statement, join) : atEndOf(module, scope, join);
  return {
    title,
    preferred: true,
    edits: [insert(file, statement.start, `const ${name} = ${awaited}`), ...opened, ...joined],
  };
}

/** Spawned in a loop: the threads run side by side and are joined behind the loop. */
function collectAndJoin(module: Module, dropped: Step, loop: Loop, how: How): Fix {
  const { unwrap, optional, awaited, ordinal, dialect } = how;
  const name = freshName(module, "handles", ordinal);
  const { start, end } = dropped.span;
  return {
    title: "Collect the handles and join them all behind the loop",
    preferred: true,
    edits: [
      ...before(module, loop.span, `const ${name} = [];`),
      insert(module.file, start, `${name}.push(${awaited}`),
      insert(module.file, end, `${unwrap})`),
      ...behind(module, loop.span, joinAll(dialect, name, optional)),
    ],
  };
}
