/**
 * The walkthrough of the extension: its steps in the manifest, and a page of Markdown for each, both made from the
 * concepts, lessons and pitfalls, so that a fact is written once.
 */
import { readFile } from "node:fs/promises";
import type { Concept, Misbelief } from "../server/src/concepts/concept.js";

const root = new URL("../", import.meta.url);

interface Step {
  readonly id: string;
  readonly title: string;
  /** The concept whose words say what the step is about. */
  readonly concept: string;
  /** The file in `examples/lessons`, without `.ts`. */
  readonly lesson: string;
  /** The file in `examples/pitfalls`, without `.ts`: what goes wrong here. */
  readonly pitfall?: string;
}

const steps: readonly Step[] = [
  { id: "spawn", title: "Start a thread", concept: "spawn", lesson: "01-spawn-and-join" },
  {
    id: "join",
    title: "Wait for it",
    concept: "join",
    lesson: "02-handles-and-joining",
    pitfall: "1-not-joined",
  },
  {
    id: "move",
    title: "Give it data",
    concept: "move",
    lesson: "03-move-data",
    pitfall: "2-capture-without-move",
  },
  { id: "many", title: "Start many of them", concept: "how-many-threads", lesson: "04-many-threads" },
  { id: "panic", title: "Live with a thread that fails", concept: "panic", lesson: "05-panics" },
  { id: "builder", title: "Choose a name and a stack", concept: "builder", lesson: "06-stack-size" },
  {
    id: "mutex",
    title: "Share what changes, and take turns",
    concept: "mutex",
    lesson: "07-shared-counter",
    pitfall: "3-shared-counter",
  },
  { id: "channel", title: "Let threads talk", concept: "channel", lesson: "08-channels" },
  { id: "scope", title: "Forget no thread", concept: "scope", lesson: "09-scope" },
];

/** Whose first misbeliefs the last step is about. */
const myths = ["panic", "data-race", "how-many-threads", "arc"];

interface ManifestStep {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly media: { readonly markdown: string };
  readonly completionEvents: readonly string[];
}

export interface Walkthrough {
  /** What stands under `contributes.walkthroughs`. */
  readonly contribution: readonly object[];
  /** The pages, by path from the root. */
  readonly pages: ReadonlyMap<string, string>;
}

export async function walkthrough(concepts: readonly Concept[]): Promise<Walkthrough> {
  const conceptOf = (id: string): Concept => {
    const found = concepts.find((concept) => concept.id === id);
    if (found === undefined) throw new Error(`the walkthrough names a concept ${id} that is not there`);
    return found;
  };
  const pages = new Map<string, string>();
  const media = (id: string, text: string): ManifestStep["media"] => {
    const path = `client/walkthrough/${id}.md`;
    pages.set(path, `<!-- Generated from server/src/concepts by \`npm run docs\`. -->\n\n${text.trim()}\n`);
    return { markdown: `./${path}` };
  };
  const lessons: ManifestStep = {
    id: "lessons",
    title: "Get the lessons",
    description: [
      "A folder of your own with nine short programs, three mistakes to find and the library. It needs no network, and nothing of yours is overwritten.",
      button("Open the Lessons", "openLessons"),
    ].join("\n"),
    media: media("lessons", lessonsPage(conceptOf("thread"))),
    completionEvents: [did("lessons")],
  };
  const taught = steps.map(async (step): Promise<ManifestStep> => {
    const concept = conceptOf(step.concept);
    return {
      id: step.id,
      title: step.title,
      description: await description(step, concept),
      media: media(step.id, stepPage(concept)),
      completionEvents: [did(step.lesson)],
    };
  });
  const last: ManifestStep = {
    id: "myths",
    title: "Four things that are not so",
    description: [
      "What many believe about threads, and what is true. Every finding has a page like these, and so has every name of the library: rest the pointer on it.",
      button("Explain a Concept", "explainConcept"),
      button("Explain a Rule", "explainRule"),
    ].join("\n"),
    media: media("myths", mythsPage(myths.map(conceptOf))),
    completionEvents: ["onCommand:fearlessThreads.explainConcept", "onCommand:fearlessThreads.explainRule"],
  };
  return {
    contribution: [
      {
        id: "start",
        title: "Get started with Fearless Threads",
        description: "Threads in TypeScript: short programs to run, break and repair.",
        steps: [lessons, ...(await Promise.all(taught)), last],
      },
    ],
    pages,
  };
}

/** The manifest with the walkthrough in it. */
export function manifestWithWalkthrough(text: string, { contribution }: Walkthrough): string {
  const manifest = JSON.parse(text) as { contributes: { walkthroughs?: readonly object[] } };
  manifest.contributes.walkthroughs = contribution;
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}

async function description(step: Step, concept: Concept): Promise<string> {
  const lines = [
    asDescription(firstParagraph(concept.whatItIs)),
    button("Open the Lesson", "openLesson", step.lesson),
    button("Run It on Real Workers", "runLesson", step.lesson),
  ];
  if (step.pitfall !== undefined) {
    const show = link("Show the mistake", "showPitfall", step.pitfall);
    const repair = link("repair it", "repairPitfall", step.pitfall);
    const run = link("run it", "runLesson", step.pitfall);
    lines.push(
      `**What goes wrong:** ${await pitfallTitle(step.pitfall)} ${show}, ${run}, ${repair}, and run it again.`,
    );
  }
  lines.push(`When it has run, ${link("its timeline", "showTimeline")} shows which thread ran when.`);
  return lines.join("\n");
}

/** What the first line of a pitfall says, as a sentence. */
async function pitfallTitle(name: string): Promise<string> {
  const text = await readFile(new URL(`examples/pitfalls/${name}.ts`, root), "utf8");
  const title = /^\/\/ Pitfall \d+: (.*)$/m.exec(text)?.[1];
  if (title === undefined) throw new Error(`examples/pitfalls/${name}.ts does not say at its top what is wrong`);
  return asDescription(title[0]?.toUpperCase() + title.slice(1));
}

function lessonsPage(thread: Concept): string {
  return [`# ${thread.title}`, plainLinks(thread.whatItIs), plainLinks(thread.picture)].join("\n\n");
}

function stepPage(concept: Concept): string {
  const [misbelief] = concept.misbeliefs;
  return [
    `# ${concept.title}`,
    plainLinks(concept.picture),
    ...(misbelief === undefined ? [] : ["## Often believed", mythText(misbelief)]),
    `[More: ${concept.title}](${commandLink("explainConcept", concept.id)})`,
  ].join("\n\n");
}

function mythsPage(concepts: readonly Concept[]): string {
  const parts = concepts.map(({ id, title, misbeliefs: [misbelief] }) => {
    if (misbelief === undefined) throw new Error(`concepts/${id}.md has no misbelief`);
    return `${mythText(misbelief)}\n\n[More: ${title}](${commandLink("explainConcept", id)})`;
  });
  return parts.join("\n\n---\n\n");
}

function mythText({ belief, truth }: Misbelief): string {
  return `> ${belief}\n\n${plainLinks(truth)}`;
}

function firstParagraph(text: string): string {
  return text.split("\n\n")[0] ?? "";
}

/** Links between pages lead nowhere from a walkthrough. */
function plainLinks(text: string): string {
  return text.replace(/\[([^\]]*)\]\((?!command:)[^)]*\)/g, "$1");
}

/** The description of a step knows `**bold**`, `__italic__` and ``` ``code`` ```, and each line is a paragraph. */
function asDescription(text: string): string {
  return plainLinks(text)
    .replaceAll("\n", " ")
    .replace(/(?<!\*)\*(?!\*)([^*]+)\*(?!\*)/g, "__$1__")
    .replace(/`([^`]+)`/g, "``$1``");
}

/** A link that stands alone on its line becomes a button. */
function button(title: string, command: string, argument?: string): string {
  return link(title, command, argument);
}

function link(title: string, command: string, argument?: string): string {
  return `[${title}](${commandLink(command, argument)})`;
}

function commandLink(command: string, argument?: string): string {
  const given = argument === undefined ? "" : `?${encodeURIComponent(JSON.stringify([argument]))}`;
  return `command:fearlessThreads.${command}${given}`;
}

/** As `client/src/lessons/progress.ts` sets it. */
function did(what: string): string {
  return `onContext:fearlessThreads.did.${what}`;
}
