// What the built program is made of, read off the bundles themselves: a CycloneDX bill of materials, and the licenses that go along.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** `build`, noting the packages of which something is in a bundle: their folders, as the lock file names them. */
export function noting(build, folders) {
  return async (options) => {
    const result = await build({ ...options, metafile: true });
    for (const { inputs } of Object.values(result.metafile.outputs))
      for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
        const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
        if (folder !== undefined && bytesInOutput > 0) folders.add(folder);
      }
    return result;
  };
}

/** Has no date and no number of its own: the same bundles give the same bill. */
export function billOf(folders, { root, lock }) {
  const packages = packagesIn(folders, lock);
  const refs = new Map(packages.map(({ folder, ref }) => [folder, ref]));
  const ref = `${root.name}@${root.version}`;
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    version: 1,
    metadata: {
      component: {
        "bom-ref": ref,
        type: "application",
        ...{ name: root.name, version: root.version, description: root.description },
        licenses: licensesOf(root.license),
      },
    },
    components: packages.map(({ name, version, license, integrity, ref }) => ({
      "bom-ref": ref,
      type: "library",
      ...{ name, version, scope: "required" },
      hashes: [{ alg: "SHA-512", content: hexOf(integrity) }],
      licenses: licensesOf(license),
      purl: `pkg:npm/${name.replace("@", "%40")}@${version}`,
    })),
    dependencies: [
      { ref, dependsOn: Object.keys(root.devDependencies).flatMap((name) => refs.get(`node_modules/${name}`) ?? []) },
      ...packages.map(({ folder, ref, dependencies }) => ({
        ref,
        dependsOn: Object.keys(dependencies).flatMap((name) => refs.get(nearest(lock, folder, name)) ?? []),
      })),
    ],
  };
}

/** The texts that these packages ask to be handed on with them. */
export function licensesText(folders, { lock }) {
  const texts = packagesIn(folders, lock).map(({ folder, ref, license }) => {
    const files = readdirSync(folder).filter((name) => /^(licen[cs]e|copying|notice)/i.test(name));
    const said = files.toSorted().map((name) => readFileSync(join(folder, name), "utf8").trim());
    return [`${ref} (${license})`, ...said].join("\n\n");
  });
  return `The built program holds these packages.\n\n${texts.join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}

function packagesIn(folders, lock) {
  return [...folders].toSorted().map((folder) => {
    const name = folder.slice(folder.lastIndexOf("node_modules/") + "node_modules/".length);
    const { version, license, integrity, dependencies = {} } = lock.packages[folder];
    if (license === undefined) throw new Error(`${folder} does not say under which license it is.`);
    return { folder, name, version, license, integrity, dependencies, ref: `${name}@${version}` };
  });
}

/** Which copy a package gets where it asks for `name`: the one in itself, or in what holds it. */
function nearest(lock, folder, name) {
  for (let at = folder; at !== ""; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
    const here = `${at}/node_modules/${name}`;
    if (here in lock.packages) return here;
  }
  return `node_modules/${name}`;
}

const licensesOf = (license) =>
  / (AND|OR|WITH) /.test(license) ? [{ expression: license }] : [{ license: { id: license } }];
const hexOf = (integrity) => Buffer.from(integrity.replace("sha512-", ""), "base64").toString("hex");
