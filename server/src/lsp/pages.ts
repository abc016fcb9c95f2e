/** Where links to pages lead, and what the pages say. */
import { type Concepts, readConcepts } from "../concepts/load.js";
import { pageMarkdown } from "../concepts/render.js";
import { rulePage } from "../config/rules.js";
import { conceptPageUrl, rulePageUrl } from "../pages.js";
import type { PageParams, PageResult } from "./protocol.js";

export interface Pages {
  ruleUrl(rule: string): string;
  /** `href` is a link as concept pages write it: `move.md`. */
  conceptUrl(href: string): string;
  read(params: PageParams): Promise<PageResult | null>;
  concepts(): Promise<Concepts>;
}

export function createPages(base: string | undefined): Pages {
  let concepts: Promise<Concepts> | undefined;
  const pages: Pages = {
    ruleUrl: (rule) => (base === undefined ? rulePageUrl(rule).href : `${base}rules/${rule}.md`),
    conceptUrl: (href) => {
      if (base === undefined) return conceptPageUrl(href).href;
      const rule = /analysis\/rules\/([\w-]+)\/page\.md$/.exec(href)?.[1];
      return rule === undefined ? `${base}concepts/${href.replace(/^\.\//, "")}` : `${base}rules/${rule}.md`;
    },
    concepts: () => {
      concepts ??= readConcepts();
      return concepts;
    },
    async read({ kind, name }) {
      if (kind === "rule") {
        const markdown = rulePage(name);
        return markdown === undefined ? null : { title: name, markdown };
      }
      const concept = (await pages.concepts()).all.find(({ id }) => id === name);
      return concept === undefined
        ? null
        : { title: concept.title, markdown: pageMarkdown(concept, (href) => pages.conceptUrl(href)) };
    },
  };
  return pages;
}
