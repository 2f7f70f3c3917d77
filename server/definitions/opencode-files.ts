/** Reads OpenCode's configuration files: agents and commands in `opencode.json`, with comments allowed. */
import { dirname, resolve } from "node:path";
import { findNodeAtLocation, getNodeValue, type Node, type ParseError, parseTree } from "jsonc-parser";
import { checkJsonLimits } from "../config/json-limits.ts";
import { listProjectFolders } from "../config/load.ts";
import { createItem, hashContent } from "../config/project-items.ts";
import { readSmallFile } from "../config/small-file.ts";
import type { ProjectItem } from "../config/trust-items.ts";
import { resolveRealPath } from "../workspace/real-path.ts";
import { isWithin } from "../workspace/within.ts";
import type { DefinitionProblem } from "./agent.ts";
import type { DefinitionFilesInput } from "./definition-files.ts";
import { listOpencodeFiles } from "./list-opencode-files.ts";

export interface OpencodeEntry {
  owner: "user" | "project";
  path: string;
  name: string;
  line: number;
  value: Readonly<Record<string, unknown>>;
  /** Of a project's file: what the user trusts. */
  item?: ProjectItem;
}

export type OpencodeSection = "agent" | "command";

/** The entries of a section in all of OpenCode's files, lowest priority first. */
export function readOpencodeEntries(
  section: OpencodeSection,
  input: DefinitionFilesInput,
): { entries: OpencodeEntry[]; problems: DefinitionProblem[] } {
  const { own, inProject } = listOpencodeFiles(input);
  const boundary = listProjectFolders(input.root)[0] ?? input.root;
  const problems: DefinitionProblem[] = [];
  const read = (path: string, owner: OpencodeEntry["owner"], within: string | null): OpencodeEntry[] => {
    const file = readOpencodeFile(path);
    problems.push(...file.problems);
    return readSection(file, section).map(({ name, line, value }) => {
      const { value: filled, files } = fillFiles(value, dirname(path), input.home, within);
      const setting = { path: [`${section}s`, name], kind: section, value, runs: relaxes(value) };
      return {
        owner,
        path,
        name,
        line,
        value: filled,
        ...(within !== null && { item: createItem(setting, path, files) }),
      };
    });
  };
  return {
    entries: [
      ...own.flatMap((path) => read(path, "user", null)),
      ...inProject.flatMap((path) => read(path, "project", boundary)),
    ],
    problems,
  };
}

interface OpencodeFile {
  path: string;
  text: string;
  tree: Node | undefined;
  problems: DefinitionProblem[];
}

function readOpencodeFile(path: string): OpencodeFile {
  const read = readSmallFile(path) ?? { text: "" };
  const failed = (text: string, line = 1): OpencodeFile => ({
    path,
    text: "",
    tree: undefined,
    problems: [{ path, line, text }],
  });
  if ("problem" in read) return failed(read.problem);
  const text = read.text.replace(/^\ufeff/, "");
  const limit = checkJsonLimits(text);
  if (limit !== null) return failed(limit.message, lineAt(text, limit.offset));
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  const problems = errors.slice(0, 1).map(({ offset }) => ({
    path,
    line: lineAt(text, offset),
    text: "This is not valid JSON; what follows may be misread.",
  }));
  return { path, text, tree, problems };
}

const lineAt = (text: string, offset: number): number => text.slice(0, offset).split("\n").length;

function readSection({ tree, text }: OpencodeFile, section: OpencodeSection) {
  const node = tree && findNodeAtLocation(tree, [section]);
  return (node?.type === "object" ? (node.children ?? []) : []).flatMap(({ children: [key, value] = [] }) =>
    key && value?.type === "object"
      ? [
          {
            name: String(key.value),
            line: lineAt(text, key.offset),
            value: getNodeValue(value) as Record<string, unknown>,
          },
        ]
      : [],
  );
}

const FILE = /\{file:([^}]+)\}/g;

/** Fills `{file:PATH}` in the prompt. In a project, only with files in it. */
function fillFiles(
  value: Readonly<Record<string, unknown>>,
  folder: string,
  home: string,
  within: string | null,
): { value: Readonly<Record<string, unknown>>; files: [string, string][] } {
  const files: [string, string][] = [];
  const fill = (text: string): string =>
    text.replaceAll(FILE, (whole, name: string) => {
      const path = resolve(folder, name.trim().replace(/^~(?=[/\\])/, home));
      if (within !== null && !isWithin(resolveRealPath(path), within)) return whole;
      const read = readSmallFile(path);
      if (read === null || "problem" in read) return whole;
      files.push([path, hashContent(read.text)]);
      return read.text.trim();
    });
  const filled = Object.entries(value).map(([key, inner]) => [
    key,
    (key === "prompt" || key === "template") && typeof inner === "string" ? fill(inner) : inner,
  ]);
  return { value: Object.fromEntries(filled), files };
}

const relaxes = (value: object): boolean =>
  ["permission", "tools", "mode", "template"].some((key) => Object.hasOwn(value, key));
