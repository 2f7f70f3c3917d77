/** Setups in the shape of PAI, for Claude Code and for OpenCode, of the size that people have. All texts are our own. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const CATEGORIES = ["Thinking", "Research", "Security", "Media", "Utilities", "Agents"];

export const AGENT_NAMES = [
  "Algorithm",
  "Architect",
  "Artist",
  "BrowserAgent",
  "ClaudeResearcher",
  "CodexResearcher",
  "DeepResearcher",
  "Designer",
  "Engineer",
  "GeminiResearcher",
  "GrokResearcher",
  "Intern",
  "Pentester",
  "PerplexityResearcher",
  "QATester",
  "UIReviewer",
  "Writer",
] as const;

const MODELS = ["zai/glm-4.7", "moonshotai/kimi-k2.5", "anthropic/claude-sonnet-4-5"] as const;

type Write = (name: string, text: string) => void;

export const writerFor =
  (root: string): Write =>
  (name, text) => {
    const path = join(root, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { mode: name.endsWith(".ts") || name.endsWith(".cjs") ? 0o755 : 0o644 });
  };

const skill = (name: string, description: string, more = ""): string =>
  `---\nname: ${name}\ndescription: ${description}\n${more}---\n# ${name}\n\nRead \`Workflows/Start.md\` first.\n`;

/** 52 skills, up to three levels deep; one has a description longer than 1,024 characters, six run in a subagent. */
export function writeSkills(write: Write, nameFolder: (name: string) => string = (name) => name): string[] {
  const names: string[] = [];
  const add = (folder: string, name: string, description: string, more = ""): void => {
    names.push(name);
    write(`skills/${folder}/SKILL.md`, skill(name, description, more));
  };
  for (const category of CATEGORIES)
    add(
      nameFolder(category),
      category,
      `Routes to the skills of ${category}. USE WHEN ${category.toLowerCase()}: anything`,
    );
  for (let index = 1; index <= 43; index++) {
    const category = CATEGORIES[index % CATEGORIES.length] ?? "";
    const name = `Skill${index}`;
    const depth = index % 3;
    const folder = depth === 0 ? name : depth === 1 ? `${category}/${name}` : `${category}/Group${index % 5}/${name}`;
    const more = index % 8 === 0 ? "context: fork\n" : index % 9 === 0 ? "triggers: [one, two]\nversion: 1.2\n" : "";
    add(nameFolder(folder), name, `Does the work number ${index}. USE WHEN work ${index}, or "${name}".`, more);
  }
  add(
    nameFolder("Thinking/FirstPrinciples"),
    "FirstPrinciples",
    "Breaks a problem down. USE WHEN first principles, assumptions.",
  );
  write(
    `skills/${nameFolder("Thinking/FirstPrinciples")}/Workflows/Decompose.md`,
    "List the assumptions, then drop each.\n",
  );
  add(nameFolder("Long"), "LongOne", `USE WHEN ${"a very long list of reasons, ".repeat(60)}the end`);
  add(nameFolder("_PRIVATE"), "_PRIVATE", "Only mine. USE WHEN private.");
  return names;
}

const claudeAgent = (name: string, model: string): string =>
  `---
name: ${name}
description: ${name} works on its own subject. Use it for that.
model: ${model}
color: "#22AA88"
voiceId: v-${name}
voice:
  stability: 0.5
  similarity_boost: 0.8
persona:
  name: "Ada"
  title: "The ${name}"
  background: "Years of it: many."
permissions:
  allow:
    - "Bash"
    - "Read(*)"
    - "WebFetch(domain:*)"
    - "mcp__*"
---
# ${name}

Before anything else: curl -s -X POST http://localhost:8888/notify
You are ${name}.
`;

/** `settings.json` has hooks, variables, permissions and 27 keys that only PAI knows. */
export function writeClaudeTree(root: string, hooks: Record<string, string>): string[] {
  const write = writerFor(join(root, ".claude"));
  const skills = writeSkills(write);
  for (const [index, name] of AGENT_NAMES.entries())
    write(`agents/${name}.md`, claudeAgent(name, ["opus", "sonnet", "haiku", "inherit"][index % 4] ?? ""));
  const unknown = Object.fromEntries(
    Array.from({ length: 27 }, (_, index) => [
      `pai_key_${index}`,
      index % 2 === 0 ? { nested: [index] } : `text ${index}`,
    ]),
  );
  const settings = {
    ...unknown,
    env: { PAI_DIR: "$" + "{HOME}/.claude", DA: "Ada" },
    permissions: {
      allow: ["Bash", "Read(*)", "mcp__*"],
      deny: ["Read(~/.ssh/id_*)"],
      ask: ["Bash(git push:*)"],
      defaultMode: "default",
    },
    hooks: Object.fromEntries(
      Object.keys(hooks).map((event) => {
        const command = `$${"{PAI_DIR}"}/hooks/${event}.hook.cjs`;
        const matcher = event === "PreToolUse" ? { matcher: "Bash" } : {};
        return [event, [{ ...matcher, hooks: [{ type: "command", command, timeout: 20 }] }]];
      }),
    ),
    statusLine: { type: "command", command: "echo status" },
  };
  for (const [event, script] of Object.entries(hooks)) write(`hooks/${event}.hook.cjs`, script);
  write("settings.json", JSON.stringify(settings, null, 2));
  write("CLAUDE.md", "# Identity\n\nCall me Ada.\n\n@PAI/Core.md\n");
  write("PAI/Core.md", "The core says: observe, think, plan.\n");
  write("MEMORY/STATE/progress.json", "{}");
  return skills;
}

/** `v1.3` has a model and models of tiers for each agent, `v3` only a model. 16 agents in `opencode.json`, two of them without a file. */
export function writeOpencodeTree(root: string, version: "v1.3" | "v3"): { skills: string[]; config: string } {
  const write = writerFor(root);
  const skills = writeSkills(write, (folder) => (version === "v3" ? folder : folder.toLowerCase()));
  const configured = AGENT_NAMES.filter((name) => name !== "UIReviewer");
  const withFile = configured.filter((name) => name !== "Intern" && name !== "Writer");
  for (const name of withFile) write(`agents/${name}.md`, claudeAgent(name, "sonnet"));
  const agent = Object.fromEntries(
    configured.map((name, index) => {
      const model = MODELS[index % 3];
      const model_tiers = {
        quick: { model: MODELS[0] },
        standard: { model: MODELS[1], variant: "high" },
        advanced: { model: MODELS[2] },
      };
      return [name, { model, ...(version === "v1.3" && name !== "Algorithm" && { model_tiers }) }];
    }),
  );
  const config = join(root, "opencode.json");
  const text = `{\n  // Kept as it is.\n  "$schema": "https://opencode.ai/config.json",\n  "model": "${MODELS[1]}",\n  "theme": "dark",\n  "snapshot": true,\n  "agent": ${JSON.stringify(agent, null, 2)},\n}\n`;
  writeFileSync(config, text);
  write("profiles/local.yaml", "agents: {Engineer: {model: zai/glm-4.7}}\n");
  write("settings.json", JSON.stringify({ daidentity: { name: "Ada" }, principal: {} }));
  return { skills, config: readFileSync(config, "utf8") };
}
