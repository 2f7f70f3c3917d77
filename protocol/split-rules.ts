/** `Read, Bash(git log:*) Edit` as its parts: separators in parentheses, nested ones too, belong to a part. */
export function splitRules(text: string): string[] {
  const parts: string[] = [];
  let [part, depth] = ["", 0];
  for (const character of text) {
    if (depth === 0 && /[\s,]/.test(character)) {
      parts.push(part);
      part = "";
      continue;
    }
    if (character === "(") depth += 1;
    if (character === ")") depth = Math.max(0, depth - 1);
    part += character;
  }
  return [...parts, part.trim()].filter((one) => one !== "");
}
