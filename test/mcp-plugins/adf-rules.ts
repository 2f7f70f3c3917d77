/** The rules by which Jira rejects a document in the Atlassian Document Format. */

interface Node {
  type: string;
  version?: number;
  text?: unknown;
  attrs?: Record<string, unknown>;
  marks?: { type: string; attrs?: { href?: string } }[];
  content?: Node[];
}

const inline = ["text", "hardBreak"];
const itemContent = ["paragraph", "bulletList", "orderedList", "codeBlock"];
/** The allowed children of each node. */
const within: Record<string, string[]> = {
  doc: ["paragraph", "heading", "bulletList", "orderedList", "codeBlock", "blockquote", "rule", "table"],
  paragraph: inline,
  heading: inline,
  bulletList: ["listItem"],
  orderedList: ["listItem"],
  listItem: itemContent,
  blockquote: itemContent,
  codeBlock: ["text"],
  table: ["tableRow"],
  tableRow: ["tableHeader", "tableCell"],
  tableHeader: ["paragraph"],
  tableCell: ["paragraph"],
};
const needsContent = [
  "bulletList",
  "orderedList",
  "listItem",
  "blockquote",
  "table",
  "tableRow",
  "tableHeader",
  "tableCell",
];

/** The error of a document, or null. */
export function checkDocument(document: unknown): string | null {
  const root = document as Node;
  if (root?.type !== "doc" || root.version !== 1) return "not a document of version 1";
  return checkNode(root);
}

function checkNode(node: Node): string | null {
  const known = ["type", "version", "text", "attrs", "marks", "content"];
  const unknown = Object.keys(node).filter((key) => !known.includes(key));
  if (unknown.length > 0) return `unknown ${unknown.join()}`;
  if (node.type === "text") return checkText(node);
  if (node.marks) return `${node.type} with marks`;
  if (node.type === "heading" && !(Number(node.attrs?.level) >= 1 && Number(node.attrs?.level) <= 6))
    return "heading without level";
  const allowed = within[node.type] ?? [];
  const content = node.content ?? [];
  if (needsContent.includes(node.type) && content.length === 0) return `${node.type} is empty`;
  if (node.type === "listItem" && content[0]?.type !== "paragraph") return "listItem does not begin with a paragraph";
  for (const child of content) {
    if (!allowed.includes(child.type)) return `${child.type} in ${node.type}`;
    if (node.type === "codeBlock" && child.marks) return "marks in codeBlock";
    const wrong = checkNode(child);
    if (wrong !== null) return wrong;
  }
  return null;
}

function checkText({ text, marks = [] }: Node): string | null {
  if (typeof text !== "string" || text === "") return "empty text";
  const types = marks.map(({ type }) => type);
  if (types.some((type) => !["strong", "em", "strike", "code", "link"].includes(type))) return `marks ${types.join()}`;
  if (types.includes("code") && types.some((type) => type !== "code" && type !== "link"))
    return "code with other marks";
  return marks.some(({ type, attrs }) => type === "link" && !URL.canParse(attrs?.href ?? ""))
    ? "link without address"
    : null;
}
