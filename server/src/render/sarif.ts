/**
 * `--format sarif`: SARIF 2.1.0, as code-scanning services read it
 * (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html). Lines and columns start at 1, columns count UTF-16
 * code units.
 */
import { pathToFileURL } from "node:url";
import type * as sarif from "sarif";
import type { Diagnostic, Fix, Location, Severity } from "../analysis/diagnostic.js";
import { locator } from "./json.js";
import type { Range } from "./lines.js";
import type { Report, ReportContext, RuleDescription } from "./report.js";

export interface SarifOptions extends ReportContext {
  readonly rules: readonly RuleDescription[];
  readonly version: string;
  /** Rules that threw, and whatever else the run could not do; they do not make the results invalid. */
  readonly notifications: readonly string[];
}

const levels: Readonly<Record<Severity, sarif.Result.level>> = {
  error: "error",
  warning: "warning",
  info: "note",
  hint: "note",
};

const base = "SRCROOT";

export function sarifReport(report: Report, options: SarifOptions): sarif.Log {
  const located = locator(options);
  const physical = (location: Location): sarif.PhysicalLocation => {
    const { file, range } = located(location);
    return { artifactLocation: artifact(file), region: region(range) };
  };
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: driver(options) },
        columnKind: "utf16CodeUnits",
        originalUriBaseIds: { [base]: { uri: `${pathToFileURL(options.cwd).href.replace(/\/$/, "")}/` } },
        invocations: [
          {
            executionSuccessful: true,
            toolExecutionNotifications: options.notifications.map((text) => ({ level: "warning", message: { text } })),
          },
        ],
        results: report.diagnostics.map((diagnostic) => result(diagnostic, options.rules, physical)),
      },
    ],
  };
}

function driver(options: SarifOptions): sarif.ToolComponent {
  return {
    name: "fearless-threads",
    semanticVersion: options.version,
    rules: options.rules.map((rule) => ({
      id: rule.name,
      shortDescription: { text: rule.summary },
      fullDescription: { text: rule.summary },
      help: { text: `See ${rule.url}`, markdown: rule.page },
      helpUri: rule.url,
      defaultConfiguration: { level: levels[rule.severity] },
      ...(rule.rust === undefined ? {} : { properties: { rust: rule.rust } }),
    })),
  };
}

type Physical = (location: Location) => sarif.PhysicalLocation;

function result(diagnostic: Diagnostic, rules: readonly RuleDescription[], physical: Physical): sarif.Result {
  const index = rules.findIndex((rule) => rule.name === diagnostic.rule);
  const text = [diagnostic.message, ...diagnostic.notes, ...diagnostic.help].join("\n");
  const fixes = diagnostic.fixes.filter((fix) => fix.edits.length > 0);
  return {
    ruleId: diagnostic.rule,
    ...(index < 0 ? {} : { ruleIndex: index }),
    level: levels[diagnostic.severity],
    message: { text },
    locations: [
      {
        physicalLocation: physical(diagnostic.location),
        ...(diagnostic.label === "" ? {} : { message: { text: diagnostic.label } }),
      },
    ],
    ...(diagnostic.related.length === 0
      ? {}
      : {
          relatedLocations: diagnostic.related.map((label, id) => ({
            id,
            physicalLocation: physical(label),
            message: { text: label.message },
          })),
        }),
    ...(fixes.length === 0 ? {} : { fixes: fixes.map((fix) => sarifFix(fix, physical)) }),
  };
}

function sarifFix(fix: Fix, physical: Physical): sarif.Fix {
  const files = [...new Set(fix.edits.map((edit) => edit.file))];
  return {
    description: { text: fix.title },
    artifactChanges: files.map((file) => {
      const edits = fix.edits.filter((edit) => edit.file === file);
      const replacements = edits.map((edit): sarif.Replacement => {
        const { region: deletedRegion = { startLine: 1, startColumn: 1 } } = physical(edit);
        return { deletedRegion, insertedContent: { text: edit.newText } };
      });
      const first = edits[0];
      return { artifactLocation: (first && physical(first).artifactLocation) ?? artifact(file), replacements };
    }),
  };
}

/** A relative path is below the working folder; anything else is a URI of its own. */
function artifact(file: string): sarif.ArtifactLocation {
  if (/^([a-zA-Z]:|\/)/.test(file)) return { uri: pathToFileURL(file).href };
  return { uri: file.split("/").map(encodeURIComponent).join("/"), uriBaseId: base };
}

function region(range: Range): sarif.Region {
  return {
    startLine: range.start.line + 1,
    startColumn: range.start.character + 1,
    endLine: range.end.line + 1,
    endColumn: range.end.character + 1,
  };
}
