/** Reads the commands that files and configuration define. Loaded only if there are any. */
import type { DefinitionProblem } from "./agent.ts";
import { type DefinitionFile, listDefinitionFiles } from "./definition-files.ts";
import { hasOpencodeFiles } from "./list-opencode-files.ts";
import type { LoadInput } from "./load-input.ts";
import type { CommandFields } from "./parse-command.ts";
import type { Command } from "./skill.ts";

interface IndexedCommand {
  /** Null for a file that defines no command. */
  fields: (CommandFields & { template: string }) | null;
  problems: { line: number; text: string }[];
}

export async function loadCommands(input: LoadInput): Promise<{ commands: Command[]; problems: DefinitionProblem[] }> {
  const problems: DefinitionProblem[] = [];
  const configured = await readConfigured(input, problems);
  const files: Command[] = [];
  for (const file of listDefinitionFiles("command", input)) {
    if (file.item && !input.isTrusted(file.item)) continue;
    const { path, owner } = file;
    const read = await input.index.read(`command ${path}`, file.signature, () => parseFile(file));
    problems.push(...read.problems.map((problem) => ({ path, ...problem })));
    const name = file.relative.replace(/\.md$/i, "").replaceAll("/", ":");
    if (read.fields) files.push({ name, ...read.fields, source: { kind: owner, path } });
  }
  const isOwn = ({ source }: Command): boolean => source.kind === "user";
  const all = [...configured, ...files];
  return { commands: [...all.filter(isOwn), ...all.filter((command) => !isOwn(command))], problems };
}

async function readConfigured(input: LoadInput, problems: DefinitionProblem[]): Promise<Command[]> {
  if (!hasOpencodeFiles(input)) return [];
  const [{ readOpencodeEntries }, { parseCommand }] = await Promise.all([
    import("./opencode-files.ts"),
    import("./parse-command.ts"),
  ]);
  const entries = readOpencodeEntries("command", input);
  problems.push(...entries.problems);
  return entries.entries.flatMap(({ owner, path, name, line, value, item }): Command[] => {
    if (item && !input.isTrusted(item)) return [];
    const hint = value["argument-hint"];
    const written: Record<string, string> = typeof hint === "string" ? { "argument-hint": hint } : {};
    const { fields, problems: found } = parseCommand({ data: { ...value }, written });
    problems.push(...found.map(({ text }) => ({ path, line, text: `command.${name}: ${text}` })));
    if (typeof value.template === "string")
      return [{ name, ...fields, template: value.template, source: { kind: owner, path } }];
    problems.push({ path, line, text: `command.${name} has no template; it is ignored.` });
    return [];
  });
}

async function parseFile(file: DefinitionFile): Promise<IndexedCommand> {
  const read = file.read();
  if ("problem" in read) return { fields: null, problems: [{ line: 1, text: read.problem }] };
  const [{ parseFrontmatter }, { parseCommand }] = await Promise.all([
    import("./frontmatter.ts"),
    import("./parse-command.ts"),
  ]);
  const parsed = parseFrontmatter(read.text);
  if (Object.keys(parsed.data).length === 0 && /(^|\/)readme\.md$/i.test(file.relative))
    return { fields: null, problems: [] };
  const { fields, problems } = parseCommand(parsed);
  const found = [...parsed.problems, ...problems.map(({ key, text }) => ({ line: parsed.lines[key] ?? 1, text }))];
  if (parsed.body === "") found.push({ line: 1, text: "The command has no text; it is ignored." });
  const description = fields.description || firstLineOf(parsed.body);
  return { fields: parsed.body === "" ? null : { ...fields, description, template: parsed.body }, problems: found };
}

/** Claude Code describes a command by its first line, too. */
const firstLineOf = (text: string): string => (text.split("\n")[0] ?? "").replace(/^#+\s*/, "").slice(0, 120);
