/** Finds the ripgrep that ships with Tutti. */
import { createRequire } from "node:module";
import { isAbsolute } from "node:path";

/**
 * An absolute path: the configured one, for example of an editor, or the bundled one. If the package of this platform is not installed,
 * the plain name, to use ripgrep from the PATH.
 */
export function findRipgrep(configured?: string): string {
  if (configured !== undefined && isAbsolute(configured)) return configured;
  // Bundled as CommonJS there is __filename instead of import.meta.url.
  const require = createRequire(typeof __filename === "string" ? __filename : import.meta.url);
  const binary = process.platform === "win32" ? "rg.exe" : "rg";
  try {
    return createRequire(require.resolve("@vscode/ripgrep")).resolve(
      `@vscode/ripgrep-${process.platform}-${process.arch}/bin/${binary}`,
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "MODULE_NOT_FOUND") return binary;
    throw error;
  }
}

/** Finds it when it is first needed, since not every run needs it. */
export function locateRipgrep(configured?: string): () => string {
  let found: string | null = null;
  return () => {
    found ??= findRipgrep(configured);
    return found;
  };
}
