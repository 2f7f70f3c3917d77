/** The HTML document that loads web/: it fetches nothing, and runs only scripts that carry the nonce of this load. */
export interface PageOptions {
  /** Random for each load, at least 128 bits. */
  nonce: string;
  /** URLs of the main script, the grammars script and the style sheet. */
  script: string;
  grammars: string;
  style: string;
  /** The CSP source for styles and fonts. */
  source: string;
}

export function renderPageHtml({ nonce, script, grammars, style, source }: PageOptions): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${source}`,
    `font-src ${source}`,
    // Images come from the server as data; no URL is ever fetched.
    "img-src data:",
    "connect-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width">
<title>Tutti</title>
<link rel="stylesheet" href="${style}">
</head>
<body>
<div id="root"></div>
<script nonce="${nonce}" src="${script}" data-grammars="${grammars}"></script>
</body>
</html>
`;
}
