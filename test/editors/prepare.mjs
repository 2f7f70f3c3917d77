// Installs the editors for the tests of this folder: Debian's own with apt if possible, newer ones into a separate folder.
// Installs only what is missing. TUTTI_EDITORS_DIR sets the folder (default: ~/.cache/tutti-editors).
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const folder = process.env.TUTTI_EDITORS_DIR ?? join(homedir(), ".cache", "tutti-editors");
const newer = join(folder, "forky");
const programs = { nvim: "neovim", emacs: "emacs-nox", tmux: "tmux", debootstrap: "debootstrap" };
const run = (program, ...words) => execFileSync(program, words, { stdio: ["ignore", "ignore", "inherit"] });
const succeeds = (line) => spawnSync("sh", ["-c", line]).status === 0;
const has = (program) => succeeds(`command -v ${program}`);
const isRoot = process.getuid?.() === 0;

const missing = Object.entries(programs).flatMap(([program, name]) => (has(program) ? [] : [name]));
if (!succeeds("ls -d /usr/share/emacs/site-lisp/elpa/eglot-*")) missing.push("elpa-eglot");
if (missing.length > 0) {
  if (!isRoot || !has("apt-get")) fail(`Install these packages first: ${missing.join(" ")}`);
  run("apt-get", "update", "-qq");
  run("apt-get", "install", "-y", "-qq", ...missing);
}
if (!existsSync(join(newer, "usr", "bin", "hx"))) {
  if (!isRoot) fail("Run as root to unpack Neovim and Helix of a newer Debian.");
  const part = `${newer}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  const script = "/usr/share/debootstrap/scripts/sid";
  run("debootstrap", "--variant=minbase", "--include=neovim,hx", "forky", part, mirror(), script);
  rmSync(newer, { recursive: true, force: true });
  renameSync(part, newer);
}
process.stdout.write(`editors are in ${folder}\n`);

/** This machine's Debian mirror. */
function mirror() {
  const places = execFileSync("apt-get", ["indextargets", "--format", "$(REPO_URI)"], { encoding: "utf8" });
  return places.split("\n").find((place) => /\/debian\/?$/.test(place)) ?? fail("apt has no Debian mirror configured.");
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
