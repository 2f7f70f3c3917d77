// Packs dist/extension as dist/tutti.vsix, and installs what that needs where it is not there yet.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { prepare } from "./prepare.mjs";

const tools = dirname(fileURLToPath(import.meta.url));
const root = join(tools, "../..");
prepare();
if (!existsSync(join(root, "dist/extension")))
  execFileSync(process.execPath, ["esbuild.mjs"], { cwd: root, stdio: "inherit" });
execFileSync(
  process.execPath,
  [
    join(tools, "node_modules/@vscode/vsce/vsce"),
    ...["package", "--no-dependencies", "--skip-license", "--allow-missing-repository"],
    ...["--out", join(root, "dist/tutti.vsix")],
  ],
  { cwd: join(root, "dist/extension"), stdio: "inherit" },
);
