/** Where the ripgrep that ships with Tutti lies. */
import { createRequire } from "node:module";
import { isAbsolute } from "node:path";

/**
 * An absolute path: the one that is given, as by an editor that has its own; where there is none and the package of this platform was
 * left out, the plain name, so that one on the PATH serves.
 */
export function findRipgrep(given?: string): string {
  if (given !== undefined && isAbsolute(given)) return given;
  // Bundled as CommonJS there is no import.meta.url, but a __filename.
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
