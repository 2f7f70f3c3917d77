// Makes Node look too old to run Tutti. Its child processes see the real version.
delete process.env.NODE_OPTIONS;
Object.defineProperty(process.versions, "node", { value: "20.20.2" });
