/** What the pages in a browser share: a message in place of the page, and room for the keyboard of a phone. */

export function showMessage(root: Element, title: string, text: string): void {
  const [main, heading, paragraph] = (["main", "h1", "p"] as const).map((name) => document.createElement(name));
  if (!main || !heading || !paragraph) return;
  main.className = "message";
  heading.textContent = title;
  paragraph.textContent = text;
  main.append(heading, paragraph);
  root.replaceChildren(main);
}

/** Keeps the prompt above the keyboard of a phone, which covers the page instead of resizing it. */
export function followKeyboard(): void {
  const viewport = visualViewport;
  if (!viewport) return;
  const follow = (): void => {
    document.documentElement.style.setProperty("--visible-height", `${viewport.height}px`);
    scrollTo(0, 0);
  };
  viewport.addEventListener("resize", follow);
  // A browser that scrolls to the focused field moves the page, which must stay where it is.
  viewport.addEventListener("scroll", follow);
  follow();
}
