// Minify and bundle what package-lock.json pinned, then write the files with their sums. Run by bin/vendor.
import { build } from "esbuild"
import { createHash } from "node:crypto"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"

const root = process.argv[2]
const RUNTIME = "helpdesk/static/vendor", TESTS = "tests/ui/vendor"
const FILES = [
  { file: `${RUNTIME}/turbo.js`, from: "node_modules/@hotwired/turbo/dist/turbo.es2017-esm.js", packages: ["@hotwired/turbo"] },
  { file: `${RUNTIME}/stimulus.js`, from: "node_modules/@hotwired/stimulus/dist/stimulus.js", packages: ["@hotwired/stimulus"] },
  { file: `${RUNTIME}/socket.io.js`, from: "node_modules/socket.io-client/build/esm/index.js", packages: ["socket.io-client"] },
  { file: `${RUNTIME}/editor.js`, from: "editor.js", packages: [
    "@tiptap/core", "@tiptap/extension-image", "@tiptap/extensions", "@tiptap/pm", "@tiptap/starter-kit"] },
  { file: `${TESTS}/axe.js`, from: "node_modules/axe-core/axe.min.js", packages: ["axe-core"], copy: true },
]

const about = name => {
  const { version, license } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8"))
  return { name, version, licence: license }
}
const banner = packages => `/*! ${packages.map(p => `${p.name} ${p.version} (${p.licence})`).join(", ")} */`

const manifests = { [RUNTIME]: [], [TESTS]: [] }
for (const { file, from, packages, copy } of FILES) {
  const parts = packages.map(about)
  const target = join(root, file)
  const folder = file.slice(0, file.lastIndexOf("/"))
  mkdirSync(join(root, folder), { recursive: true })
  if (copy) writeFileSync(target, readFileSync(from))
  else await build({
    entryPoints: [from], outfile: target, bundle: true, minify: true, format: "esm", target: "es2022",
    conditions: ["browser", "production"], legalComments: "none", banner: { js: banner(parts) },
  })
  const sha256 = createHash("sha256").update(readFileSync(target)).digest("hex")
  manifests[folder].push({ file: file.slice(folder.length + 1), sha256, packages: parts })
}
for (const [folder, files] of Object.entries(manifests))
  writeFileSync(join(root, folder, "MANIFEST.json"), JSON.stringify({ files }, null, 2) + "\n")
