/** Reads the skills that files define: of each file only the frontmatter is kept. Loaded only if there are any. */
import { basename, dirname } from "node:path";
import type { DefinitionProblem } from "./agent.ts";
import { type DefinitionFile, listDefinitionFiles } from "./definition-files.ts";
import type { LoadInput } from "./load-input.ts";
import type { SkillFields } from "./parse-command.ts";
import type { Skill } from "./skill.ts";

interface IndexedSkill {
  /** Null if the file could not be read. */
  fields: SkillFields | null;
  problems: { line: number; text: string }[];
}

export async function loadSkills(input: LoadInput): Promise<{ skills: Skill[]; problems: DefinitionProblem[] }> {
  const problems: DefinitionProblem[] = [];
  const skills: Skill[] = [];
  for (const file of listDefinitionFiles("skill", input)) {
    if (file.item && !input.isTrusted(file.item)) continue;
    const { path, owner } = file;
    const read = await input.index.read(`skill ${path}`, file.signature, () => parseFile(file));
    problems.push(...read.problems.map((problem) => ({ path, ...problem })));
    if (read.fields === null) continue;
    const folder = dirname(path);
    const { name = basename(folder), ...fields } = read.fields;
    skills.push({ name, ...fields, folder, source: { kind: owner, path }, read: () => readBody(file) });
  }
  return { skills, problems };
}

async function parseFile(file: DefinitionFile): Promise<IndexedSkill> {
  const read = file.read();
  if ("problem" in read) return { fields: null, problems: [{ line: 1, text: read.problem }] };
  const [{ parseFrontmatter }, { parseSkill }] = await Promise.all([
    import("./frontmatter.ts"),
    import("./parse-command.ts"),
  ]);
  const parsed = parseFrontmatter(read.text);
  const { fields, problems } = parseSkill(parsed);
  const found = [...parsed.problems, ...problems.map(({ key, text }) => ({ line: parsed.lines[key] ?? 1, text }))];
  if (parsed.body === "") found.push({ line: 1, text: "The skill has no text." });
  return { fields, problems: found };
}

async function readBody(file: DefinitionFile): Promise<string> {
  const read = file.read();
  if ("problem" in read) throw new Error(`${file.path}: ${read.problem}`);
  const { parseFrontmatter } = await import("./frontmatter.ts");
  return parseFrontmatter(read.text).body;
}
