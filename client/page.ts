/** The document that the page of web/ stands in: nothing is fetched, nothing runs but the scripts that carry this load's nonce. */
export interface PageParts {
  /** Fresh for each load, 128 bits at least. */
  nonce: string;
  /** Addresses of the script, of the one with the grammars, and of the styles. */
  script: string;
  grammars: string;
  style: string;
  /** Where styles and fonts may come from. */
  source: string;
}

export function pageHtml({ nonce, script, grammars, style, source }: PageParts): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${source}`,
    `font-src ${source}`,
    // Pictures that the session keeps, handed over by the server: no address is ever asked.
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
