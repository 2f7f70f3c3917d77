/** Finds an installed browser of the Chromium family: its app mode shows a page in a window of its own. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const programs = [
  "google-chrome-stable",
  "google-chrome",
  "chromium",
  "chromium-browser",
  "microsoft-edge-stable",
  "microsoft-edge",
  "brave-browser",
  "brave",
  "vivaldi-stable",
  "vivaldi",
];

const macApplications = ["Google Chrome", "Chromium", "Microsoft Edge", "Brave Browser", "Vivaldi"];

const windowsPrograms = [
  String.raw`Google\Chrome\Application\chrome.exe`,
  String.raw`Chromium\Application\chrome.exe`,
  String.raw`Microsoft\Edge\Application\msedge.exe`,
  String.raw`BraveSoftware\Brave-Browser\Application\brave.exe`,
  String.raw`Vivaldi\Application\vivaldi.exe`,
];

/** Its absolute path; null if there is none. */
export function findAppBrowser(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string | null {
  return listCandidates(env, platform).find(isProgram) ?? null;
}

export function listCandidates(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string[] {
  if (platform === "darwin") {
    const folders = ["/Applications", join(env.HOME ?? "", "Applications")];
    return folders.flatMap((folder) =>
      macApplications.map((name) => join(folder, `${name}.app/Contents/MacOS/${name}`)),
    );
  }
  if (platform === "win32") {
    const folders = [env.PROGRAMFILES, env["PROGRAMFILES(X86)"], env.LOCALAPPDATA].filter((one) => one !== undefined);
    return folders.flatMap((folder) => windowsPrograms.map((path) => `${folder}\\${path}`));
  }
  // A relative folder in PATH would be one of the project.
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => folder.startsWith("/"));
  return programs.flatMap((name) => folders.map((folder) => join(folder, name)));
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
