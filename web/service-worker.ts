/** Keeps the files of the page, so that the installed page opens while the server does not run. It never sees data of sessions. */
interface WorkerEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface FetchEvent extends WorkerEvent {
  request: Request;
  respondWith(response: Promise<Response>): void;
}

/** Defined by the build: the paths of all files, and a name that changes with them. */
declare const SHELL_FILES: readonly string[];
declare const SHELL_NAME: string;

addEventListener("install", (event) =>
  (event as WorkerEvent).waitUntil(caches.open(SHELL_NAME).then((cache) => cache.addAll([...SHELL_FILES]))),
);

addEventListener("activate", (event) =>
  (event as WorkerEvent).waitUntil(
    caches.keys().then((names) => Promise.all(names.map((name) => name !== SHELL_NAME && caches.delete(name)))),
  ),
);

addEventListener("fetch", (event) => {
  const { request, respondWith } = event as FetchEvent;
  const { origin, pathname, search } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin || search !== "" || !SHELL_FILES.includes(pathname))
    return;
  respondWith.call(
    event,
    fetch(request).catch(async () => (await caches.match(pathname)) ?? Response.error()),
  );
});
