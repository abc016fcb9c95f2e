/** The other port: what the analysis asks about files before, and instead of, asking the compiler about them. */

/** One module that a file imports, as far as its text tells. */
export interface TextImport {
  readonly specifier: string;
  /** What is taken from it, as it is called there. */
  readonly names: readonly string[] | "all";
  /** The project's own files that it may be, as absolute paths. */
  readonly files: readonly string[];
  /** It is one of the packages, hands one on, or may be anything. */
  readonly threads: boolean;
}

/**
 * Answers from texts alone, open editors before the disk. In doubt they say more than there is.
 *
 * `packages` are the packages, and the project's own files by path, whose import makes a file worth looking at.
 */
export interface Texts {
  /** Whether the file imports a package of `packages`, directly or through the project's own files. */
  relevant(file: string, packages: ReadonlySet<string>): Promise<boolean>;
  imports(file: string, packages: ReadonlySet<string>): readonly TextImport[];
  /** Undefined where there is no such file. */
  text(file: string): string | undefined;
}
