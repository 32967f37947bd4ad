/** Fails when src/api/generated is not what the OpenAPI document gives now. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';

const committed = 'src/api/generated';
// Inside the project, so that prettier finds the same settings for the fresh copy.
const fresh = mkdtempSync(join('src', 'api', 'fresh-'));

const filesOf = (root) =>
  Object.fromEntries(
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [relative(root, path), readFileSync(path, 'utf8')]),
  );

try {
  const env = { ...process.env, QMAN_GENERATED: fresh };
  execFileSync('npx', ['openapi-ts'], { env, stdio: 'pipe' });
  execFileSync('npx', ['prettier', '--log-level', 'warn', '--write', fresh], { env, stdio: 'pipe' });
  const before = filesOf(committed);
  const after = filesOf(fresh);
  const stale = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => before[name] !== after[name]);
  if (stale.length > 0) {
    console.error(`The generated client is stale (${stale.sort().join(', ')}): run npm run generate`);
    process.exitCode = 1;
  } else {
    console.log(`The generated client is fresh: ${Object.keys(after).length} files`);
  }
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
