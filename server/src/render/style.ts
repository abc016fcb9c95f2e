/** Which colour means what in the terminal. */
import pc from "picocolors";
import type { Severity } from "../analysis/diagnostic.js";

type Paint = (text: string) => string;

export interface Style {
  readonly headline: Paint;
  readonly gutter: Paint;
  readonly secondary: Paint;
  readonly strong: Paint;
  readonly faint: Paint;
  readonly added: Paint;
  readonly removed: Paint;
  readonly replaced: Paint;
  severity(severity: Severity): Paint;
}

/** `colors: false` gives plain text. */
export function styleOf(options: { readonly colors: boolean }): Style {
  const colors = pc.createColors(options.colors);
  const bold =
    (paint: Paint): Paint =>
    (text) =>
      colors.bold(paint(text));
  const severities: Readonly<Record<Severity, Paint>> = {
    error: bold(colors.red),
    warning: bold(colors.yellow),
    info: bold(colors.cyan),
    hint: bold(colors.cyan),
  };
  return {
    headline: colors.bold,
    gutter: bold(colors.blue),
    secondary: bold(colors.blue),
    strong: colors.bold,
    faint: colors.dim,
    added: colors.green,
    removed: colors.red,
    replaced: colors.yellow,
    severity: (severity) => severities[severity],
  };
}
